/** A token bucket: what a service limits by the second, with a little credit for a quiet moment. */

export interface Bucket {
  /** Takes `count` if they are there. */
  take(nowMs: number, count?: number): boolean
  setRate(perSecond: number): void
}

/** @param creditSeconds how much of a quiet time can be used later. */
export function createBucket(perSecond: number, creditSeconds: number): Bucket {
  let rate = perSecond
  let level = perSecond * creditSeconds
  let atMs = 0
  return {
    take(nowMs, count = 1) {
      level = Math.min(
        Math.max(1, rate * creditSeconds),
        level + (rate * Math.max(0, nowMs - atMs)) / 1000,
      )
      atMs = nowMs
      if (level < count) return false
      level -= count
      return true
    },
    setRate(perSecondNow) {
      rate = perSecondNow
    },
  }
}
