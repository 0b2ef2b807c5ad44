/**
 * The loop breaker. A pass that is refused sends the visitor back to the room, which gives the same
 * pass again: with keys that differ or a clock that is off, they would go round for ever. A small
 * cookie counts. It is not signed, for it proves nothing: who forges it only misleads themself.
 */
import { REFUSALS_MAX, REFUSALS_SECONDS } from '../options/limits.ts'

export interface Refusals {
  readonly count: number
  /** When the first of them was, seconds since 1970. */
  readonly sinceSeconds: number
}

const REFUSALS = /^(\d{1,3})\.(\d{1,12})$/

/** @param values the cookie's values as they came; where several are readable the worst counts. */
export function oneMoreRefusal(values: readonly string[], nowMs: number): Refusals {
  const nowSeconds = Math.floor(nowMs / 1000)
  let worst: Refusals = { count: 0, sinceSeconds: nowSeconds }
  for (const value of values) {
    const [, count, since] = REFUSALS.exec(value) ?? []
    if (count === undefined || since === undefined) continue
    const recent = Math.abs(nowSeconds - Number(since)) < REFUSALS_SECONDS
    if (recent && Number(count) > worst.count) {
      worst = { count: Number(count), sinceSeconds: Number(since) }
    }
  }
  return { count: Math.min(worst.count + 1, 999), sinceSeconds: worst.sinceSeconds }
}

export function isLoop(refusals: Refusals): boolean {
  return refusals.count >= REFUSALS_MAX
}

export function refusalsText(refusals: Refusals): string {
  return `${refusals.count}.${refusals.sinceSeconds}`
}
