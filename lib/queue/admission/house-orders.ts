/** What a tick orders of the house: how far entries may go, and for whom. */

import { type House, type HouseOrders, insideOf } from '../house/house.ts'
import { turnSlot } from '../house/slots.ts'
import {
  CLOCK_SKEW_SECONDS,
  HOLD_BUCKET_SECONDS,
  HOLD_SECONDS_MAX,
  LATE_BURST_SECONDS,
  PACE_SPACING_SECONDS_MAX,
  THROUGH_BURST_SECONDS,
} from '../limits.ts'
import type { RoomConfig } from '../room/config.ts'
import { linesOf } from '../room/lines.ts'
import { phaseOf } from '../room/phase.ts'
import type { RoomState } from '../room/state.ts'
import { settledVisits } from '../stock/settled-visits.ts'
import { forecastOf } from './forecast.ts'
import { paced, paceLimit } from './pace.ts'
import { batchBurst, batchPlaces, effectiveRate } from './policies.ts'

/** Entries stop at this many, by the pace of the last minute and by the capacity. */
export function limitOf(state: RoomState, config: RoomConfig, house: House, nowMs: number): number {
  const rate = paceRate(state, config, nowMs)
  const burst = batchBurst(config, state, rate)
  const byPace = paceLimit(state.pace, house.entered, rate, burst, nowMs)
  if (config.capacity === null) return byPace
  return Math.min(byPace, house.gone + config.capacity)
}

/**
 * Notes a point of the pace where it says anything new, as often as batches come at most: a minute
 * that is seen too long by one batch lets exactly the rate through. And at once where the rate is
 * another one, so that no time is counted by a rate that was not in force then.
 * @param isBatch was a batch due?
 */
export function pacedAt(
  state: RoomState,
  config: RoomConfig,
  house: House,
  isBatch: boolean,
  nowMs: number,
): RoomState {
  const last = state.pace.at(-1)
  const rate = effectiveRate(config, state, nowMs)
  const before = state.pacedRate ?? rate
  if (last === undefined) {
    if (!isBatch && config.mode !== 'auto') return state
  } else if (rate === before) {
    // While nobody may go in there is nothing to hold against a pace.
    if (phaseOf({ config, state }, nowMs) !== 'open') return state
    if (!isBatch && last.entered === house.entered) return state
    const spacingSeconds = Math.min(config.batchSeconds, PACE_SPACING_SECONDS_MAX)
    if (nowMs - last.atMs < spacingSeconds * 1000) return state
  }
  // When it changed since the last point nobody knows: the slower one is true of all that time.
  const pace = paced(state.pace, house.entered, Math.min(rate, before), nowMs)
  const newest = pace.at(-1)
  if (pace === state.pace || newest === undefined) return state
  const next = { ...state, pace, pacedRate: rate }
  if (config.capacity === null) return next
  return { ...next, pace: [...pace.slice(0, -1), { ...newest, gone: house.gone }] }
}

/** The orders of a tick; undefined when the house is as it should be. */
export function houseOrders(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): HouseOrders | undefined {
  const { limit, seats, needed } = needsOf(state, config, house, nowMs)
  const orders: HouseOrders = {
    epoch: state.epoch,
    limit,
    kept: keptSeats(config, house, seats, needed, effectiveRate(config, state, nowMs)),
    lateSeats: state.lateSeats,
    expired: [...house.seats.keys()].filter(slot => nowMs >= (slot + CLOCK_SKEW_SECONDS) * 1000),
    forgotten: forgottenTurns(state, config, house, nowMs),
    lapsed: [...house.held.keys()].filter(
      slot => nowMs >= (slot + HOLD_BUCKET_SECONDS + HOLD_SECONDS_MAX) * 1000,
    ),
  }
  const { expired, forgotten, lapsed, kept } = orders
  const isNews = expired.length + forgotten.length + lapsed.length > 0
  const isSame =
    limit === house.limit && kept === house.kept && orders.lateSeats === house.lateSeats
  return isNews || !isSame ? orders : undefined
}

/** Notes what everybody reads of the house: the late lane's seats, and who hopes to buy. */
export function withHouse(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): RoomState {
  // A clock that stepped back knows nothing new; and while nobody may go in nothing is given.
  const isBack = nowMs < (state.pace.at(-1)?.atMs ?? nowMs)
  if (isBack || phaseOf({ config, state }, nowMs) !== 'open') return state
  const { seats, needed } = needsOf(state, config, house, nowMs)
  const lateSeats = lateSeatsOf(state, config, house, seats - needed, nowMs)
  const { inside, all: settled } = settledVisits(config, house, nowMs)
  const hopeful = config.stock === null ? 0 : insideOf(house) - inside + needed
  const isSame =
    lateSeats === state.lateSeats && hopeful === state.hopeful && settled === state.settled
  return isSame ? state : { ...state, lateSeats, hopeful, settled }
}

/** Seats, and how many of them somebody has a turn to, or stands on hold for. */
function needsOf(state: RoomState, config: RoomConfig, house: House, nowMs: number) {
  const limit = state.openedAtMs === null ? house.limit : limitOf(state, config, house, nowMs)
  const { expected } = forecastOf(state, config, house, nowMs)
  return {
    limit,
    seats: Math.max(0, limit - house.entered),
    needed: Math.ceil(expected),
  }
}

/** A pause stops admission, but whoever has a turn after it finds the pace as it was. */
function paceRate(state: RoomState, config: RoomConfig, nowMs: number): number {
  return phaseOf({ config, state }, nowMs) === 'open' ? effectiveRate(config, state, nowMs) : 0
}

/** In an open room the open way gets a burst, refilled by the rate; elsewhere it has what nobody needs. */
function keptSeats(
  config: RoomConfig,
  house: House,
  seats: number,
  needed: number,
  ratePerMinute: number,
): number {
  if (config.mode !== 'auto') return needed
  const perSecond = ratePerMinute / 60
  const most = batchPlaces(config, ratePerMinute) + Math.ceil(perSecond * THROUGH_BURST_SECONDS)
  const left = Math.max(0, house.limit - house.entered - house.kept)
  const refilled = Math.min(most, left + Math.max(1, Math.ceil(perSecond)))
  return Math.max(needed, seats - refilled)
}

/** While people wait, missed turns get their share of a tick; otherwise whatever nobody needs. */
function lateSeatsOf(
  state: RoomState,
  config: RoomConfig,
  house: House,
  spare: number,
  nowMs: number,
): number {
  // Before a turn is over nobody is late.
  const isAnybodyLate = linesOf(state).some(({ line }) => line.batchesFrom > 0)
  if (!isAnybodyLate || spare <= 0 || config.lateSharePercent === 0) return 0
  const isWaiting = linesOf(state).some(({ line }) => line.tail > line.front)
  if (!isWaiting) return spare
  const perSecond = effectiveRate(config, state, nowMs) / 60
  const share = (perSecond * config.lateSharePercent) / 100
  // What one tick adds is seldom a whole seat: the seconds that a seat takes say when there is one.
  const earned = Math.floor((nowMs / 1000) * share) - Math.floor((nowMs / 1000 - 1) * share)
  const most = Math.max(1, Math.ceil(share * LATE_BURST_SECONDS))
  return Math.min(spare, most, house.lateSeats + earned)
}

/** Turn slots of which no batch is left, and none can come any more. */
function forgottenTurns(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): number[] {
  const kept = linesOf(state).flatMap(({ line }) => line.batches.map(batch => batch.atMs))
  const oldest = turnSlot(Math.min(nowMs, ...kept), config.turnSeconds)
  return [...house.byTurn.keys()].filter(slot => slot < oldest)
}
