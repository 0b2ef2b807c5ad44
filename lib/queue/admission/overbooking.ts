/**
 * How the rate is kept though some of those let in never come, and others come late: what the rate
 * owes is held against the entries made and expected, and the difference goes into the next batch. So
 * a wrong guess mends itself within the seconds in which people come
 * (docs/decisions/0009-pace-and-show-up.md).
 */

import { type House, heldOf } from '../house/house.ts'
import { ON_THE_WAY_MARGIN, ON_THE_WAY_MS } from '../limits.ts'
import { isLongSilence } from '../room/opening.ts'
import type { RoomNow, RoomState } from '../room/state.ts'
import type { Forecast } from './forecast.ts'

export type Booking = NonNullable<RoomState['booking']>

/** What a tick knows of those let in before it. */
interface Known {
  readonly house: House
  readonly forecast: Forecast
  readonly ratePerMinute: number
  readonly nowMs: number
}

/**
 * Entries made and expected as of now; null while nobody can say. As many are always on their way
 * from their turn to the door as the pace of entries asks for, and they are owed nobody: without
 * that the entries would stay behind the rate for as long as people get slower.
 * @param letIn how many places this very tick has let in already.
 */
export function bookingNow(
  room: RoomNow,
  { house, forecast, ratePerMinute, nowMs }: Known,
  letIn: number,
): Booking | null {
  const { earlyGuess } = forecast
  if (earlyGuess === null) return null
  const before = runningBooking(room, nowMs)
  const { showUp, due } = earlyGuess
  const most = onTheWayMost(ratePerMinute, forecast)
  // Until now people were let in as if all of them came: soon so many more will be on their way.
  const onTheWay =
    before === null
      ? Math.min(most, due / showUp)
      : mean(before.onTheWay, Math.min(most, due), nowMs - before.atMs)
  const people = cameOf(house) + due - onTheWay + letIn * showUp
  return { atMs: nowMs, people: inThousandths(people), onTheWay: inThousandths(onTheWay), showUp }
}

/**
 * A rate has so many on their way as it lets in while one of them walks in (Little, Operations Research
 * 9, 1961). More were let in at once, by hand or by capacity: they are on their way once, not always.
 */
function onTheWayMost(ratePerMinute: number, { walkInSeconds }: Forecast): number {
  if (walkInSeconds === 0) return Number.POSITIVE_INFINITY
  return (ON_THE_WAY_MARGIN * ratePerMinute * walkInSeconds) / 60
}

/**
 * How many more (or, negative, fewer) are booked than were when the last batch was let in; at first,
 * than have come.
 */
export function entriesAboveForecast(
  room: RoomNow,
  house: House,
  booking: Booking | null,
  nowMs: number,
): number {
  if (booking === null) return 0
  const before = runningBooking(room, nowMs)
  return booking.people - (before?.people ?? cameOf(house))
}

/**
 * How long nobody stood in the main line before the batch that is due now. Whoever came meanwhile,
 * by the late lane, came in time that was owed nobody.
 */
export function idleBeforeBatchMs({ config, state }: RoomNow): number {
  const { booking, nextBatchAtMs } = state
  if (booking === null || nextBatchAtMs === null) return 0
  return Math.max(0, nextBatchAtMs - booking.atMs - config.batchSeconds * 1000)
}

/** Who came by a line, to walk in or to meet a full house. The open way's people are owed by no line. */
function cameOf(house: House): number {
  return house.entered - house.through + heldOf(house)
}

/** With so many places more, which surprise nobody when their people come. */
export function withLetIn(booking: Booking | null, places: number): Booking | null {
  if (booking === null) return null
  return { ...booking, people: inThousandths(booking.people + places * booking.showUp) }
}

/** While no batch was due nothing was owed: what happened meanwhile is held against nobody. */
function runningBooking({ config, state }: RoomNow, nowMs: number): Booking | null {
  const { booking } = state
  if (booking === null) return null
  return isLongSilence(booking.atMs + config.batchSeconds * 1000, nowMs) ? null : booking
}

/** The exponential mean: after `ON_THE_WAY_MS` two thirds of it are new. */
function mean(before: number, now: number, elapsedMs: number): number {
  return now + (before - now) * Math.exp(-Math.max(0, elapsedMs) / ON_THE_WAY_MS)
}

function inThousandths(people: number): number {
  return Math.round(people * 1000) / 1000
}
