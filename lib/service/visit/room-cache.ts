/** Rooms and records as one instance remembers them: state for a second, records for good. */

import { parseRoomPath } from '../../queue/address/room-path.ts'
import type { CohortRecord } from '../../queue/cohort/place.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { RECORD_CACHE_MAX, STATE_CACHE_MS } from '../../queue/limits.ts'
import { groupRoom, lineNumber } from '../../queue/room/groups.ts'
import type { Room } from '../../queue/room/state.ts'
import { statusCacheMs } from '../../queue/visitor/room-status.ts'
import type { Store } from '../../store/port.ts'

export interface Rooms {
  /**
   * A room by its path: `room`, or `room~group` for the room as that group sees it.
   * @throws AntichambreError `unknown-room`
   */
  get(path: string): Promise<Room>
  /** The record of a cohort of this room; undefined while it is open, or when it never was. */
  record(room: Room, cohort: number): Promise<CohortRecord | undefined>
  /** How many leased in the open cohort, at most a second old. */
  arrivals(room: Room): Promise<number>
  /** The room and its arrivals. @throws AntichambreError `unknown-room` */
  read(path: string): Promise<KnownRoom>
  /** The same without waiting, if both are in memory and fresh. */
  known(path: string): KnownRoom | undefined
}

export interface KnownRoom {
  readonly room: Room
  readonly arrivals: number
}

export function createRooms(store: Store, now: () => number): Rooms {
  const rooms = createFreshCache<Room | undefined>(now)
  const arrivals = createFreshCache<number>(now)
  const records = new Map<string, CohortRecord>()

  const views = createViews()

  const load = async (path: string, cacheMs: number): Promise<Room> => {
    const { id } = parseRoomPath(path)
    const loaded = await rooms.get(id, () => store.loadRoom(id), cacheMs)
    const room = loaded && views(loaded, path)
    if (room === undefined) throw new AntichambreError('unknown-room', 'there is no such room')
    return room
  }
  const countArrivals = (room: Room): Promise<number> =>
    arrivals.get(arrivalsName(room), async () => {
      const sizes = await store.sizes(room.id, room.state.openCohort, room.state.shards)
      return sizes.reduce((sum, size) => sum + size, 0)
    })

  /** How old a room may be for a status: near the sell-out it must be younger. */
  const statusAge = (path: string): number => {
    const known = rooms.known(parseRoomPath(path).id)
    return known === undefined ? STATE_CACHE_MS : statusCacheMs(known, now())
  }

  return {
    get: path => load(path, STATE_CACHE_MS),
    async record(room, cohort) {
      const { firstCohort, openCohort } = room.state
      // A cohort of another line is not found here, so that each record has one address.
      if (cohort >= openCohort || lineNumber(cohort) !== lineNumber(firstCohort)) return undefined
      const name = `${room.id}/${cohort}`
      const known = records.get(name)
      if (known !== undefined) return known
      const record = await store.loadRecord(room.id, cohort)
      if (record !== undefined) remember(records, name, record, RECORD_CACHE_MAX)
      return record
    },
    arrivals: countArrivals,
    async read(path) {
      const room = await load(path, statusAge(path))
      return { room, arrivals: await countArrivals(room) }
    },
    known(path) {
      const loaded = rooms.known(parseRoomPath(path).id, statusAge(path))
      const room = loaded && views(loaded, path)
      if (room === undefined) return undefined
      const count = arrivals.known(arrivalsName(room))
      return count === undefined ? undefined : { room, arrivals: count }
    },
  }
}

/** The room as a path names it: one view for all who ask, as long as the room is the same. */
function createViews() {
  const views = new WeakMap<Room, Map<string, Room>>()
  return (room: Room, path: string): Room | undefined => {
    const { group } = parseRoomPath(path)
    if (group === undefined) return room
    const ofRoom = views.get(room) ?? new Map<string, Room>()
    views.set(room, ofRoom)
    const view = ofRoom.get(group) ?? groupRoom(room, group)
    if (view !== undefined) ofRoom.set(group, view)
    return view
  }
}

function arrivalsName(room: Room): string {
  return `${room.id}/${room.state.openCohort}`
}

interface Entry<Value> {
  readonly atMs: number
  readonly loading: Promise<Value>
  /** What was loaded; undefined until then. */
  value: Value | undefined
}

/** Those who ask for a name at the same time share one load. */
function createFreshCache<Value>(now: () => number) {
  const entries = new Map<string, Entry<Value>>()
  const fresh = (name: string, cacheMs: number): Entry<Value> | undefined => {
    const entry = entries.get(name)
    const ageMs = entry === undefined ? -1 : now() - entry.atMs
    // A clock that was set back must not make a value last.
    return ageMs >= 0 && ageMs < cacheMs ? entry : undefined
  }
  return {
    get(name: string, load: () => Promise<Value>, cacheMs = STATE_CACHE_MS): Promise<Value> {
      const known = fresh(name, cacheMs)
      if (known !== undefined) return known.loading
      const loading = load()
      const entry = { atMs: now(), loading, value: undefined }
      remember(entries, name, entry, RECORD_CACHE_MAX)
      keepOutcome(entry, () => {
        // A load that failed is told to those who waited for it, and to nobody later.
        if (entries.get(name) === entry) entries.delete(name)
      })
      return loading
    },
    known: (name: string, cacheMs = STATE_CACHE_MS): Value | undefined =>
      fresh(name, cacheMs)?.value,
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
