/** CloudFront: regional caches of what everybody shares. Of simultaneous misses one goes on, the others wait. */
import type { CohortRecord } from '../../queue/cohort/place.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import type { Measures } from '../measures/measures.ts'
import type { Quotas } from '../plan/quotas.ts'
import { createBucket } from '../time/bucket.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Choice, Environment, Functions } from './functions.ts'
import type { Answer, Instances } from './instances.ts'

/** Bytes on the wire, compressed, with headers; measured. */
const BYTES = {
  page: 20_000,
  status: 850,
  record: 900,
  post: 1_100,
  failure: 500,
} as const
/** HTML, script, style and icon. */
const PAGE_REQUESTS = 4

/** What comes back to a visitor; undefined is any failure. */
export interface CdnAnswers {
  status(visitor: number, status: Status | undefined): void
  record(visitor: number, record: CohortRecord | undefined): void
}

export interface Cdn {
  /** Loads the page and its files: how many were asked for, and whether those that it needs came. */
  page(): { readonly asked: number; readonly isWhole: boolean }
  status(visitor: number): void
  record(visitor: number, cohort: number): void
  /** A request that no cache answers. @param done called with undefined for any failure. */
  forward<Value>(
    work: (environment: Environment) => Promise<Answer<Value>>,
    done: (answer: Answer<Value> | undefined) => void,
  ): void
}

export interface CdnDeps {
  readonly timeline: Timeline
  readonly quotas: Quotas
  readonly measures: Measures
  readonly functions: Functions
  readonly instances: Instances
  readonly answers: CdnAnswers
}

const STATUS_MS = 1_000

interface Cached<Value> {
  value: Value | undefined
  untilMs: number
  /** Who waits for the answer that is on its way; undefined while none is. */
  waiting: number[] | undefined
}

/** Where an answer that everybody shares comes from, to whom it goes, and how long it is good. */
interface Source<Value> {
  load(environment: Environment): Promise<Answer<Value>>
  answer(visitor: number, value: Value | undefined): void
  readonly keepMs: number
}

export function createCdn(deps: CdnDeps): Cdn {
  const { timeline, quotas, measures, functions, instances, answers } = deps
  const requests = createBucket(quotas.cdnRequestsPerSecond, 1)
  const regions = Array.from({ length: quotas.cdnCaches }, () => ({
    status: fresh<Status>(),
    records: new Map<number, Cached<CohortRecord>>(),
  }))
  const cacheOf = (visitor: number) => {
    const region = regions[visitor % regions.length]
    if (region === undefined) throw new Error('there is no cache')
    return region
  }
  /** Counts a request; false when it is one too many. */
  const take = (bytes: number): boolean => {
    const nowMs = timeline.nowMs()
    if (!requests.take(nowMs)) {
      measures.throttled('cdn', nowMs)
      return false
    }
    measures.count('cdnRequests', nowMs)
    measures.totals.egressBytes += bytes
    return true
  }
  const forward: Cdn['forward'] = (work, done) => {
    measures.totals.cdnFunctionRuns++
    if (!take(BYTES.post)) return done(undefined)
    measures.count('behindRequests', timeline.nowMs())
    invoke(functions, work, 'any', done)
  }
  /** A cached answer, or the one that all who miss wait for. */
  const shared = <Value>(cached: Cached<Value>, visitor: number, source: Source<Value>): void => {
    const { load, answer, keepMs } = source
    if (cached.value !== undefined && timeline.nowMs() < cached.untilMs) {
      answer(visitor, cached.value)
      return
    }
    if (cached.waiting !== undefined) {
      cached.waiting.push(visitor)
      return
    }
    const waiting = [visitor]
    cached.waiting = waiting
    measures.count('behindRequests', timeline.nowMs())
    // From the environment that was used last: it may still answer from memory, a second late.
    invoke(functions, load, 'warmest', outcome => {
      cached.waiting = undefined
      cached.value = outcome?.status === 'given' ? outcome.value : undefined
      cached.untilMs = timeline.nowMs() + keepMs
      for (const one of waiting) answer(one, cached.value)
    })
  }

  return {
    forward,
    page() {
      let [asked, isWhole] = [0, true]
      // The page itself names its files: without it a browser asks for none of them.
      while (asked < PAGE_REQUESTS && (asked !== 1 || isWhole)) {
        // Without its style or icon the page still works.
        if (!take(BYTES.page / PAGE_REQUESTS) && asked < 2) isWhole = false
        asked++
      }
      measures.totals.cdnFunctionRuns++
      measures.totals.pageRequests += asked
      return { asked, isWhole }
    },
    status(visitor) {
      if (!take(BYTES.status)) return answers.status(visitor, undefined)
      const { status } = cacheOf(visitor)
      const { status: load } = instances
      shared(status, visitor, { load, answer: answers.status, keepMs: STATUS_MS })
    },
    record(visitor, cohort) {
      if (!take(BYTES.record)) return answers.record(visitor, undefined)
      const { records } = cacheOf(visitor)
      const cached = records.get(cohort) ?? fresh<CohortRecord>()
      records.set(cohort, cached)
      const load = (environment: Environment) => instances.record(environment, cohort)
      const keepMs = Number.POSITIVE_INFINITY
      shared(cached, visitor, { load, answer: answers.record, keepMs })
    },
  }
}

function fresh<Value>(): Cached<Value> {
  return { value: undefined, untilMs: 0, waiting: undefined }
}

function invoke<Value>(
  functions: Functions,
  work: (environment: Environment) => Promise<Answer<Value>>,
  choice: Choice,
  done: (answer: Answer<Value> | undefined) => void,
): void {
  let answer: Answer<Value> | undefined
  const run = async (environment: Environment) => {
    answer = await work(environment)
  }
  const settle = (outcome: 'finished' | 'died') => done(outcome === 'finished' ? answer : undefined)
  const isTaken = functions.invoke('visitor', run, settle, choice)
  if (!isTaken) done(undefined)
}
