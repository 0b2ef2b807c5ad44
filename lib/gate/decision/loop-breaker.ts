/**
 * The loop breaker. A visitor whose pass is refused is sent back to the room, which gives the same
 * pass again: where keys differ or a clock is wrong this would never end. So a small cookie counts the
 * refusals, and after `REFUSALS_MAX` of them the gate answers with an error page. It is not signed, for it proves nothing: a visitor who forges it only
 * misleads themself. The function at the edge and the script in pages are built from this file too, so
 * it keeps to the words of the edge's runtime (`test/gate/edge/function-source.test.ts`).
 */
import { REFUSALS_MAX, REFUSALS_SECONDS } from '../options/limits.ts'

export interface Refusals {
  /** The cookie's new value: `<count>.<seconds since 1970 of the first of them>`. */
  readonly text: string
  /** Are there `REFUSALS_MAX` of them? Then the visitor is not sent to the room again. */
  readonly isLoop: boolean
}

/** In the edge's regular expressions, as in Perl's, `$` also matches before a line break at the end: so `(?!\n)`. */
const REFUSALS = /^[0-9]{1,3}\.[0-9]{1,12}$(?!\n)/

/** @param values the cookie's values as they came. Where several are readable the highest count is taken. */
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
