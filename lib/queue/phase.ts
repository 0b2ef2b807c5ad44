/** The phase of a room: one question, one answer. */
import { ARRIVAL_WINDOW_SECONDS, RETRIED_SHARE_MAX } from './limits.ts'
import type { Line } from './line.ts'
import { timeMs } from './room-config.ts'
import { linesOf, type Room, type RoomState, withLine } from './state.ts'
import { stockLeftOf } from './stock.ts'

export const PHASES = [
  'scheduled',
  'gathering',
  'open',
  'paused',
  'soldOut',
  'ended',
  'closed',
] as const
export type Phase = (typeof PHASES)[number]

/** The phase that everybody reads. Only the tick opens a room; doors and closing follow the clock. */
export function phaseOf(room: Pick<Room, 'config' | 'state'>, nowMs: number): Phase {
  const { config, state } = room
  const closesAtMs = timeMs(config.closesAt)
  if (state.endedAtMs !== null || (closesAtMs !== null && nowMs >= closesAtMs)) return 'ended'
  if (config.mode === 'closed') return 'closed'
  if (stockLeftOf(config, state) === 0) return 'soldOut'
  if (state.pausedAtMs !== null) return 'paused'
  if (state.openedAtMs !== null) return 'open'
  const doorsAtMs = timeMs(config.doorsAt)
  return doorsAtMs !== null && nowMs < doorsAtMs ? 'scheduled' : 'gathering'
}

/** What the arrival window depends on. */
interface WindowFacts {
  readonly config: Room['config']
  readonly state: Pick<Line, 'front' | 'tail' | 'windowDoublings' | 'cohortOpenedAtMs'> &
    Pick<RoomState, 'openedAtMs'>
}

/** How long the open cohort takes arrivals. Zero for the gathering: it closes when the sale opens. */
export function windowMs(room: WindowFacts, quietWindowSeconds: number): number {
  if (isGathering(room.state)) return 0
  const { front, tail, windowDoublings } = room.state
  const isQuiet = tail === front && windowDoublings === 0
  return (isQuiet ? quietWindowSeconds : busyWindowSeconds(room)) * 1000
}

/** The arrival window while people wait: as configured, doubled while joins fail. */
export function busyWindowSeconds({ config, state }: WindowFacts): number {
  const doubled = config.arrivalWindowSeconds * 2 ** state.windowDoublings
  return Math.min(ARRIVAL_WINDOW_SECONDS.max, doubled)
}

/**
 * The doublings after a close: one more while more than `RETRIED_SHARE_MAX` of the joins told of
 * failed attempts, so that overload costs nobody their place, and one less otherwise.
 */
export function nextDoublings(room: WindowFacts, size: number, retried: number): number {
  const { windowDoublings } = room.state
  if (retried <= size * RETRIED_SHARE_MAX) return Math.max(0, windowDoublings - 1)
  const isWidest = busyWindowSeconds(room) >= ARRIVAL_WINDOW_SECONDS.max
  return isWidest ? windowDoublings : windowDoublings + 1
}

/** Is the open cohort the one that gathered before the opening? */
export function isGathering(state: WindowFacts['state']): boolean {
  return state.openedAtMs === null || state.cohortOpenedAtMs < state.openedAtMs
}

/** Turns go on where something stopped them, and that time earns no admissions. */
export function heldUp(state: RoomState, heldMs: number, nowMs: number): RoomState {
  let next = state
  for (const { name, line } of linesOf(state)) {
    next = withLine(next, name, {
      ...line,
      nextBatchAtMs: line.nextBatchAtMs === null ? null : Math.max(line.nextBatchAtMs, nowMs),
      // Not their start: entries are counted by it.
      batches: line.batches.map(batch => ({ ...batch, heldMs: (batch.heldMs ?? 0) + heldMs })),
    })
  }
  return next
}
