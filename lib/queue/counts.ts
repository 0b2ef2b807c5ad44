/** From the entry buckets to what a tick must know about people. */
import { BUCKET_SECONDS } from './limits.ts'
import type { RoomConfig } from './room-config.ts'
import type { RoomState } from './state.ts'

/** People who entered in one stretch of `BUCKET_SECONDS`. */
export interface EntryBucket {
  readonly startsAtMs: number
  readonly entered: number
  /** How many of those have left. */
  readonly left: number
  /** How many of those bought. */
  readonly bought: number
  /** Entries by the start of their turn (`turnAtMs`, rounded down to `BUCKET_SECONDS`). */
  readonly byTurn: ReadonlyMap<number, number>
}

const BUCKET_MS = BUCKET_SECONDS * 1000

/** The start of the bucket that a time falls into. */
export function bucketStartMs(timeMs: number): number {
  return Math.floor(timeMs / BUCKET_MS) * BUCKET_MS
}

/** How far back buckets matter: the longest session or turn, and one bucket. */
export function bucketsFromMs(config: RoomConfig, nowMs: number): number {
  const seconds = Math.max(config.sessionSeconds, config.turnSeconds) + BUCKET_SECONDS
  return bucketStartMs(nowMs - seconds * 1000)
}

/** People inside: those who entered less than a session ago and have not left. */
export function insideOf(
  buckets: readonly EntryBucket[],
  config: RoomConfig,
  nowMs: number,
): number {
  const endsMs = BUCKET_MS + config.sessionSeconds * 1000
  return buckets
    .filter(bucket => bucket.startsAtMs + endsMs > nowMs)
    .reduce((sum, bucket) => sum + bucket.entered - bucket.left, 0)
}

/**
 * Places let in whose turns still run and who have not walked in. Where a bucket holds spent turns
 * and running ones, its entries are not subtracted: rather a seat too few than a visitor too many.
 */
export function openTurnsOf(state: RoomState, buckets: readonly EntryBucket[]): number {
  const places = state.front - state.batchesFrom
  const oldest = state.batches[0]
  if (oldest === undefined) return places
  const oldestBucketMs = bucketStartMs(oldest.atMs)
  // While no turn is spent every entry of this sale counts, but none of a sale before it.
  const countsFromMs =
    state.batchesFrom === 0 ? bucketStartMs(state.openedAtMs ?? 0) : oldestBucketMs + BUCKET_MS
  let entered = 0
  for (const bucket of buckets) {
    for (const [turnMs, count] of bucket.byTurn) if (turnMs >= countsFromMs) entered += count
  }
  return Math.max(0, places - entered)
}
