/**
 * How the requests of a call get to the table and back: through virtual time, and each meets its
 * fate on the way. What a request does to the items is the rehearsal's table (lib/rehearsal/cloud).
 */
import type { Connection, MemoryTable, TableRequest } from '../../lib/rehearsal/cloud/table.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import { type Item, StoreRefusedError } from '../../lib/store/dynamodb/items.ts'
import { StoreBusyError } from '../../lib/store/port.ts'
import type { Key } from '../../lib/store/table.ts'
import type { Call } from './calls.ts'
import type { Faults } from './faults.ts'
import type { Trace } from './trace.ts'

/** Told of everything the moment it happens. */
export interface Witness {
  wrote(key: Key, before: Item | undefined, after: Item | undefined, call: Call): void
  /** Only what a call reads of what was written last. */
  read(key: Key, call: Call): void
}

export interface Connections {
  connectionOf(call: Call): Connection
  /** How many writes changed something. */
  writes(): number
  requests(): number
}

export interface ConnectionDeps {
  readonly table: MemoryTable
  readonly timeline: Timeline
  readonly faults: Faults
  readonly trace: Trace
  readonly witness: Witness
  /** Ends an instance: it serves nothing any more. */
  readonly kill: (call: Call) => void
}

/** An answer that takes longer than this disturbs its call. */
const SLOW_MS = 500
/** Former values are kept for as long as a read may be old. */
const PAST_MS = 1_500

export function createConnections(deps: ConnectionDeps): Connections {
  const { table, timeline, faults, trace, witness } = deps
  const past = createPast(timeline.nowMs)
  let [writes, requests] = [0, 0]

  /** Does it, on what its call may see: what was written last, or what was there a moment ago. */
  const applied = <Result>(call: Call, { kind, isConsistent, apply }: TableRequest<Result>) => {
    if (kind === 'write') return apply(table.find)
    const ageMs = isConsistent ? 0 : faults.ageMs()
    return apply(key => {
      if (isConsistent) witness.read(key, call)
      return past.find(key, table.find(key), ageMs)
    })
  }

  const send = <Result>(call: Call, request: TableRequest<Result>): Promise<Result> => {
    const { instance } = call
    requests++
    // The rest of what a dead instance would have done never happens.
    if (!instance.isAlive) return new Promise(() => {})
    const { kind, atMostOnce } = request
    const fate = faults.fateOf({ isWrite: kind === 'write', atMostOnce })
    if (fate.status !== 'served' || fate.answersMs > SLOW_MS) call.isDisturbed = true
    return new Promise((resolve, reject) => {
      const answers = (delayMs: number, answer: () => void) =>
        timeline.after(delayMs, () => {
          if (instance.isAlive) answer()
        })
      const reaches = (delayMs: number, take: (result: Result) => void = () => {}) =>
        timeline.after(delayMs, () => take(applied(call, request)))
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

  return {
    writes: () => writes,
    requests: () => requests,
    connectionOf: call => ({
      send: request => send(call, request),
      wrote(key, before, after) {
        past.keep(key, before)
        writes++
        trace.note(`${call.kind} ${call.id} writes ${nameOf(key)} ${brief(key.sk, after)}`)
        witness.wrote(key, before, after, call)
      },
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
      while ((kept[0]?.untilMs ?? nowMs()) < nowMs() - PAST_MS) kept.shift()
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
