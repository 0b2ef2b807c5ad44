/** DynamoDB's limits and times: what may be written and read in a second, and how long it takes. */
import { StoreRefusedError } from '../../store/dynamodb/items.ts'
import { StoreBusyError } from '../../store/port.ts'
import type { Measures } from '../measures/measures.ts'
import type { Quotas } from '../plan/quotas.ts'
import { type Bucket, createBucket } from '../time/bucket.ts'
import { between, type Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'

/** One request to the table. */
export interface Access<Result> {
  readonly kind: 'read' | 'write'
  /** The partition key. */
  readonly key: string
  /** Write units of 1 KB, read units of 4 KB (half for an eventually consistent read). */
  readonly units: number
  /** Is this one of very many keys, none of which gets warm? Then its own limit is not followed. */
  readonly isOwn?: boolean
  /** The cohort that it leases in. */
  readonly leasesIn?: number
  /** What it does to the data, in one moment. */
  apply(): Result
}

/** One instance's connection. */
export interface Connection {
  send<Result>(access: Access<Result>): Promise<Result>
}

export interface Database {
  /** @param isAlive a dead instance's requests are never answered. */
  connect(isAlive: () => boolean, afterWrite?: () => void): Connection
}

/** What goes wrong with the database, by the time. */
export interface DatabaseFaults {
  isRefused(key: string, nowMs: number): boolean
  slowness(nowMs: number): number
  /** Is the answer of this write lost on its way? */
  losesAnswer(key: string): boolean
}

export interface DatabaseDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly quotas: Quotas
  readonly measures: Measures
  readonly faults: DatabaseFaults
}

/** As the SDK is set up (lib/store/dynamodb/client.ts): three attempts in all. */
const ATTEMPTS_MAX = 3
/** The SDK's pause after a throttled attempt: a random share of this, doubling. */
const THROTTLED_PAUSE_MS = 500
/** A table doubles what it bears half an hour after a new peak. */
const GROWTH_MS = 30 * 60_000
/** A median answer takes 4 to 5 ms. */
const ANSWER_MS = { min: 4, max: 5 }

export function createDatabase(deps: DatabaseDeps): Database {
  const { timeline, chance, quotas, measures, faults } = deps
  const table = {
    write: createTableLimit(quotas.tableWritesPerSecond, quotas.tableWritesPerSecondMax),
    read: createTableLimit(quotas.tableReadsPerSecond, quotas.tableReadsPerSecondMax),
  }
  const keys = { write: new Map<string, Bucket>(), read: new Map<string, Bucket>() }
  const perKey = { write: quotas.keyWritesPerSecond, read: quotas.keyReadsPerSecond }

  const isThrottled = ({ kind, key, units, isOwn }: Access<unknown>): boolean => {
    const nowMs = timeline.nowMs()
    if (faults.isRefused(key, nowMs)) {
      measures.throttled('databaseFault', nowMs)
      return true
    }
    if (isOwn !== true) {
      let bucket = keys[kind].get(key)
      if (bucket === undefined) {
        bucket = createBucket(perKey[kind], 1)
        keys[kind].set(key, bucket)
      }
      if (!bucket.take(nowMs, units)) {
        measures.throttled('databaseKey', nowMs)
        return true
      }
    }
    if (table[kind].take(nowMs, units)) return false
    measures.throttled('databaseTable', nowMs)
    return true
  }

  return {
    connect: (isAlive, afterWrite) => ({
      async send(access) {
        for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
          if (!isThrottled(access)) {
            measures.accessed(access.kind, access.units, timeline.nowMs())
            const { leasesIn, key } = access
            if (leasesIn !== undefined) {
              measures.leases.set(leasesIn, (measures.leases.get(leasesIn) ?? 0) + 1)
            }
            const result = access.apply()
            if (access.kind === 'write') afterWrite?.()
            const isLost = leasesIn !== undefined && faults.losesAnswer(key)
            const answerMs = between(chance, ANSWER_MS.min, ANSWER_MS.max)
            await timeline.sleep(answerMs * faults.slowness(timeline.nowMs()))
            if (!isAlive()) return never()
            if (isLost) throw new StoreBusyError('the database is away')
            return result
          }
          const isLast = attempt === ATTEMPTS_MAX - 1
          await timeline.sleep(ANSWER_MS.min)
          if (!isLast) await timeline.sleep(chance() * THROTTLED_PAUSE_MS * 2 ** attempt)
          if (!isAlive()) return never()
        }
        throw new StoreRefusedError('the database throttles')
      },
    }),
  }
}

/** A promise for nobody: who waited for it is dead. */
function never(): Promise<never> {
  return new Promise(() => {})
}

/** A new table bears its first limit, and later twice what it bore before. */
function createTableLimit(first: number, most: number) {
  let limit = Math.min(first, most)
  let [second, inSecond, peak, sinceMs] = [0, 0, 0, 0]
  const bucket = createBucket(limit, 1)
  return {
    take(nowMs: number, units: number): boolean {
      if (nowMs - sinceMs >= GROWTH_MS) {
        limit = Math.min(most, Math.max(limit, 2 * peak))
        bucket.setRate(limit)
        ;[peak, sinceMs] = [0, nowMs]
      }
      if (Math.floor(nowMs / 1000) !== second) [second, inSecond] = [Math.floor(nowMs / 1000), 0]
      if (!bucket.take(nowMs, units)) return false
      inSecond += units
      peak = Math.max(peak, inSecond)
      return true
    },
  }
}
