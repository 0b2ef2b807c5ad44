/** Sums, percentiles and rank correlation, and how numbers are written. */

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly most: number
}

/** Nearest rank; zeros where there is nothing. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) }
}

/** Pairs are compared in a sample: every n-th of the list. */
const SAMPLE = 2_000

/** Kendall's tau of place against arrival; pairs that came in the same millisecond say nothing. */
export function kendallTau(list: readonly { arriveMs: number; place: number }[]): number {
  const step = Math.max(1, Math.floor(list.length / SAMPLE))
  const sample = list.filter((_, at) => at % step === 0)
  let [agreeing, pairs] = [0, 0]
  for (let a = 0; a < sample.length; a++) {
    for (let b = a + 1; b < sample.length; b++) {
      const [one, other] = [sample[a], sample[b]]
      if (one === undefined || other === undefined || one.arriveMs === other.arriveMs) continue
      pairs++
      agreeing += one.arriveMs < other.arriveMs === one.place < other.place ? 1 : -1
    }
  }
  return pairs === 0 ? 1 : agreeing / pairs
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

export function sum(list: ArrayLike<number>): number {
  let total = 0
  for (let at = 0; at < list.length; at++) total += list[at] ?? 0
  return total
}

/** With groups of thousands, wherever it runs. */
export function count(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
