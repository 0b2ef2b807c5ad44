/**
 * The store port over memory. Each request that the DynamoDB adapter would send is one request
 * here, on the same key, so that limits and deaths meet the same steps. It passes the contract suite.
 */
import { bucketStartMs } from '../queue/counts.ts'
import type { CohortRecord } from '../queue/place.ts'
import type { RoomConfig } from '../queue/room-config.ts'
import type { Room, RoomState } from '../queue/state.ts'
import {
  type Claim,
  type DepartureReason,
  type EntryBucket,
  type HistoryEntry,
  type Store,
  StoreBusyError,
} from '../store/store.ts'
import { itemKey, partitions } from '../store/table.ts'
import type { Connection } from './database.ts'

interface KeptRoom {
  config: RoomConfig
  configVersion: number
  /** As text, as the table keeps it, and read back once for all who load it. */
  state: string
  parsed: RoomState
  version: number
  wakesAtMs: number | null
  isDeleted: boolean
}

interface Counter {
  leased: number
  retried: number
  closedAtMs: number | undefined
}

interface Bucket {
  entered: number
  left: number
  bought: number
  byTurn: Map<number, number>
}

/** What the table holds. */
export interface Memory {
  readonly rooms: Map<string, KeptRoom>
  readonly counters: Map<string, Counter>
  readonly records: Map<string, CohortRecord>
  readonly claims: Map<string, { claim: Claim; departed: boolean }>
  readonly buckets: Map<string, Map<number, Bucket>>
  readonly history: Map<string, HistoryEntry[]>
}

export function createMemory(): Memory {
  return {
    rooms: new Map(),
    counters: new Map(),
    records: new Map(),
    claims: new Map(),
    buckets: new Map(),
    history: new Map(),
  }
}

/** A write unit holds 1 KB, a read unit 4 KB. */
const WRITE_BYTES = 1_024
const READ_BYTES = 4_096
/** About what a configuration takes in the table. */
const CONFIG_BYTES = 600

/** One instance's store. */
export function createRehearsalStore(memory: Memory, connection: Connection): Store {
  const write = <Result>(key: string, apply: () => Result, units = 1, isOwn = false) =>
    connection.send({ kind: 'write', key, units, isOwn, apply })
  const read = <Result>(key: string, apply: () => Result, units = 1, isOwn = false) =>
    connection.send({ kind: 'read', key, units, isOwn, apply })
  const living = (room: string) => {
    const kept = memory.rooms.get(room)
    return kept?.isDeleted === false ? kept : undefined
  }
  const counterOf = (key: string) => {
    const counter = memory.counters.get(key) ?? { leased: 0, retried: 0, closedAtMs: undefined }
    memory.counters.set(key, counter)
    return counter
  }
  const countEntry = (room: string, claim: Claim, reason?: DepartureReason) =>
    write(partitions.entries(room), () => {
      const buckets = memory.buckets.get(room) ?? new Map<number, Bucket>()
      memory.buckets.set(room, buckets)
      const startsAtMs = bucketStartMs(claim.enteredAtMs)
      const fresh = { entered: 0, left: 0, bought: 0, byTurn: new Map<number, number>() }
      const bucket = buckets.get(startsAtMs) ?? fresh
      buckets.set(startsAtMs, bucket)
      if (reason !== undefined) {
        bucket.left++
        if (reason === 'bought') bucket.bought++
        return
      }
      bucket.entered++
      const turnMs = bucketStartMs(claim.turnAtMs)
      bucket.byTurn.set(turnMs, (bucket.byTurn.get(turnMs) ?? 0) + 1)
    })

  return {
    async createRoom(room, config, state) {
      await write(partitions.listings, () => undefined)
      const isMade = await write(partitions.room(room), () => {
        const kept = memory.rooms.get(room)
        const isFree = kept === undefined || (kept.isDeleted && kept.version === state.version)
        if (!isFree) return false
        memory.rooms.set(room, {
          config,
          configVersion: 0,
          state: JSON.stringify(state),
          parsed: state,
          version: state.version,
          wakesAtMs: null,
          isDeleted: false,
        })
        return true
      })
      if (isMade) await write(partitions.room(room), () => undefined)
      return isMade
    },

    loadRoom(room, { consistent = false } = {}) {
      const bytes = CONFIG_BYTES + (living(room)?.state.length ?? 0)
      const units = Math.ceil(bytes / READ_BYTES) * (consistent ? 1 : 0.5)
      return read(partitions.room(room), () => roomOf(room, living(room)), units)
    },

    lastState: room =>
      read(partitions.room(room), () => {
        const kept = memory.rooms.get(room)
        return kept && stateOf(kept)
      }),

    listRooms: () =>
      read(partitions.listings, () =>
        [...memory.rooms]
          .filter(([, kept]) => !kept.isDeleted)
          .map(([room, { wakesAtMs }]) => ({ room, wakesAtMs }))
          .sort((a, b) => (a.room < b.room ? -1 : 1)),
      ),

    saveConfig: (room, config, ifVersion) =>
      write(partitions.room(room), () => {
        const kept = living(room)
        if (kept === undefined || kept.configVersion !== ifVersion) return false
        kept.config = config
        kept.configVersion++
        return true
      }),

    saveState(room, state) {
      const text = JSON.stringify(state)
      const apply = () => {
        const kept = living(room)
        if (kept === undefined || kept.version !== state.version) return false
        kept.state = text
        kept.version++
        kept.parsed = JSON.parse(text) as RoomState
        return true
      }
      return write(partitions.room(room), apply, Math.ceil(text.length / WRITE_BYTES))
    },

    async deleteRoom(room) {
      await write(partitions.room(room), () => {
        const kept = living(room)
        if (kept === undefined) return
        kept.isDeleted = true
        kept.version++
      })
    },

    setWake: (room, wakesAtMs) =>
      write(partitions.listings, () => {
        const kept = living(room)
        if (kept !== undefined) kept.wakesAtMs = wakesAtMs
      }),

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

    sizes: (room, cohort, shards, { consistent = false } = {}) =>
      eachShard(shards, shard => {
        const { pk } = itemKey.counter(room, cohort, shard)
        return read(pk, () => memory.counters.get(pk)?.leased ?? 0, consistent ? 1 : 0.5)
      }),

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

    async claim(room, ticketId, claim) {
      const { pk } = itemKey.claim(room, ticketId)
      const putClaim = () => {
        const known = memory.claims.get(pk)
        if (known === undefined) memory.claims.set(pk, { claim, departed: false })
        return known?.claim
      }
      const known = await write(pk, putClaim, 1, true)
      if (known !== undefined) {
        const stored = await read(pk, () => memory.claims.get(pk)?.claim, 1, true)
        if (stored === undefined) throw new StoreBusyError('an entry was taken back meanwhile')
        return { status: 'already-entered', claim: stored }
      }
      try {
        await countEntry(room, claim)
      } catch (error) {
        await write(pk, () => memory.claims.delete(pk), 1, true).catch(() => undefined)
        throw error
      }
      return { status: 'entered', claim }
    },

    loadClaim(room, ticketId) {
      const { pk } = itemKey.claim(room, ticketId)
      return read(pk, () => memory.claims.get(pk)?.claim, 1, true)
    },

    async depart(room, ticketId, reason) {
      const { pk } = itemKey.claim(room, ticketId)
      const markDeparted = () => {
        const kept = memory.claims.get(pk)
        if (kept === undefined) return 'never-entered' as const
        if (kept.departed) return 'repeated' as const
        kept.departed = true
        return kept.claim
      }
      const outcome = await write(pk, markDeparted, 1, true)
      if (typeof outcome === 'string') return outcome
      await countEntry(room, outcome, reason)
      return 'counted'
    },

    async entryBuckets(room, fromMs) {
      const units = Math.ceil((memory.buckets.get(room)?.size ?? 0) / 20)
      return read(partitions.entries(room), () => bucketsOf(memory, room, fromMs), units || 1)
    },

    addHistory: (room, entry) =>
      write(partitions.history(room), () => {
        const kept = memory.history.get(room) ?? []
        const others = kept.filter(one => one.atMs !== entry.atMs || one.kind !== entry.kind)
        memory.history.set(room, [...others, entry])
      }),

    history: (room, limit) =>
      read(partitions.history(room), () =>
        [...(memory.history.get(room) ?? [])]
          .sort((a, b) => b.atMs - a.atMs || (a.kind < b.kind ? 1 : -1))
          .slice(0, limit),
      ),
  }
}

function eachShard<Result>(shards: number, act: (shard: number) => Promise<Result>) {
  return Promise.all(Array.from({ length: shards }, (_, shard) => act(shard)))
}

function stateOf(kept: KeptRoom): RoomState {
  return { ...kept.parsed, version: kept.version }
}

function roomOf(id: string, kept: KeptRoom | undefined): Room | undefined {
  if (kept === undefined) return undefined
  return { id, config: kept.config, configVersion: kept.configVersion, state: stateOf(kept) }
}

function bucketsOf(memory: Memory, room: string, fromMs: number): EntryBucket[] {
  const from = bucketStartMs(fromMs)
  return [...(memory.buckets.get(room) ?? [])]
    .filter(([startsAtMs]) => startsAtMs >= from)
    .sort(([a], [b]) => a - b)
    .map(([startsAtMs, bucket]) => ({
      startsAtMs,
      ...bucket,
      byTurn: new Map(bucket.byTurn),
    }))
}
