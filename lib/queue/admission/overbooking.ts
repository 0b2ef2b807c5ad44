/**
 * Overbooking: some of the people let in never come, and others come late, yet as many are to enter as the
 * rate says. At each batch the entries made and expected are compared with what they were at the last one, and
 * the difference goes into this batch. So a wrong guess is made up for within the seconds in which people come
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
 * Entries made and expected as of now; null while nobody can say. Some people are always on their way from
 * their turn to the door. They do not count as expected: else entries would fall behind the rate whenever
 * people get slower.
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
  // Until now people were let in as if all of them came. From now on more are let in, and so more are on their way.
  const onTheWay =
    before === null
      ? Math.min(most, due / showUp)
      : mean(before.onTheWay, Math.min(most, due), nowMs - before.atMs)
  const people = cameOf(house) + due - onTheWay + letIn * showUp
  return { atMs: nowMs, people: inThousandths(people), onTheWay: inThousandths(onTheWay), showUp }
}

/**
 * A rate has as many people on their way as it lets in during one walk (Little, Operations Research 9, 1961).
 * More than that were let in at once, by hand or by capacity, and are on their way only this time.
 */
function onTheWayMost(ratePerMinute: number, { walkInSeconds }: Forecast): number {
  if (walkInSeconds === 0) return Number.POSITIVE_INFINITY
  return (ON_THE_WAY_MARGIN * ratePerMinute * walkInSeconds) / 60
}

/**
 * How many more people (negative: fewer) have come or are expected than at the last batch. At the first one it
 * is compared with the people who have come.
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
 * How long nobody stood in the main line before the batch that is due now. The rate owed nobody anything in
 * that time, so the people who came by the late lane meanwhile are not taken off the next batch.
 */
export function idleBeforeBatchMs({ config, state }: RoomNow): number {
  const { booking, nextBatchAtMs } = state
  if (booking === null || nextBatchAtMs === null) return 0
  return Math.max(0, nextBatchAtMs - booking.atMs - config.batchSeconds * 1000)
}

/** The people who came out of a line, whether they walked in or met a full house; without the open way's. */
function cameOf(house: House): number {
  return house.entered - house.openWay + heldOf(house)
}

/** The booking with so many more places let in: their people count as expected from now on. */
export function withLetIn(booking: Booking | null, places: number): Booking | null {
  if (booking === null) return null
  return { ...booking, people: inThousandths(booking.people + places * booking.showUp) }
}

/** The booking to compare with; null after a long silence, for then nothing was owed. */
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
