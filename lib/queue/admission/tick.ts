/**
 * The tick: one pure step of admission. Everything is computed from elapsed time and carries its remainder, so
 * a late, early or doubled tick lets the same people in.
 */

import type { Counts } from '../cohort/arrivals.ts'
import type { House } from '../house/house.ts'
import type { RoomConfig } from '../room/config.ts'
import { withGroupLines } from '../room/groups.ts'
import { heldUp, lineOf, linesOf } from '../room/lines.ts'
import { opened, openingDue } from '../room/opening.ts'
import { phaseOf } from '../room/phase.ts'
import type { RoomState } from '../room/state.ts'
import { withHealth } from './health.ts'
import { pacedAt, withHouse } from './house-orders.ts'
import { withAdmissions } from './lines.ts'
import { allowedBesides } from './pace.ts'
import { withoutSpentTurns } from './show-up.ts'
import { withSleep } from './waking.ts'

/** The admission step. Returns the very state that came when nothing changes. */
export function tick(
  state: RoomState,
  config: RoomConfig,
  counts: Counts,
  nowMs: number,
): RoomState {
  if (phaseOf({ config, state }, nowMs) === 'ended') return state
  const opens = openingDue(config, state, nowMs)
  let next = withGroupLines(state, config, nowMs)
  next = withSales(next, config, counts.house, nowMs)
  if (next.pausedAtMs === null && next.soldOutAtMs === null) {
    next = withoutSpentTurns(next, config, counts.house, nowMs)
  }
  if (opens) next = opened(config, next, nowMs)
  next = withHealth(next, config, nowMs)
  next = withAdmissions(next, config, counts, opens, nowMs)
  if (next.openedAtMs === null) return next
  const byHand = state.manual - next.manual
  next = pacedAt(next, config, counts.house, isBatch(state, next) || byHand > 0, nowMs)
  if (byHand > 0) next = { ...next, pace: allowedBesides(next.pace, byHand) }
  next = withHouse(next, config, counts.house, nowMs)
  return withSleep(next, config, counts, nowMs)
}

/** Was a batch due in any line? */
function isBatch(before: RoomState, after: RoomState): boolean {
  return linesOf(after).some(
    ({ name, line }) => lineOf(before, name)?.nextBatchAtMs !== line.nextBatchAtMs,
  )
}

/**
 * What was sold, as far as the departures say. While nothing is left, or the room is closed, the
 * turns stand still.
 */
function withSales(state: RoomState, config: RoomConfig, house: House, nowMs: number): RoomState {
  let next = state
  if (house.bought !== state.bought || house.left !== state.left) {
    const firstBoughtAtMs = state.firstBoughtAtMs ?? (house.bought > 0 ? nowMs : null)
    const lastBoughtAtMs = house.bought > state.bought ? nowMs : state.lastBoughtAtMs
    next = { ...state, bought: house.bought, left: house.left, firstBoughtAtMs, lastBoughtAtMs }
  }
  const stands = ['soldOut', 'closed'].includes(phaseOf({ config, state: next }, nowMs))
  if (stands === (next.soldOutAtMs !== null)) return next
  if (stands) return { ...next, soldOutAtMs: nowMs }
  // From a pause on it is the pause that holds the turns up.
  const untilMs = next.pausedAtMs ?? nowMs
  const heldMs = Math.max(0, untilMs - (next.soldOutAtMs ?? untilMs))
  return { ...heldUp(next, heldMs, nowMs), soldOutAtMs: null }
}
