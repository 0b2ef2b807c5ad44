/**
 * How the rate is kept though some of those let in never come, and others come late: what the rate
 * owes is held against the entries made and expected, and the difference goes into the next batch. So
 * a wrong guess mends itself within the seconds in which people come
 * (docs/decisions/0009-pace-and-show-up.md).
 */
import { isLongSilence } from './batches.ts'
import type { Forecast } from './forecast.ts'
import { type House, heldOf } from './house.ts'
import { ON_THE_WAY_MS } from './limits.ts'
import type { RoomConfig } from './room-config.ts'
import type { RoomState } from './state.ts'

export type Booking = NonNullable<RoomState['booking']>

/** What a tick knows, and has let in so far. */
interface LetIn {
  readonly forecast: Forecast
  readonly let: number
}

/**
 * Entries made and expected as of now; null while nobody can say. As many are always on their way
 * from their turn to the door as the pace of entries asks for, and they are owed nobody: without
 * that the entries would stay behind the rate for as long as people get slower.
 */
export function bookingNow(
  state: RoomState,
  config: RoomConfig,
  house: House,
  { forecast, let: letIn }: LetIn,
  nowMs: number,
): Booking | null {
  const { likely } = forecast
  if (likely === null) return null
  const before = runningBooking(state, config, nowMs)
  const { showUp, due } = likely
  // Until now people were let in as if all of them came: soon so many more will be on their way.
  const onTheWay = before === null ? due / showUp : mean(before.onTheWay, due, nowMs - before.atMs)
  const people = house.entered + due + heldOf(house) - onTheWay + letIn * showUp
  return { atMs: nowMs, people: inThousandths(people), onTheWay: inThousandths(onTheWay), showUp }
}

/**
 * How many more (or, negative, fewer) are booked than were when the last batch was let in; at first,
 * than have come.
 */
export function surpriseOf(
  state: RoomState,
  config: RoomConfig,
  house: House,
  booking: Booking | null,
  nowMs: number,
): number {
  if (booking === null) return 0
  const before = runningBooking(state, config, nowMs)
  return booking.people - (before?.people ?? house.entered + heldOf(house))
}

/** With so many places more. */
export function withLetIn(booking: Booking | null, places: number): Booking | null {
  if (booking === null) return null
  return { ...booking, people: inThousandths(booking.people + places * booking.showUp) }
}

/** While no batch was due nothing was owed: what happened meanwhile is held against nobody. */
function runningBooking({ booking }: RoomState, config: RoomConfig, nowMs: number): Booking | null {
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
