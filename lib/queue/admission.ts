/** Admission: what the policies leave goes to the lines, and moves their fronts. */
import { arrivalsOf, type Counts, withArrivals } from './arrivals.ts'
import { type Budget, withBatches } from './batches.ts'
import { bookingNow, quietMsOf, surpriseOf, withLetIn } from './booking.ts'
import { type Forecast, forecastOf } from './forecast.ts'
import type { House } from './house.ts'
import { phaseOf } from './phase.ts'
import {
  type Allowance,
  effectiveRate,
  hopesLeft,
  ratePolicy,
  seatsLeft,
  smallest,
} from './policies.ts'
import type { RoomConfig } from './room-config.ts'
import { shareOf, sharesOf } from './shares.ts'
import { linesOf, MAIN_LINE, type RoomState, withLine } from './state.ts'

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
