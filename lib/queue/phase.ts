/** The phase of a room: one question, one answer. */
import { ARRIVAL_WINDOW_SECONDS, RETRIED_SHARE_MAX } from './limits.ts'
import { timeMs } from './room-config.ts'
import type { Room } from './state.ts'

export const PHASES = ['scheduled', 'gathering', 'open', 'paused', 'soldOut', 'ended'] as const
export type Phase = (typeof PHASES)[number]

/** The phase that everybody reads. Only the tick opens a room; doors and closing follow the clock. */
export function phaseOf(room: Pick<Room, 'config' | 'state'>, nowMs: number): Phase {
  const { config, state } = room
  const closesAtMs = timeMs(config.closesAt)
  if (state.endedAtMs !== null || (closesAtMs !== null && nowMs >= closesAtMs)) return 'ended'
  if (config.stock === 0) return 'soldOut'
  if (state.pausedAtMs !== null) return 'paused'
  if (state.openedAtMs !== null) return 'open'
  const doorsAtMs = timeMs(config.doorsAt)
  return doorsAtMs !== null && nowMs < doorsAtMs ? 'scheduled' : 'gathering'
}

/** How long the open cohort takes arrivals. Zero for the gathering: it closes when the sale opens. */
export function windowMs(room: Pick<Room, 'config' | 'state'>, quietWindowSeconds: number): number {
  if (isGathering(room.state)) return 0
  const { front, tail, windowDoublings } = room.state
  const isQuiet = tail === front && windowDoublings === 0
  return (isQuiet ? quietWindowSeconds : busyWindowSeconds(room)) * 1000
}

/** The arrival window while people wait: as configured, doubled while joins fail. */
export function busyWindowSeconds({ config, state }: Pick<Room, 'config' | 'state'>): number {
  const doubled = config.arrivalWindowSeconds * 2 ** state.windowDoublings
  return Math.min(ARRIVAL_WINDOW_SECONDS.max, doubled)
}

/**
 * The doublings after a close: one more while more than `RETRIED_SHARE_MAX` of the joins told of
 * failed attempts, so that overload costs nobody their place, and one less otherwise.
 */
export function nextDoublings(
  room: Pick<Room, 'config' | 'state'>,
  size: number,
  retried: number,
): number {
  const { windowDoublings } = room.state
  if (retried <= size * RETRIED_SHARE_MAX) return Math.max(0, windowDoublings - 1)
  const isWidest = busyWindowSeconds(room) >= ARRIVAL_WINDOW_SECONDS.max
  return isWidest ? windowDoublings : windowDoublings + 1
}

/** Is the open cohort the one that gathered before the opening? */
export function isGathering(state: Room['state']): boolean {
  return state.openedAtMs === null || state.cohortOpenedAtMs < state.openedAtMs
}
