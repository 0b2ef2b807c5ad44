/**
 * The table: lib/store's own code over items in memory. Each request goes to it and back through
 * virtual time and meets its fate on the way; what it does to the data it does in one moment.
 */
import { changed, holds } from '../../lib/rehearsal/cloud/expressions.ts'
import { type Item, type Items, StoreRefusedError } from '../../lib/store/dynamodb/items.ts'
import { StoreBusyError } from '../../lib/store/port.ts'
import type { Key } from '../../lib/store/table.ts'
import type { Call } from './calls.ts'
import type { Faults } from './faults.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

/** Told of everything the moment it happens. */
export interface Witness {
  wrote(key: Key, before: Item | undefined, after: Item | undefined, call: Call): void
  /** Only what a call reads of what was written last. */
  read(key: Key, call: Call): void
}

export interface Table {
  /** The table as one call sees it. */
  itemsFor(call: Call): Items
  /** An item as it is now. */
  find(key: Key): Item | undefined
  /** How many writes changed something. */
  writes(): number
  requests(): number
}

export interface TableDeps {
  readonly timeline: Timeline
  readonly faults: Faults
  readonly trace: Trace
  readonly witness: Witness
  /** Ends an instance: it serves nothing any more. */
  readonly kill: (call: Call) => void
}

/** A request as it is sent. */
interface Request<Result> {
  readonly isWrite: boolean
  readonly atMostOnce: boolean
  readonly apply: () => Result
}

/** An answer that takes longer than this disturbs its call. */
const SLOW_MS = 500
/** Former values are kept for as long as a read may be old. */
const KEPT_MS = 1_500

export function createTable(deps: TableDeps): Table {
  const { timeline, faults, trace, witness } = deps
  const partitions = new Map<string, Map<string, Item>>()
  const past = createPast(timeline.nowMs)
  let [writes, requests] = [0, 0]

  const find = ({ pk, sk }: Key) => partitions.get(pk)?.get(sk)
  const keep = (key: Key, after: Item | undefined, call: Call) => {
    const before = find(key)
    const partition = partitions.get(key.pk) ?? new Map<string, Item>()
    partitions.set(key.pk, partition)
    if (after === undefined) partition.delete(key.sk)
    else partition.set(key.sk, after)
    past.keep(key, before)
    writes++
    trace.note(`${call.kind} ${call.id} writes ${nameOf(key)} ${brief(key.sk, after)}`)
    witness.wrote(key, before, after, call)
  }

  function send<Result>(call: Call, request: Request<Result>): Promise<Result> {
    const { instance } = call
    requests++
    // The rest of what a dead instance would have done never happens.
    if (!instance.isAlive) return new Promise(() => {})
    const fate = faults.fateOf(request)
    if (fate.status !== 'served' || fate.answersMs > SLOW_MS) call.isDisturbed = true
    return new Promise((resolve, reject) => {
      const answers = (delayMs: number, answer: () => void) =>
        timeline.after(delayMs, () => {
          if (instance.isAlive) answer()
        })
      const reaches = (delayMs: number, take: (result: Result) => void = () => {}) =>
        timeline.after(delayMs, () => take(request.apply()))
      switch (fate.status) {
        case 'served': {
          const { reachesMs, answersMs } = fate
          reaches(reachesMs, result => answers(answersMs - reachesMs, () => resolve(result)))
          return
        }
        case 'refused':
          answers(fate.answersMs, () => reject(new StoreRefusedError('the database throttles')))
          return
        case 'lost':
          reaches(fate.reachesMs)
          answers(fate.answersMs, () => reject(new StoreBusyError('the database is away')))
          return
        case 'repeated':
          reaches(fate.reachesMs)
          reaches(fate.againMs, result =>
            answers(fate.answersMs - fate.againMs, () => resolve(result)),
          )
          return
        case 'fatal':
          if (fate.reachesMs !== null) reaches(fate.reachesMs)
          answers(fate.diesMs, () => deps.kill(call))
      }
    })
  }

  const read = <Result>(call: Call, apply: () => Result) =>
    send(call, { isWrite: false, atMostOnce: false, apply })

  return {
    find,
    writes: () => writes,
    requests: () => requests,
    itemsFor: call => ({
      get: (key, { consistent = true } = {}) =>
        read(call, () => {
          if (!consistent) return past.find(key, find(key), faults.ageMs())
          witness.read(key, call)
          return find(key)
        }),
      getAll: (keys, { consistent = true } = {}) =>
        read(call, () => {
          const ageMs = consistent ? 0 : faults.ageMs()
          return keys.map(key => past.find(key, find(key), ageMs))
        }),
      query: (pk, { from = '', limit, backwards = false, consistent = true } = {}) =>
        read(call, () => {
          const ageMs = consistent ? 0 : faults.ageMs()
          const sorted = [...(partitions.get(pk)?.keys() ?? [])]
            .filter(sk => sk >= from)
            .sort((a, b) => (a < b === backwards ? 1 : -1))
            .slice(0, limit)
          if (consistent) for (const sk of sorted) witness.read({ pk, sk }, call)
          const found = sorted.map(sk => past.find({ pk, sk }, find({ pk, sk }), ageMs))
          return found.filter(item => item !== undefined)
        }),
      put(key, fields, condition) {
        let mine: Item | undefined
        const apply = () => {
          const known = find(key)
          // Each conditional put leaves its mark: one that comes again knows its own.
          if (mine !== undefined && mine === known) return true
          if (condition && !holds(condition.condition, known, condition.values)) return false
          const after: Record<string, Item[string]> = { ...key }
          for (const [name, value] of Object.entries(fields)) {
            if (value !== undefined) after[name] = value
          }
          keep(key, after, call)
          mine = after
          return true
        }
        return send(call, { isWrite: true, atMostOnce: false, apply })
      },
      update(key, change) {
        const { condition, values, set = [], atMostOnce = false } = change
        let mine: Item | undefined
        const apply = () => {
          const known = find(key)
          // As in lib/store/dynamodb/client.ts: only updates that set something leave a mark.
          const isMarked = condition !== undefined && set.length > 0
          if (isMarked && mine !== undefined && mine === known) return known
          if (condition !== undefined && !holds(condition, known, values)) return undefined
          const after = { ...changed(known, change), ...key }
          keep(key, after, call)
          mine = after
          return after
        }
        return send(call, { isWrite: true, atMostOnce, apply })
      },
      remove: (key, condition) =>
        send(call, {
          isWrite: true,
          atMostOnce: false,
          apply: () => {
            const known = find(key)
            if (known === undefined) return
            if (condition && !holds(condition.condition, known, condition.values)) return
            keep(key, undefined, call)
          },
        }),
    }),
  }
}

/** A key without what all keys have: `ROOM#room#`. */
function nameOf({ pk, sk }: Key): string {
  return `${pk.slice(pk.indexOf('#', 5) + 1)} ${sk}`
}

/** What a line of the trace says of an item. */
function brief(sk: string, item: Item | undefined): string {
  if (item === undefined) return 'nothing'
  if (sk === 'COUNTER')
    return `leased ${item.leased}${item.closedAtMs === undefined ? '' : ', closed'}`
  if (sk !== 'HOUSE') {
    return String(item.json ?? item.passId ?? item.departedAtMs ?? item.wakesAtMs ?? '')
  }
  return Object.entries(item)
    .filter(([name]) => name !== 'pk' && name !== 'sk')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/** What items were a moment ago, for reads that need not be consistent. */
function createPast(nowMs: () => number) {
  const former = new Map<string, { untilMs: number; item: Item | undefined }[]>()
  const fullName = ({ pk, sk }: Key) => `${pk}\n${sk}`
  return {
    keep(key: Key, item: Item | undefined): void {
      const name = fullName(key)
      const kept = former.get(name) ?? []
      former.set(name, kept)
      kept.push({ untilMs: nowMs(), item })
      while ((kept[0]?.untilMs ?? nowMs()) < nowMs() - KEPT_MS) kept.shift()
    },
    /** The item as it was then. */
    find(key: Key, item: Item | undefined, ageMs: number): Item | undefined {
      if (ageMs === 0) return item
      const thenMs = nowMs() - ageMs
      const found = former.get(fullName(key))?.find(({ untilMs }) => untilMs > thenMs)
      return found === undefined ? item : found.item
    },
  }
}
