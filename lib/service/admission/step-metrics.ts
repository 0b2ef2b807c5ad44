/** What one admission step did, in numbers for operators. */
import { type House, heldOf, insideOf } from '../../queue/house/house.ts'
import { lineOf, linesOf } from '../../queue/room/lines.ts'
import type { RoomState } from '../../queue/room/state.ts'
import type { RoomMetric, Values } from '../../runtime/metrics.ts'

/**
 * Undefined for a step that did nothing: a room that sleeps, or only waits, writes nothing. Counts are the
 * differences of the two states. A state is saved once, so nothing is counted twice. A step that dies after its
 * save says nothing of its counts, and no later one does.
 */
export function stepMeasures(
  before: RoomState,
  after: RoomState,
  house: House,
  nowMs: number,
): Values<RoomMetric> | undefined {
  const counts = {
    Arrivals: grown(before, after, 'tail'),
    Admitted: grown(before, after, 'front'),
    Entered: enteredSince(before, after),
    Departed: Math.max(0, after.bought + after.left - before.bought - before.left),
  }
  const age = tickAgeMs(before, nowMs)
  if (age === undefined && Object.values(counts).every(count => count === 0)) return undefined
  return {
    ...counts,
    Waiting: linesOf(after).reduce((sum, { line }) => sum + line.tail - line.front, 0),
    Inside: insideOf(house),
    Held: heldOf(house),
    ...(age === undefined ? {} : { TickAge: age }),
  }
}

/** By how much front or tail of all lines moved. */
function grown(before: RoomState, after: RoomState, end: 'front' | 'tail'): number {
  return linesOf(after).reduce(
    (sum, { name, line }) => sum + line[end] - (lineOf(before, name)?.[end] ?? 0),
    0,
  )
}

/** Counted between points of the pace, which are noted at a batch, or when somebody entered since the last one. */
function enteredSince(before: RoomState, after: RoomState): number {
  const last = before.pace.at(-1)
  const newest = after.pace.at(-1)
  return last === undefined || newest === undefined ? 0 : Math.max(0, newest.entered - last.entered)
}

/** How late the step is for a batch that somebody waits for; undefined when none is due. */
function tickAgeMs(state: RoomState, nowMs: number): number | undefined {
  if (state.pausedAtMs !== null || state.soldOutAtMs !== null) return undefined
  const due = linesOf(state).flatMap(({ line: { front, tail, nextBatchAtMs } }) =>
    tail > front && nextBatchAtMs !== null && nextBatchAtMs <= nowMs ? [nextBatchAtMs] : [],
  )
  return due.length === 0 ? undefined : nowMs - Math.min(...due)
}
