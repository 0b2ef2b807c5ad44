/** How long to wait after a failed request. */
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  BACKOFF_RUSH_MS_MAX,
  BACKOFF_RUSH_TRIES,
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
