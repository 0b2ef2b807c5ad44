/** The arrival window: how long a cohort takes arrivals, and when it is due to close. */
import { ARRIVAL_WINDOW_SECONDS, QUIET_WINDOW_SECONDS, RETRIED_SHARE_MAX } from '../limits.ts'
import type { Line } from '../room/line.ts'
import type { Room, RoomState } from '../room/state.ts'

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

/**
 * When the open cohort of a line is due to close; null before the opening. A gathering that is over
 * is due at the opening.
 */
export function closeDueAtMs(room: WindowFacts): number | null {
  const { openedAtMs, cohortOpenedAtMs } = room.state
  if (openedAtMs === null) return null
  return Math.max(cohortOpenedAtMs, openedAtMs) + windowMs(room, QUIET_WINDOW_SECONDS)
}
