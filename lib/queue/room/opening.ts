/** The opening of a sale. */

import { CATCH_UP_SECONDS_MAX } from '../limits.ts'
import { timeMs } from './config.ts'
import { linesOf, withLine } from './lines.ts'
import type { RoomNow, RoomState } from './state.ts'

/** Is the sale to be opened now? A pause holds the opening. */
export function openingDue({ config, state }: RoomNow, nowMs: number): boolean {
  const opensAtMs = timeMs(config.opensAt)
  if (state.openedAtMs !== null || state.pausedAtMs !== null || state.endedAtMs !== null)
    return false
  return opensAtMs !== null && nowMs >= opensAtMs
}

/** The state with the sale open since its scheduled time (or, after a long silence, since just now). */
export function opened({ config, state }: RoomNow, nowMs: number): RoomState {
  const scheduledMs = Math.min(timeMs(config.opensAt) ?? nowMs, nowMs)
  const fromMs = isLongSilence(scheduledMs, nowMs) ? nowMs : scheduledMs
  return openedAt(state, Math.max(fromMs, state.cohortOpenedAtMs))
}

/** The state with the sale open since a time. */
export function openedAt(state: RoomState, openedAtMs: number): RoomState {
  let next: RoomState = { ...state, openedAtMs, sleepsAtMs: null }
  for (const { name, line } of linesOf(next)) {
    next = withLine(next, name, { ...line, nextBatchAtMs: openedAtMs })
  }
  return next
}

/** Is it so long ago (more than `CATCH_UP_SECONDS_MAX`) that what was missed since is given up? */
export function isLongSilence(dueAtMs: number, nowMs: number): boolean {
  return nowMs - dueAtMs > CATCH_UP_SECONDS_MAX * 1000
}
