/** The lines of a room: the main line, for everybody, and one for each group. */

import type { Line } from './line.ts'
import type { RoomState } from './state.ts'

/** Turns go on after they stood still for `stoppedMs`: they end so much later. Nobody is let in for that time. */
export function stopped(state: RoomState, stoppedMs: number, nowMs: number): RoomState {
  let next = state
  for (const { name, line } of linesOf(state)) {
    next = withLine(next, name, {
      ...line,
      nextBatchAtMs: line.nextBatchAtMs === null ? null : Math.max(line.nextBatchAtMs, nowMs),
      // Their start stays, because entries are counted by it.
      batches: line.batches.map(batch => ({ ...batch, heldMs: (batch.heldMs ?? 0) + stoppedMs })),
    })
  }
  return next
}

/** The name of the main line. No group has it. */
export const MAIN_LINE = ''

/** Every line of a room, the main one first. */
export function linesOf(state: RoomState): { name: string; line: Line }[] {
  const groups = Object.entries(state.groups).map(([name, line]) => ({ name, line }))
  return [{ name: MAIN_LINE, line: state }, ...groups]
}

/** A line of a room; undefined for a group that it does not have. */
export function lineOf(state: RoomState, name: string): Line | undefined {
  if (name === MAIN_LINE) return state
  return Object.hasOwn(state.groups, name) ? state.groups[name] : undefined
}

/** The state with one line changed. When the line is the same object, so is the state. */
export function withLine(state: RoomState, name: string, line: Line): RoomState {
  if (lineOf(state, name) === line) return state
  if (name === MAIN_LINE) return { ...state, ...onlyLine(line) }
  return { ...state, groups: { ...state.groups, [name]: line } }
}

/** The fields of a line alone. The main line is given as a whole state, whose other fields may be out of date. */
function onlyLine(line: Line): Line {
  const { firstCohort, openCohort, cohortOpenedAtMs, windowDoublings, front, tail } = line
  const { nextBatchAtMs, carry, doubleCarry, batchesFrom, batches } = line
  const cohorts = { firstCohort, openCohort, cohortOpenedAtMs, windowDoublings }
  return { ...cohorts, front, tail, nextBatchAtMs, carry, doubleCarry, batchesFrom, batches }
}
