/** DynamoDB's limits and times: what may be written and read in a second, and how long it takes. */
import { StoreRefusedError } from '../../store/dynamodb/items.ts'
import { StoreBusyError } from '../../store/port.ts'
import type { Measures } from '../measures/measures.ts'
import type { Quotas } from '../plan/quotas.ts'
import { type Bucket, createBucket } from '../time/bucket.ts'
import { between, type Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Connection, MemoryTable, TableRequest } from './table.ts'

export interface Database {
  /** @param isAlive a dead instance's requests are never answered. */
  connect(isAlive: () => boolean, afterWrite?: () => void): Connection
}

/** What goes wrong with the database, by the time. */
export interface DatabaseFaults {
  isRefused(key: string, nowMs: number): boolean
  slowness(nowMs: number): number
  /** Is the answer of this lease lost on its way? */
  losesAnswer(): boolean
}

export interface DatabaseDeps {
  readonly table: MemoryTable
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
/** Half an hour after a new peak a table bears twice that peak. */
const GROWTH_MS = 30 * 60_000
const WRITE_UNIT_BYTES = 1_024
const READ_UNIT_BYTES = 4_096
/** There are so many of these partitions that none of them gets warm: its own limit is not followed. */
const OF_ONE_TICKET = /#(?:CLAIM|THROUGH|INVITATION)#/
/** A median answer takes 4 to 5 ms. */
const ANSWER_MS = { min: 4, max: 5 }

export function createDatabase(deps: DatabaseDeps): Database {
  const { table, timeline, chance, quotas, measures, faults } = deps
  const limits = {
    write: createTableLimit(quotas.tableWritesPerSecond, quotas.tableWritesPerSecondMax),
    read: createTableLimit(quotas.tableReadsPerSecond, quotas.tableReadsPerSecondMax),
  }
  const keys = { write: new Map<string, Bucket>(), read: new Map<string, Bucket>() }
  const perKey = { write: quotas.keyWritesPerSecond, read: quotas.keyReadsPerSecond }

  const isThrottled = ({ kind, partitions }: TableRequest<unknown>, units: number): boolean => {
    const nowMs = timeline.nowMs()
    const [key = ''] = partitions
    if (faults.isRefused(key, nowMs)) {
      measures.throttled('databaseFault', nowMs)
      return true
    }
    // The units of a request for several partitions are spread over them: none of them gets warm.
    if (partitions.length === 1 && !OF_ONE_TICKET.test(key)) {
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
    if (limits[kind].take(nowMs, units)) return false
    measures.throttled('databaseTable', nowMs)
    return true
  }

  return {
    connect: (isAlive, afterWrite) => ({
      async send(request) {
        const { kind } = request
        const units = unitsOf(request)
        const leasesIn = leasedCohort(request)
        for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
          if (!isThrottled(request, units)) {
            measures.accessed(kind, units, timeline.nowMs())
            if (leasesIn !== undefined) {
              measures.leases.set(leasesIn, (measures.leases.get(leasesIn) ?? 0) + 1)
            }
            const result = request.apply(table.find)
            if (kind === 'write') afterWrite?.()
            const isLost = leasesIn !== undefined && faults.losesAnswer()
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

/** Write units, or read units: half for a read that may be a second old. */
export function unitsOf({ kind, isConsistent, bytes }: TableRequest<unknown>): number {
  const unitBytes = kind === 'write' ? WRITE_UNIT_BYTES : READ_UNIT_BYTES
  const units = bytes().reduce((sum, size) => sum + Math.max(1, Math.ceil(size / unitBytes)), 0)
  return isConsistent ? units : units / 2
}

/** The cohort that a request leases in: a lease is what adds to the counter of a shard. */
function leasedCohort({ isAdding, partitions }: TableRequest<unknown>): number | undefined {
  const cohort = isAdding && /#COHORT#(\d+)#SHARD#/.exec(partitions[0] ?? '')?.[1]
  return cohort ? Number(cohort) : undefined
}

/** Never settled: the instance that waited for it is dead. */
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
