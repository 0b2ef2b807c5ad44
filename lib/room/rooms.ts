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
}

export function createRooms(store: Store, now: () => number): Rooms {
  const rooms = createFreshCache<Room | undefined>(now)
  const arrivals = createFreshCache<number>(now)
  const records = new Map<string, CohortRecord>()

  return {
    async get(id) {
      const room = await rooms(id, () => store.loadRoom(id))
      if (room === undefined) throw new AntichambreError('unknown-room', 'there is no such room')
      return room
    },
    async record(room, cohort) {
      if (cohort >= room.state.openCohort) return undefined
      const name = `${room.id}/${cohort}`
      const known = records.get(name)
      if (known !== undefined) return known
      const record = await store.loadRecord(room.id, cohort)
      if (record !== undefined) remember(records, name, record, RECORD_CACHE_MAX)
      return record
    },
    arrivals: room =>
      arrivals(`${room.id}/${room.state.openCohort}`, async () => {
        const sizes = await store.sizes(room.id, room.state.openCohort, room.state.shards)
        return sizes.reduce((sum, size) => sum + size, 0)
      }),
  }
}

/** Names asked for at once share one load; a value is used for `STATE_CACHE_MS`. */
function createFreshCache<Value>(now: () => number) {
  const entries = new Map<string, { untilMs: number; value: Promise<Value> }>()
  return (name: string, load: () => Promise<Value>): Promise<Value> => {
    const known = entries.get(name)
    const nowMs = now()
    if (known !== undefined && nowMs < known.untilMs && known.untilMs - nowMs <= STATE_CACHE_MS) {
      return known.value
    }
    const value = load()
    remember(entries, name, { untilMs: nowMs + STATE_CACHE_MS, value }, RECORD_CACHE_MAX)
    // A failed load is nobody's answer but theirs who waited for it.
    value.catch(() => {
      if (entries.get(name)?.value === value) entries.delete(name)
    })
    return value
  }
}

/** Keeps a map bounded: the entry that came first goes first. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value, max: number): void {
  map.delete(name)
  const oldest = map.size >= max ? map.keys().next() : undefined
  if (oldest !== undefined && oldest.done !== true) map.delete(oldest.value)
  map.set(name, value)
}
