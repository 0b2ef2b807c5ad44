/** What a tick orders of the house: how far entries may go, and for whom. */
import { type House, type HouseOrders, insideOf } from '../house/house.ts'
import { turnSlot } from '../house/slots.ts'
import {
  CLOCK_SKEW_SECONDS,
  HOLD_BUCKET_SECONDS,
  HOLD_SECONDS_MAX,
  LATE_BURST_SECONDS,
  LATE_SHARE,
  OPEN_WAY_BURST_SECONDS,
} from '../limits.ts'
import { linesOf } from '../room/lines.ts'
import type { Phase } from '../room/phase.ts'
import type { RoomNow, RoomState } from '../room/state.ts'
import { decidedVisits } from '../stock/decided-visits.ts'
import type { Forecast } from './forecast.ts'
import { paceLimit } from './pace.ts'
import { batchBurst, batchPlaces } from './policies.ts'

/** What a tick computes once, after it has let people in. The orders, the late lane and the sleep are decided by it. */
export interface Reading {
  readonly phase: Phase
  /** People who may enter in a minute, by plan and health. */
  readonly ratePerMinute: number
  /** Who is still to come, those let in by this tick included. */
  readonly forecast: Forecast
  /** Entries stop at this many. */
  readonly limit: number
}

/** Entries stop at this many, by the pace of the last minute and by the capacity. */
export function limitOf(
  room: RoomNow,
  house: House,
  { phase, ratePerMinute }: Pick<Reading, 'phase' | 'ratePerMinute'>,
  nowMs: number,
): number {
  const { config, state } = room
  if (state.openedAtMs === null) return house.limit
  // While the room is not open (paused, sold out, closed) the rate allows no further entries.
  const rate = phase === 'open' ? ratePerMinute : 0
  const facts = { entered: house.entered, ratePerMinute: rate, burst: batchBurst(room, rate) }
  const byPace = paceLimit(state.pace, facts, nowMs)
  if (config.capacity === null) return byPace
  return Math.min(byPace, house.gone + config.capacity)
}

/** The orders of a tick; undefined when the house is as it should be. */
export function houseOrders(
  room: RoomNow,
  house: House,
  reading: Reading,
  nowMs: number,
): HouseOrders | undefined {
  const { state } = room
  const { limit } = reading
  const orders: HouseOrders = {
    epoch: state.epoch,
    limit,
    reserved: reservedSeats(room, house, reading),
    lateSeats: state.lateSeats,
    expired: [...house.seats.keys()].filter(slot => nowMs >= (slot + CLOCK_SKEW_SECONDS) * 1000),
    forgotten: forgottenTurns(room, house, nowMs),
    lapsed: [...house.held.keys()].filter(
      slot => nowMs >= (slot + HOLD_BUCKET_SECONDS + HOLD_SECONDS_MAX) * 1000,
    ),
  }
  const { expired, forgotten, lapsed, reserved } = orders
  const isNews = expired.length + forgotten.length + lapsed.length > 0
  const isSame =
    limit === house.limit && reserved === house.reserved && orders.lateSeats === house.lateSeats
  return isNews || !isSame ? orders : undefined
}

/** Notes in the state what the status says of the house: the late lane's seats, and how many people may still buy. */
export function withHouse(room: RoomNow, house: House, reading: Reading, nowMs: number): RoomState {
  const { config, state } = room
  // By a clock that stepped back nothing is noted. While the room is not open the late lane gets no new seats.
  const isBack = nowMs < (state.pace.at(-1)?.atMs ?? nowMs)
  if (isBack || reading.phase !== 'open') return state
  const lateSeats = lateSeatsOf(room, house, reading, nowMs)
  const { inside: decidedInside, all: settled } = decidedVisits(config, house, nowMs)
  const hopeful = config.stock === null ? 0 : insideOf(house) - decidedInside + neededSeats(reading)
  const isSame =
    lateSeats === state.lateSeats && hopeful === state.hopeful && settled === state.settled
  return isSame ? state : { ...state, lateSeats, hopeful, settled }
}

function freeSeats(house: House, { limit }: Reading): number {
  return Math.max(0, limit - house.entered)
}

/** Seats that people are expected to take, by a turn or from hold. */
function neededSeats({ forecast }: Reading): number {
  return Math.ceil(forecast.expected)
}

/** Free seats that are reserved for people who are expected. In mode `auto`: all but a burst for the open way, which the rate refills. */
function reservedSeats({ config }: RoomNow, house: House, reading: Reading): number {
  const needed = neededSeats(reading)
  if (config.mode !== 'auto') return needed
  const { ratePerMinute } = reading
  const perSecond = ratePerMinute / 60
  const most = batchPlaces(config, ratePerMinute) + Math.ceil(perSecond * OPEN_WAY_BURST_SECONDS)
  const left = Math.max(0, house.limit - house.entered - house.reserved)
  const refilled = Math.min(most, left + Math.max(1, Math.ceil(perSecond)))
  return Math.max(needed, freeSeats(house, reading) - refilled)
}

/**
 * Seats for missed turns. While people wait: a tenth of the rate (`LATE_SHARE`). Otherwise: every free seat that
 * nobody is expected to take.
 */
function lateSeatsOf({ state }: RoomNow, house: House, reading: Reading, nowMs: number): number {
  const spare = freeSeats(house, reading) - neededSeats(reading)
  // Before a turn is over nobody is late.
  const isAnybodyLate = linesOf(state).some(({ line }) => line.batchesFrom > 0)
  if (!isAnybodyLate || spare <= 0) return 0
  const isWaiting = linesOf(state).some(({ line }) => line.tail > line.front)
  if (!isWaiting) return spare
  // A minute's share first: (360 / 60) * 0.1 * 5 is a little more than 3 seats, and rounded up is 4.
  const share = (reading.ratePerMinute * LATE_SHARE) / 60
  // One tick seldom earns a whole seat. A seat is earned in the second in which the sum since 1970 grows by one.
  const earned = Math.floor((nowMs / 1000) * share) - Math.floor((nowMs / 1000 - 1) * share)
  const most = Math.max(1, Math.ceil(share * LATE_BURST_SECONDS))
  return Math.min(spare, most, house.lateSeats + earned)
}

/** Turn slots whose batches are all forgotten, and that no later batch can fall into. */
function forgottenTurns({ config, state }: RoomNow, house: House, nowMs: number): number[] {
  const batches = linesOf(state).flatMap(({ line }) => line.batches.map(batch => batch.atMs))
  const oldest = turnSlot(Math.min(nowMs, ...batches), config.turnSeconds)
  return [...house.byTurn.keys()].filter(slot => slot < oldest)
}
