/**
 * The policies of admission. Capacity and stock limit how many more places may be let in now: each answers with
 * an `Allowance`, and the smaller one counts (`let-in.ts`). Rate, plan and health say how fast (`batches.ts`). A
 * pause lets nobody in: that is a phase of the room.
 */

import { type House, insideOf } from '../house/house.ts'
import { BATCH_SECONDS, BOOKING_MARGIN, PACE_WINDOW_MS } from '../limits.ts'
import { type RoomConfig, rateAt } from '../room/config.ts'
import type { Policy, RoomNow, RoomState } from '../room/state.ts'
import { decidedVisits } from '../stock/decided-visits.ts'
import { hopefulMax } from '../stock/stock.ts'
import type { Forecast } from './forecast.ts'
import { healthShare } from './health.ts'

/** How many places a policy leaves; infinite where it does not limit them. */
export interface Allowance {
  readonly policy: Policy
  readonly places: number
}

/**
 * Places by the free seats of `capacity`. Until show-up is measured there is a place for each free seat, less the
 * people let in who have not come: so all of them find a seat even if everybody comes. Afterwards there are more
 * places, because some people never come, and because others leave while these walk in.
 */
export function placesByCapacity(
  room: RoomNow,
  house: House,
  forecast: Forecast,
  nowMs: number,
): Allowance {
  const { config, state } = room
  if (config.capacity === null) return { policy: 'capacity', places: Number.POSITIVE_INFINITY }
  const free = config.capacity - insideOf(house)
  const { expected, late, showUp, showUpMost, walkInSeconds } = forecast
  if (showUp === null) return { policy: 'capacity', places: Math.max(0, free - expected) }
  // While the people expected walk in, others leave.
  const leaving = leavingPerSecond(state, house, nowMs) * walkInSeconds
  // Both numbers are subject to chance, so some seats stay reserved for more people than expected. Counting on
  // people who leave adds to that chance; where it would give fewer places than the free seats alone, we do not.
  const seatsWith = (left: number) =>
    free + left - expected - late - BOOKING_MARGIN * Math.sqrt(expected + left)
  const people = Math.max(seatsWith(0), seatsWith(leaving))
  return { policy: 'capacity', places: Math.max(0, Math.floor(people / showUpMost)) }
}

/** How many leave a second, as it was over the last minute; 0 while that is not known. */
function leavingPerSecond({ pace }: RoomState, house: House, nowMs: number): number {
  const [first] = pace
  if (first?.gone === undefined) return 0
  const spanMs = nowMs - first.atMs
  if (spanMs < PACE_WINDOW_MS / 2) return 0
  return Math.max(0, ((house.gone - first.gone) * 1000) / spanMs)
}

/** Places by the stock: how many people may hope to buy something, less those who are inside or expected and hope already. */
export function placesByStock(
  room: RoomNow,
  house: House,
  forecast: Forecast,
  nowMs: number,
): Allowance {
  const { inside: decidedInside } = decidedVisits(room.config, house, nowMs)
  const hopeful = insideOf(house) - decidedInside + forecast.expectedSoon
  const places = Math.floor((hopefulMax(room) - hopeful) / (forecast.showUp ?? 1))
  return { policy: 'stock', places: Math.max(0, places) }
}

/** The smaller answer; the first of two equal ones. */
export function smallest(one: Allowance, other: Allowance): Allowance {
  return other.places < one.places ? other : one
}

/** People who may enter in a minute, at a time: the rate of the plan, slowed by health. */
export function effectiveRate({ config, state }: RoomNow, atMs: number): number {
  return rateAt(config, atMs) * healthShare(state)
}

/** The policy to name when the rate is what keeps people out. */
export function ratePolicy({ config, state }: RoomNow, atMs: number): Policy {
  if (healthShare(state) < 1) return 'health'
  return config.ratePlan.some(({ at }) => Date.parse(at) <= atMs) ? 'plan' : 'rate'
}

/** Places let in a minute: more than the people who are to enter, because some never come. */
export function frontRate({ config, state }: RoomNow, atMs: number): number {
  return effectiveRate({ config, state }, atMs) / (state.booking?.showUp ?? 1)
}

/** Places of one batch, overbooked: so many people may come at once. */
export function batchBurst({ config, state }: RoomNow, ratePerMinute: number): number {
  return Math.ceil(batchPlaces(config, ratePerMinute) / (state.booking?.showUp ?? 1))
}

/** People of one batch: at least one. */
export function batchPlaces(config: RoomConfig, ratePerMinute: number): number {
  const seconds = Math.min(BATCH_SECONDS.max, config.batchSeconds)
  return Math.max(1, Math.ceil((ratePerMinute * seconds) / 60))
}
