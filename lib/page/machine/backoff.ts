/** How long to wait after a request that failed, and on hold for a seat. */
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
 * Milliseconds until the next try: doubling from `BACKOFF_MS_MIN` to `BACKOFF_RUSH_MS_MAX`, where it
 * stays for the first `BACKOFF_RUSH_TRIES` failures (a rush is over in seconds: docs/rehearsal.md),
 * then on to `BACKOFF_MS_MAX`; somewhere in the upper half of that, so that visitors who failed together do not come back together.
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
 * Milliseconds until whoever is on hold asks for the free seat again: about `HOLD_MS`, within the
 * bounds of the status, ever the same however long the hold lasts.
 */
export function holdMs(status: Status | null, chance: number): number {
  const minMs = 1000 * Math.max(1, status?.pollSecondsMin ?? POLL_SECONDS.min)
  const maxMs = Math.max(minMs, 1000 * (status?.pollSecondsMax ?? POLL_SECONDS.max))
  return Math.round(Math.min(maxMs, Math.max(minMs, HOLD_MS * (0.8 + 0.4 * chance))))
}
