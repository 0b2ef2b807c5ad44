/**
 * The room's own store (lib/store) over the table in memory. It passes the contract suite.
 *
 * A thousand instances read the same room each second. What they read is parsed once for all of
 * them, and anew when one of its items was written.
 */
import type { CohortRecord } from '../../queue/cohort/place.ts'
import type { Room, RoomState } from '../../queue/room/state.ts'
import { recordOf } from '../../store/dynamodb/cohorts.ts'
import type { Item, Items } from '../../store/dynamodb/items.ts'
import { roomOf, roomTexts } from '../../store/dynamodb/rooms.ts'
import { storeOver } from '../../store/dynamodb/store.ts'
import type { Store } from '../../store/port.ts'
import { itemKey, partitions } from '../../store/table.ts'

/** What items of the table say, each parsed once. */
export interface Parsed {
  /** @param found the items of the room's partition. */
  room(id: string, found: readonly Item[]): Room | undefined
  state(item: Item): RoomState
  record(item: Item): CohortRecord
}

/** The store checks the form of every state, which would take most of a run's time: here of one in so many. */
const CHECKED_EVERY = 16

export function createParsed(): Parsed {
  const rooms = new WeakMap<Item, { readonly config: Item; readonly room: Room | undefined }>()
  const config = once(roomTexts.config)
  const state = once(item =>
    Number(item.version) % CHECKED_EVERY === 0
      ? roomTexts.state(item)
      : { ...(JSON.parse(String(item.json)) as RoomState), version: Number(item.version) },
  )
  return {
    state,
    record: once(recordOf),
    room(id, found) {
      const [configItem, stateItem] = ['CONFIG', 'STATE'].map(name =>
        found.find(({ sk }) => sk === name),
      )
      if (configItem === undefined || stateItem === undefined) return undefined
      const known = rooms.get(stateItem)
      if (known?.config === configItem) return known.room
      const room = roomOf(id, found, { config, state })
      rooms.set(stateItem, { config: configItem, room })
      return room
    },
  }
}

function once<Value extends object>(parse: (item: Item) => Value): (item: Item) => Value {
  const known = new WeakMap<Item, Value>()
  return item => {
    const value = known.get(item) ?? parse(item)
    known.set(item, value)
    return value
  }
}

/** One instance's store. */
export function createRehearsalStore(items: Items, parsed: Parsed): Store {
  return {
    ...storeOver(items),
    async loadRoom(room, { consistent = false } = {}) {
      return parsed.room(room, await items.query(partitions.room(room), { consistent }))
    },
    async loadRecord(room, cohort) {
      const item = await items.get(itemKey.record(room, cohort))
      return item && parsed.record(item)
    },
  }
}
