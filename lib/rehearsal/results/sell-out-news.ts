/** How soon after the last sale the others knew. */
import { KIND, NOT_READING } from '../crowd/kinds.ts'
import { columnsOf, type People } from '../crowd/people.ts'
import { rounded } from '../measures/statistics.ts'

/** Everybody whose page can ask should know within this of the last sale. */
export const NEWS_WITHIN_MS = 3_000

/** Of some of those who were in line at the last sale. */
export interface SellOutNews {
  readonly people: number
  /** The share that knew within `NEWS_WITHIN_MS`. */
  readonly withinShare: number
  /** Seconds; null where so many never knew. */
  readonly afterSeconds: {
    readonly p50: number | null
    readonly p90: number | null
    readonly p99: number | null
    readonly most: number | null
  }
  /** Never looked again while the rehearsal lasted. */
  readonly never: number
}

/**
 * Of everybody in line when the last was sold: they had come, were not inside, and had not closed the
 * page. `reading` are those whose page can ask: it is in view or hidden, its phone is awake, its
 * network works. The others have a sleeping phone, or a network that loses requests; those who have
 * both count as sleeping.
 */
export function sellOutNewsOf(people: People, visitors: number, soldOutMs: number) {
  const delays = { reading: [] as number[], everybody: [] as number[] }
  const excluded = { sleeping: 0, failing: 0 }
  for (let visitor = 0; visitor < visitors; visitor++) {
    const delayMs = delayOf(people, visitor, soldOutMs)
    if (delayMs === undefined) continue
    delays.everybody.push(delayMs)
    const kind = people.kind[visitor] ?? 0
    if ((kind & NOT_READING) === 0) delays.reading.push(delayMs)
    else if ((kind & KIND.sleeper) !== 0) excluded.sleeping++
    else excluded.failing++
  }
  const share = (count: number) => rounded(count / Math.max(1, delays.everybody.length), 4)
  return {
    reading: summary(delays.reading),
    everybody: summary(delays.everybody),
    excludedShare: {
      sleeping: share(excluded.sleeping),
      failing: share(excluded.failing),
    },
  }
}

/** Infinity for never; undefined for a visitor who was not in line then. */
function delayOf(people: People, visitor: number, soldOutMs: number): number | undefined {
  const { arriveMs, enteredMs, knewMs, goneMs } = columnsOf(people, visitor)
  if (arriveMs > soldOutMs || enteredMs > 0) return undefined
  if (knewMs > 0) return Math.max(0, knewMs - soldOutMs)
  // They closed the page before the news could reach them.
  if (goneMs > 0 && goneMs < soldOutMs + NEWS_WITHIN_MS) return undefined
  return Number.POSITIVE_INFINITY
}

function summary(delays: readonly number[]): SellOutNews {
  const sorted = Float64Array.from(delays).sort()
  const at = (share: number) => {
    const ms = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
    return Number.isFinite(ms) ? rounded(ms / 1000, 2) : null
  }
  const within = sorted.findLastIndex(ms => ms <= NEWS_WITHIN_MS) + 1
  const known = sorted.findLastIndex(ms => Number.isFinite(ms))
  return {
    people: sorted.length,
    withinShare: rounded(within / Math.max(1, sorted.length), 4),
    afterSeconds: { p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) },
    never: sorted.length - known - 1,
  }
}
