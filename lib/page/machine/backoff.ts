/** How long the page waits after a request that failed, and before it asks again for a seat in a full house. */
import { POLL_SECONDS } from '../../queue/limits.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  BACKOFF_RUSH_MS_MAX,
  BACKOFF_RUSH_TRIES,
  HOLD_MS,
} from './limits.ts'

/**
 * Milliseconds until the next try. The pause doubles from 2 s to 8 s (`BACKOFF_RUSH_MS_MAX`), stays there until ten tries have failed
 * (a rush is over in seconds: docs/rehearsal.md), and then doubles on to a minute. Chance takes a part of its upper half, so
 * that visitors who failed together do not come back together.
 * @param failures how often it failed in a row: 1 and more.
 * @param retryAfterMs what the answer asked for; obeyed up to `BACKOFF_MS_MAX`.
 * @param chance 0 .. 1, a fresh one each time.
 */
export function backoffMs(failures: number, retryAfterMs: number | null, chance: number): number {
  const doubled = BACKOFF_MS_MIN * 2 ** Math.min(30, Math.max(0, failures - 1))
  const later = BACKOFF_RUSH_MS_MAX * 2 ** Math.min(30, Math.max(0, failures - BACKOFF_RUSH_TRIES))
  const widest = Math.min(BACKOFF_MS_MAX, doubled, later)
  const jittered = widest * (0.5 + 0.5 * chance)
  const asked = Math.min(BACKOFF_MS_MAX, Math.max(0, retryAfterMs ?? 0))
  return Math.round(Math.min(BACKOFF_MS_MAX, Math.max(jittered, asked + asked * chance)))
}

/**
 * Milliseconds until a visitor who met a full house asks for a seat again: about `HOLD_MS`, within the
 * bounds of the status. It does not grow while they wait.
 */
export function holdMs(status: Status | null, chance: number): number {
  const minMs = 1000 * Math.max(1, status?.pollSecondsMin ?? POLL_SECONDS.min)
  const maxMs = Math.max(minMs, 1000 * (status?.pollSecondsMax ?? POLL_SECONDS.max))
  return Math.round(Math.min(maxMs, Math.max(minMs, HOLD_MS * (0.8 + 0.4 * chance))))
}
