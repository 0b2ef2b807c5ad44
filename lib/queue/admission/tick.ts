/**
 * The tick: one pure step of admission. Everything is computed from elapsed time and carries its
 * remainder, so a late, early or doubled tick lets the same people in.
 *
 * A tick has two halves. `beginTick` brings the room up to now. Then the caller reads who came, and closes
 * the cohorts that are due by now. `finishTick` draws them into the lines, lets the next places in and says
 * what is to be ordered of the house.
 */
import type { AllArrivals } from '../cohort/arrivals.ts'
import type { House, HouseOrders } from '../house/house.ts'
import { withGroupLines } from '../room/groups.ts'
import { lineOf, linesOf, stopped } from '../room/lines.ts'
import { opened, openingDue } from '../room/opening.ts'
import { phaseOf } from '../room/phase.ts'
import type { RoomNow, RoomState } from '../room/state.ts'
import { forecastOf } from './forecast.ts'
import { withHealth } from './health.ts'
import { houseOrders, limitOf, type Reading, withHouse } from './house-orders.ts'
import { type RoomAtTick, withAdmissions } from './let-in.ts'
import { allowedBesides, withPace } from './pace.ts'
import { effectiveRate } from './policies.ts'
import { withoutSpentTurns } from './show-up.ts'
import { withSleep } from './waking.ts'

/** A tick after its first half: everything that decides who is let in, except who came. */
export interface BegunTick extends RoomAtTick {
  /** The state as it was loaded. */
  readonly before: RoomState
}

export interface FinishedTick {
  /** When nothing changes, the same object as the state that was loaded. */
  readonly state: RoomState
  /** Undefined when the house is as it should be. */
  readonly orders: HouseOrders | undefined
}

/** Brings the room up to now: lines of new groups, sales, turns that are over, the opening, health. */
export function beginTick(loaded: RoomNow, house: House, nowMs: number): BegunTick {
  const { config, state: before } = loaded
  const isEnded = phaseOf(loaded, nowMs) === 'ended'
  const state = isEnded ? before : upToNow(loaded, house, nowMs)
  const room = { config, state }
  return {
    before,
    room,
    house,
    nowMs,
    opens: before.openedAtMs === null && state.openedAtMs !== null,
    phase: phaseOf(room, nowMs),
    ratePerMinute: effectiveRate(room, nowMs),
    forecast: forecastOf(room, house, nowMs),
  }
}

/**
 * Lets the next places in. Then notes the pace, what the status says of the house, and whether the room may sleep.
 * @param counts who came to each line since the last tick; as read for the lines of `begun.room`.
 */
export function finishTick(begun: BegunTick, counts: AllArrivals): FinishedTick {
  const { before, house, nowMs, phase, ratePerMinute } = begun
  const { config } = begun.room
  if (phase === 'ended') return { state: begun.room.state, orders: undefined }
  let state = withAdmissions(begun, counts)
  if (state.openedAtMs !== null) {
    const byHand = before.manual - state.manual
    const isBatch = isBatchDue(before, state) || byHand > 0
    state = withPace({ config, state }, house, { ...begun, isBatch }, nowMs)
    if (byHand > 0) state = { ...state, pace: allowedBesides(state.pace, byHand) }
  }
  const reading: Reading = {
    phase,
    ratePerMinute,
    forecast: forecastOf({ config, state }, house, nowMs),
    limit: limitOf({ config, state }, house, begun, nowMs),
  }
  if (state.openedAtMs !== null) {
    state = withHouse({ config, state }, house, reading, nowMs)
    state = withSleep({ config, state }, { counts, house, reading }, nowMs)
  }
  return { state, orders: houseOrders({ config, state }, house, reading, nowMs) }
}

/** Who came, and the house. */
export type TickFacts = AllArrivals & { readonly house: House }

/** Both halves at once, for callers that know already who came. */
export function tick(room: RoomNow, counts: TickFacts, nowMs: number): RoomState {
  return finishTick(beginTick(room, counts.house, nowMs), counts).state
}

function upToNow({ config, state }: RoomNow, house: House, nowMs: number): RoomState {
  const opens = openingDue({ config, state }, nowMs)
  let next = withGroupLines({ config, state }, nowMs)
  next = withSales({ config, state: next }, house, nowMs)
  if (next.pausedAtMs === null && next.soldOutAtMs === null) {
    next = withoutSpentTurns({ config, state: next }, house, nowMs)
  }
  if (opens) next = opened({ config, state: next }, nowMs)
  return withHealth({ config, state: next }, nowMs)
}

/** Was a batch due in any line? */
function isBatchDue(before: RoomState, after: RoomState): boolean {
  return linesOf(after).some(
    ({ name, line }) => lineOf(before, name)?.nextBatchAtMs !== line.nextBatchAtMs,
  )
}

/**
 * What was sold, as far as the departures say. While nothing is left, or the room is closed, the
 * turns stand still.
 */
function withSales({ config, state }: RoomNow, house: House, nowMs: number): RoomState {
  let next = state
  if (house.bought !== state.bought || house.left !== state.left) {
    const firstBoughtAtMs = state.firstBoughtAtMs ?? (house.bought > 0 ? nowMs : null)
    const lastBoughtAtMs = house.bought > state.bought ? nowMs : state.lastBoughtAtMs
    next = { ...state, bought: house.bought, left: house.left, firstBoughtAtMs, lastBoughtAtMs }
  }
  const stands = ['soldOut', 'closed'].includes(phaseOf({ config, state: next }, nowMs))
  if (stands === (next.soldOutAtMs !== null)) return next
  if (stands) return { ...next, soldOutAtMs: nowMs }
  // From a pause on it is the pause that stops the turns.
  const untilMs = next.pausedAtMs ?? nowMs
  const stoppedMs = Math.max(0, untilMs - (next.soldOutAtMs ?? untilMs))
  return { ...stopped(next, stoppedMs, nowMs), soldOutAtMs: null }
}
