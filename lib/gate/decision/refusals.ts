/**
 * The loop breaker. A pass that is refused sends the visitor back to the room, which gives the same
 * pass again: with keys that differ or a clock that is off, they would go round for ever. A small
 * cookie counts the refusals. It is not signed, for it proves nothing: a visitor who forges it only
 * misleads themself. The function at the edge and the script in pages are built from this file too, so
 * it keeps to the words of the edge's runtime (`test/gate/edge/function-source.test.ts`).
 */
import { REFUSALS_MAX, REFUSALS_SECONDS } from '../options/limits.ts'

export interface Refusals {
  /** The cookie's new value: `<count>.<seconds since 1970 of the first of them>`. */
  readonly text: string
  /** They are so many that the visitor is not sent to the room once more. */
  readonly isLoop: boolean
}

/** In Perl's language, which the edge speaks, `$` alone lets a line break through. */
const REFUSALS = /^[0-9]{1,3}\.[0-9]{1,12}$(?!\n)/

/** @param values the cookie's values as they came; where several are readable the worst counts. */
export function oneMoreRefusal(values: readonly string[], nowMs: number): Refusals {
  const nowSeconds = Math.floor(nowMs / 1000)
  let worst = 0
  let sinceSeconds = nowSeconds
  values.forEach(value => {
    if (!REFUSALS.test(value)) return
    const parts = value.split('.').map(Number)
    const count = parts[0] || 0
    const since = parts[1] || 0
    if (Math.abs(nowSeconds - since) < REFUSALS_SECONDS && count > worst) {
      worst = count
      sinceSeconds = since
    }
  })
  const count = Math.min(worst + 1, 999)
  return { text: `${count}.${sinceSeconds}`, isLoop: count >= REFUSALS_MAX }
}
