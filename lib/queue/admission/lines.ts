/** Admission: what the policies leave goes to the lines, and moves their fronts. */
import { arrivalsOf, type Counts, withArrivals } from '../cohort/arrivals.ts'
import type { House } from '../house/house.ts'
import { FORMER_GROUP_SHARE } from '../limits.ts'
import type { RoomConfig } from '../room/config.ts'
import type { Line } from '../room/line.ts'
import { lineOf, linesOf, MAIN_LINE, withLine } from '../room/lines.ts'
import { phaseOf } from '../room/phase.ts'
import type { RoomState } from '../room/state.ts'
import { type Budget, withBatches } from './batches.ts'
import { type Forecast, forecastOf } from './forecast.ts'
import { bookingNow, quietMsOf, surpriseOf, withLetIn } from './overbooking.ts'
import {
  type Allowance,
  effectiveRate,
  hopesLeft,
  ratePolicy,
  seatsLeft,
  smallest,
} from './policies.ts'

/** Each line takes its closed cohort, and is let in by its share of what the policies leave. */
export function withAdmissions(
  state: RoomState,
  config: RoomConfig,
  counts: Counts,
  opens: boolean,
  nowMs: number,
): RoomState {
  let next = state
  const { house } = counts
  const forecast = forecastOf(state, config, house, nowMs)
  const seats = smallest(
    seatsLeft(config, state, house, forecast, nowMs),
    hopesLeft(config, state, house, forecast, nowMs),
  )
  const admission: Admission = {
    forecast,
    places: seats.places,
    policy: seats.policy,
    let: 0,
  }
  // Batches that are due by now belong to those who have been in line.
  if (linesOf(next).some(({ name }) => arrivalsOf(counts, name)?.closed !== undefined)) {
    next = admitted(next, config, house, admission, nowMs)
  }
  for (const { name, line } of linesOf(next)) {
    const arrivals = arrivalsOf(counts, name)
    if (arrivals === undefined) continue
    next = withLine(next, name, withArrivals(next, line, config, arrivals, opens, nowMs))
  }
  if (next.openedAtMs === null) return next
  return admitted(next, config, house, admission, nowMs)
}

/** What this tick has left to give, and has given. */
interface Admission {
  readonly forecast: Forecast
  readonly policy: Allowance['policy']
  places: number
  let: number
}

/** Groups first: their share is theirs; what they leave is everybody's. */
function admitted(
  state: RoomState,
  config: RoomConfig,
  house: House,
  admission: Admission,
  nowMs: number,
): RoomState {
  if (phaseOf({ config, state }, nowMs) !== 'open') return state
  // Only what was let in in this very tick is expected besides.
  const booking = bookingNow(state, config, house, admission, nowMs)
  const shares = sharesOf(state, config)
  const letBefore = admission.let
  let next = state
  let isDue = false
  for (const { name, line } of linesOf(state).reverse()) {
    const isMain = name === MAIN_LINE
    const share = shares.get(name) ?? 0
    const budget: Budget = {
      ratePerMinute: atMs => effectiveRate(config, state, atMs) * share,
      ratePolicy: ratePolicy(config, state, nowMs),
      allowance: {
        policy: admission.policy,
        places: isMain ? admission.places : shareOf(admission.places, share),
      },
      showUp: booking?.showUp ?? 1,
      surprise: isMain ? surpriseOf(state, config, house, booking, nowMs) : 0,
      quietMs: isMain ? quietMsOf(state, config) : 0,
      manual: isMain ? next.manual : 0,
    }
    const given = withBatches(line, config, budget, nowMs)
    admission.places -= given.byRate + given.byHand
    admission.let += given.byRate + given.byHand
    next = withLine(next, name, given.line)
    if (given.byHand > 0) next = { ...next, manual: next.manual - given.byHand }
    if (!isMain || given.binding === undefined) continue
    isDue = true
    if (given.binding !== next.binding) next = { ...next, binding: given.binding }
  }
  const letNow = admission.let - letBefore
  // Its people are those before this call: what it let in comes on top.
  if (isDue) return { ...next, booking: withLetIn(booking, letNow) }
  // By hand, or in a group's line, between two batches of the main one.
  return letNow === 0 ? next : { ...next, booking: withLetIn(state.booking, letNow) }
}

/** The share of the rate that each line has: groups with people in line take theirs. */
export function sharesOf(state: RoomState, config: RoomConfig): Map<string, number> {
  const shares = new Map<string, number>()
  const isWaiting = (line: Line) => line.tail > line.front
  let taken = 0
  for (const { name, sharePercent } of config.groups) {
    const line = lineOf(state, name)
    if (line === undefined || !isWaiting(line)) continue
    shares.set(name, sharePercent / 100)
    taken += sharePercent / 100
  }
  // Who was in the line of a group that was taken away since walks in all the same.
  for (const { name, line } of linesOf(state)) {
    const isKnown = name === MAIN_LINE || config.groups.some(group => group.name === name)
    if (isKnown || !isWaiting(line)) continue
    const share = (1 - taken) * FORMER_GROUP_SHARE
    shares.set(name, share)
    taken += share
  }
  // With nobody in the main line the groups share all of it.
  if (!isWaiting(state) && taken > 0) {
    for (const [name, share] of shares) shares.set(name, share / taken)
  }
  return shares.set(MAIN_LINE, Math.max(0, 1 - taken))
}

/** Part of the places that are left, at least one of them; no limit stays none. */
export function shareOf(places: number, share: number): number {
  return Number.isFinite(places) ? Math.ceil(places * share) : places
}
