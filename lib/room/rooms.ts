/** Rooms and records as one instance remembers them: state for a second, records for good. */

import { AntichambreError } from '../queue/errors.ts'
import { RECORD_CACHE_MAX, STATE_CACHE_MS } from '../queue/limits.ts'
import type { CohortRecord } from '../queue/place.ts'
import type { Room } from '../queue/state.ts'
import type { Store } from '../store/store.ts'

export interface Rooms {
  /** @throws AntichambreError `unknown-room` */
  get(id: string): Promise<Room>
  /** The record of a cohort of this room; undefined while it is open, or when it never was. */
  record(room: Room, cohort: number): Promise<CohortRecord | undefined>
  /** How many leased in the open cohort, at most a second old. */
  arrivals(room: Room): Promise<number>
  /** Both together. @throws AntichambreError `unknown-room` */
  read(id: string): Promise<KnownRoom>
  /** The same at once, if it is in memory and fresh. */
  known(id: string): KnownRoom | undefined
}

export interface KnownRoom {
  readonly room: Room
  readonly arrivals: number
}

export function createRooms(store: Store, now: () => number): Rooms {
  const rooms = createFreshCache<Room | undefined>(now)
  const arrivals = createFreshCache<number>(now)
  const records = new Map<string, CohortRecord>()

  const get = async (id: string): Promise<Room> => {
    const room = await rooms.get(id, () => store.loadRoom(id))
    if (room === undefined) throw new AntichambreError('unknown-room', 'there is no such room')
    return room
  }
  const countArrivals = (room: Room): Promise<number> =>
    arrivals.get(arrivalsName(room), async () => {
      const sizes = await store.sizes(room.id, room.state.openCohort, room.state.shards)
      return sizes.reduce((sum, size) => sum + size, 0)
    })

  return {
    get,
    async record(room, cohort) {
      if (cohort >= room.state.openCohort) return undefined
      const name = `${room.id}/${cohort}`
      const known = records.get(name)
      if (known !== undefined) return known
      const record = await store.loadRecord(room.id, cohort)
      if (record !== undefined) remember(records, name, record, RECORD_CACHE_MAX)
      return record
    },
    arrivals: countArrivals,
    async read(id) {
      const room = await get(id)
      return { room, arrivals: await countArrivals(room) }
    },
    known(id) {
      const room = rooms.known(id)
      if (room === undefined) return undefined
      const count = arrivals.known(arrivalsName(room))
      return count === undefined ? undefined : { room, arrivals: count }
    },
  }
}

function arrivalsName(room: Room): string {
  return `${room.id}/${room.state.openCohort}`
}

interface Entry<Value> {
  readonly untilMs: number
  readonly loading: Promise<Value>
  /** What was loaded; undefined until then. */
  value: Value | undefined
}

/** Names asked for at once share one load; a value is used for `STATE_CACHE_MS`. */
function createFreshCache<Value>(now: () => number) {
  const entries = new Map<string, Entry<Value>>()
  const fresh = (name: string): Entry<Value> | undefined => {
    const entry = entries.get(name)
    const restMs = entry === undefined ? 0 : entry.untilMs - now()
    // A clock that was set back must not make a value last.
    return restMs > 0 && restMs <= STATE_CACHE_MS ? entry : undefined
  }
  return {
    get(name: string, load: () => Promise<Value>): Promise<Value> {
      const known = fresh(name)
      if (known !== undefined) return known.loading
      const loading = load()
      const entry = { untilMs: now() + STATE_CACHE_MS, loading, value: undefined }
      remember(entries, name, entry, RECORD_CACHE_MAX)
      keepOutcome(entry, () => {
        // A failed load is nobody's answer but theirs who waited for it.
        if (entries.get(name) === entry) entries.delete(name)
      })
      return loading
    },
    known: (name: string): Value | undefined => fresh(name)?.value,
  }
}

function keepOutcome<Value>(entry: Entry<Value>, onFailure: () => void): void {
  entry.loading.then(value => {
    entry.value = value
  }, onFailure)
}

/** Keeps a map bounded: the entry that came first goes first. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value, max: number): void {
  map.delete(name)
  const oldest = map.size >= max ? map.keys().next() : undefined
  if (oldest !== undefined && oldest.done !== true) map.delete(oldest.value)
  map.set(name, value)
}
