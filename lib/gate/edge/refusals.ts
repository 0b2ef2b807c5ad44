/** The loop breaker at the edge: `../decision/refusals.ts` says what it is for. */
import { REFUSALS_MAX, REFUSALS_SECONDS } from '../options/limits.ts'

export interface EdgeRefusals {
  /** What the cookie says now: how many, and since when. */
  readonly text: string
  readonly isLoop: boolean
}

/** @param values the cookie's values as they came; where several are readable the worst counts. */
export function oneMoreRefusal(values: readonly string[], nowMs: number): EdgeRefusals {
  const nowSeconds = Math.floor(nowMs / 1000)
  let worst = 0
  let sinceSeconds = nowSeconds
  values.forEach(value => {
    if (!/^[0-9]{1,3}\.[0-9]{1,12}$(?!\n)/.test(value)) return
    const count = parseInt(value, 10)
    const since = Number(value.split('.')[1])
    if (Math.abs(nowSeconds - since) < REFUSALS_SECONDS && count > worst) {
      worst = count
      sinceSeconds = since
    }
  })
  const count = Math.min(worst + 1, 999)
  return { text: `${count}.${sinceSeconds}`, isLoop: count >= REFUSALS_MAX }
}
