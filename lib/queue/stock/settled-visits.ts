/**
 * Visits that are as good as decided. Who bought is told at once; of those who leave without, a showroom
 * may tell nothing, and they seem to be inside until their sessions are over. To go by what is told
 * alone would take everybody for a buyer, and everybody who sits on for somebody who may buy yet. So
 * it is measured how long visits take of which it is told, and a visit that has lasted longer counts
 * as decided, more and more.
 *
 * This is a mixture cure model (Boag, J. R. Statist. Soc. B 11, 1949): of a share of all visits the end is
 * told, after a time that is exponentially distributed, and of the others never. Share and time are the
 * likeliest for what was seen, by expectation and maximisation (Dempster, Laird, Rubin, 1977). While
 * it is nearly as likely that all ends are told, only later, nobody counts as decided.
 */
import type { House } from '../house/house.ts'
import { seatSlotSeconds } from '../house/slots.ts'
import { TOLD_VISITS_MIN, VISITS_STEPS_MAX } from '../limits.ts'
import type { RoomConfig } from '../room/config.ts'

/** How many visits are as good as decided, without those of which it was told. */
export interface Settled {
  /** Of the people inside. */
  readonly inside: number
  /** Those, and of the sessions that are over. */
  readonly all: number
}

const NOBODY: Settled = { inside: 0, all: 0 }
/** Not 1, from where no step leads away: all is told. */
const SHARE_FIRST = 0.99
/** A step that moves the share by less is the last. */
const SHARE_STEP_MIN = 1e-6
/** By so much, as a logarithm, it must be likelier: chance alone reaches it once in a thousand times. */
const EVIDENCE_MIN = 5

/** Nobody where nothing is counted that could be bought. */
export function settledVisits(
  { stock, sessionSeconds }: Pick<RoomConfig, 'stock' | 'sessionSeconds'>,
  house: House,
  nowMs: number,
): Settled {
  const told = house.bought + house.left
  if (stock === null || told < TOLD_VISITS_MIN) return NOBODY
  const inside = ageGroups(house, sessionSeconds, nowMs)
  const over = { count: house.over, ageSeconds: sessionSeconds }
  // a session ends half a slot before the end of its slot, on average
  const wholeSeconds = sessionSeconds + seatSlotSeconds(sessionSeconds) / 2
  const toldSeconds = Math.max(1, wholeSeconds - house.unspentSeconds / told)
  const visits: Visits = { told, toldSeconds, untold: [...inside, over] }
  const model = likeliest(visits)
  if (!isEvident(visits, model)) return NOBODY
  const settled = (groups: readonly AgeGroup[]) =>
    groups.reduce((sum, { count, ageSeconds }) => sum + count * (1 - hope(ageSeconds, model)), 0)
  return { inside: Math.floor(settled(inside)), all: Math.floor(settled(visits.untold)) }
}

interface AgeGroup {
  readonly count: number
  readonly ageSeconds: number
}

interface Visits {
  /** Those whose end was told, and how long they took on average. */
  readonly told: number
  readonly toldSeconds: number
  readonly untold: readonly AgeGroup[]
}

interface Model {
  /** Of how many of all visits the end is told, 0 .. 1, and after how long on average. */
  readonly share: number
  readonly meanSeconds: number
}

/** The people inside by how long they have been there. */
function ageGroups(house: House, sessionSeconds: number, nowMs: number): AgeGroup[] {
  const slotSeconds = seatSlotSeconds(sessionSeconds)
  return [...house.seats].map(([slot, count]) => {
    const age = nowMs / 1000 - (slot - slotSeconds / 2 - sessionSeconds)
    return { count: Math.max(0, count), ageSeconds: Math.min(sessionSeconds, Math.max(0, age)) }
  })
}

/** How likely it still is, beside what it was at first, that the end of a visit of this age is told. */
function hope(ageSeconds: number, { share, meanSeconds }: Model): number {
  const waits = Math.exp(-ageSeconds / meanSeconds)
  return waits / (1 - share + share * waits)
}

function likeliest({ told, toldSeconds, untold }: Visits): Model {
  const people = untold.reduce((sum, { count }) => sum + count, told)
  let model: Model = { share: SHARE_FIRST, meanSeconds: toldSeconds }
  for (let step = 0; step < VISITS_STEPS_MAX; step++) {
    let [ends, seconds] = [told, told * toldSeconds]
    for (const { count, ageSeconds } of untold) {
      const toCome = count * model.share * hope(ageSeconds, model)
      ends += toCome
      seconds += toCome * (ageSeconds + model.meanSeconds)
    }
    const moved = Math.abs(ends / people - model.share)
    model = { share: ends / people, meanSeconds: seconds / ends }
    if (moved < SHARE_STEP_MIN) break
  }
  return model
}

/** Is that so much likelier than that all ends are told, after the time of all visits by the ends in it? */
function isEvident({ told, toldSeconds, untold }: Visits, { share, meanSeconds }: Model): boolean {
  let allSeconds = told * toldSeconds
  let logLikelihood = told * (Math.log(share / meanSeconds) - toldSeconds / meanSeconds)
  for (const { count, ageSeconds } of untold) {
    allSeconds += count * ageSeconds
    logLikelihood += count * Math.log(1 - share + share * Math.exp(-ageSeconds / meanSeconds))
  }
  return logLikelihood + told * (Math.log(allSeconds / told) + 1) >= EVIDENCE_MIN
}
