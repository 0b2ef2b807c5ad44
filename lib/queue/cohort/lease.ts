/** Lease arithmetic: how many indexes an instance takes with one write. */
import { LEASE_INDEXES_MAX, LEASE_SECONDS_MAX, TRICKLE_JOINS } from '../limits.ts'

/**
 * Half of what this instance expects to hand out before the cohort closes, and no more than
 * `LEASE_SECONDS_MAX` worth of its own recent rate; 1 .. `LEASE_INDEXES_MAX`. So leases shrink
 * towards the close and few indexes are left over, and at low traffic there are none.
 * @param joinsPerSecond this instance's recent rate.
 * @param remainingMs time until the cohort is due to close; null when nobody knows (a gathering).
 */
export function leaseSize(joinsPerSecond: number, remainingMs: number | null): number {
  const seconds = remainingMs === null ? Number.POSITIVE_INFINITY : Math.max(0, remainingMs) / 1000
  const expected = Math.min((joinsPerSecond * seconds) / 2, joinsPerSecond * LEASE_SECONDS_MAX)
  if (!(expected > 1)) return 1
  return Math.min(LEASE_INDEXES_MAX, Math.floor(expected))
}

/**
 * How many joins one instance serves a second, from the last second and the running one. A trickle
 * (`TRICKLE_JOINS`) counts for nothing, so it leases one by one and leaves no ghosts.
 */
export function createVisitRate() {
  let secondStartMs = 0
  let count = 0
  let lastSecond = 0
  const roll = (nowMs: number): void => {
    const elapsedMs = nowMs - secondStartMs
    if (elapsedMs >= 0 && elapsedMs < 1000) return
    lastSecond = elapsedMs >= 0 && elapsedMs < 2000 ? count : 0
    secondStartMs = nowMs
    count = 0
  }
  return {
    count(nowMs: number): void {
      roll(nowMs)
      count++
    },
    perSecond(nowMs: number): number {
      roll(nowMs)
      const seen = Math.max(lastSecond, count)
      return seen <= TRICKLE_JOINS ? 0 : seen
    },
  }
}
