/**
 * Visits that count as decided. Some showrooms report purchases only: of those who leave without one they
 * say nothing, and these seem to be inside until their session ends. If we counted only reported visits,
 * every visitor would look like a buyer. If we counted silent visitors as still shopping, they would block
 * the line for ever.
 *
 * The rule: a visit that has lasted twice as long as the reported ones did on average counts as decided,
 * without a purchase (docs/decisions/0015-decided-visits.md).
 */
import type { House } from '../house/house.ts'
import { seatSlotSeconds } from '../house/slots.ts'
import { DECIDED_MEANS, TOLD_VISITS_MIN } from '../limits.ts'
import type { RoomConfig } from '../room/config.ts'

/** How many visits count as decided, without those whose end was reported. */
export interface DecidedVisits {
  /** Of the people inside. */
  readonly inside: number
  /** Those, and the sessions that ended by their time. */
  readonly all: number
}

const NOBODY: DecidedVisits = { inside: 0, all: 0 }

/** Nobody where nothing is counted that could be bought, or fewer than `TOLD_VISITS_MIN` ends were reported. */
export function decidedVisits(
  { stock, sessionSeconds }: Pick<RoomConfig, 'stock' | 'sessionSeconds'>,
  house: House,
  nowMs: number,
): DecidedVisits {
  const reported = house.bought + house.left
  if (stock === null || reported < TOLD_VISITS_MIN) return NOBODY
  const slotSeconds = seatSlotSeconds(sessionSeconds)
  // A session ends half a slot before the end of its slot, on average.
  const wholeSeconds = sessionSeconds + slotSeconds / 2
  const meanSeconds = Math.max(1, wholeSeconds - house.unspentSeconds / reported)
  let inside = 0
  for (const [slot, people] of house.seats) {
    const ageSeconds = nowMs / 1000 - (slot - wholeSeconds)
    if (ageSeconds >= DECIDED_MEANS * meanSeconds) inside += Math.max(0, people)
  }
  return { inside, all: inside + house.over }
}
