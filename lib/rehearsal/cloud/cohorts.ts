/** Cohorts over memory: a counter for each shard, and the record of the close. */
import type { Store } from '../../store/port.ts'
import { itemKey } from '../../store/table.ts'
import type { Connection } from './database.ts'
import type { Memory } from './memory.ts'

type CohortStore = Pick<
  Store,
  'lease' | 'giveBack' | 'sizes' | 'closeShards' | 'putRecord' | 'loadRecord'
>

export function cohortsInMemory(
  memory: Pick<Memory, 'counters' | 'records'>,
  connection: Connection,
): CohortStore {
  const write = <Result>(key: string, apply: () => Result) =>
    connection.send({ kind: 'write', key, units: 1, apply })
  const read = <Result>(key: string, apply: () => Result) =>
    connection.send({ kind: 'read', key, units: 1, apply })
  const counterOf = (key: string) => {
    const counter = memory.counters.get(key) ?? { leased: 0, retried: 0, closedAtMs: undefined }
    memory.counters.set(key, counter)
    return counter
  }

  return {
    lease(room, cohort, shard, count, retried = 0) {
      const { pk } = itemKey.counter(room, cohort, shard)
      const apply = () => {
        const counter = counterOf(pk)
        if (counter.closedAtMs !== undefined) return { status: 'closed' as const }
        counter.leased += count
        counter.retried += retried
        return { status: 'leased' as const, first: counter.leased - count }
      }
      return connection.send({ kind: 'write', key: pk, units: 1, leasesIn: cohort, apply })
    },

    async giveBack(room, cohort, shard, first, end) {
      const { pk } = itemKey.counter(room, cohort, shard)
      await read(pk, () => undefined)
      return write(pk, () => {
        const counter = counterOf(pk)
        if (counter.closedAtMs !== undefined || counter.leased !== end) return false
        counter.leased = first
        return true
      })
    },

    sizes(room, cohort, shards, { consistent = false } = {}) {
      const keys = Array.from(
        { length: shards },
        (_, shard) => itemKey.counter(room, cohort, shard).pk,
      )
      const apply = () => keys.map(key => memory.counters.get(key)?.leased ?? 0)
      const units = shards * (consistent ? 1 : 0.5)
      // One request for all: the units are spread over as many keys, so none of them gets warm.
      return connection.send({ kind: 'read', key: keys[0] ?? '', units, isOwn: true, apply })
    },

    async closeShards(room, cohort, shards, nowMs) {
      const counters = await eachShard(shards, shard => {
        const { pk } = itemKey.counter(room, cohort, shard)
        return write(pk, () => {
          const counter = counterOf(pk)
          counter.closedAtMs ??= nowMs
          return { ...counter, closedAtMs: counter.closedAtMs }
        })
      })
      return {
        sizes: counters.map(counter => counter.leased),
        closedAtMs: Math.min(...counters.map(counter => counter.closedAtMs)),
        retried: counters.reduce((sum, counter) => sum + counter.retried, 0),
      }
    },

    putRecord(room, record) {
      const { pk } = itemKey.record(room, record.cohort)
      return write(pk, () => {
        const kept = memory.records.get(pk) ?? record
        memory.records.set(pk, kept)
        return kept
      })
    },

    loadRecord(room, cohort) {
      const { pk } = itemKey.record(room, cohort)
      return read(pk, () => memory.records.get(pk))
    },
  }
}

function eachShard<Result>(shards: number, act: (shard: number) => Promise<Result>) {
  return Promise.all(Array.from({ length: shards }, (_, shard) => act(shard)))
}
