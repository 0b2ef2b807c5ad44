/** lib/store's adapter code over the simulated table. */
import type { CohortRecord } from '../../lib/queue/cohort/place.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import type { Room, RoomState } from '../../lib/queue/room/state.ts'
import { cohortStore } from '../../lib/store/dynamodb/cohorts.ts'
import type { Item, Items } from '../../lib/store/dynamodb/items.ts'
import { roomStore } from '../../lib/store/dynamodb/rooms.ts'
import { storeOver } from '../../lib/store/dynamodb/store.ts'
import type { Store } from '../../lib/store/port.ts'
import { itemKey, partitions } from '../../lib/store/table.ts'

/**
 * What was parsed before, by the items that it was parsed from. The adapter checks the form of
 * every state that it reads, which would take most of a run's time: here it is one in so many.
 */
export interface Parsed {
  readonly rooms: WeakMap<Item, WeakMap<Item, Room | undefined>>
  readonly configs: WeakMap<Item, RoomConfig>
  readonly states: WeakMap<Item, RoomState>
  readonly records: WeakMap<Item, CohortRecord>
}

const CHECKED_EVERY = 16

export function createParsed(): Parsed {
  return {
    rooms: new WeakMap(),
    configs: new WeakMap(),
    states: new WeakMap(),
    records: new WeakMap(),
  }
}

/** The store of one call. */
export function createStore(items: Items, parsed: Parsed): Store {
  return {
    ...storeOver(items),
    async loadRoom(room, { consistent = false } = {}) {
      return roomOf(room, await items.query(partitions.room(room), { consistent }), parsed)
    },
    async loadRecord(room, cohort) {
      const item = await items.get(itemKey.record(room, cohort))
      return (
        item && (parsed.records.get(item) ?? cohortStore(holding([item])).loadRecord(room, cohort))
      )
    },
  }
}

async function roomOf(
  id: string,
  found: readonly Item[],
  parsed: Parsed,
): Promise<Room | undefined> {
  const config = found.find(item => item.sk === 'CONFIG')
  const state = found.find(item => item.sk === 'STATE')
  if (config === undefined || state === undefined) return undefined
  const ofConfig = parsed.rooms.get(config) ?? new WeakMap<Item, Room | undefined>()
  parsed.rooms.set(config, ofConfig)
  if (ofConfig.has(state)) return ofConfig.get(state)
  const room =
    unchecked(id, config, state, parsed) ?? (await roomStore(holding(found)).loadRoom(id))
  ofConfig.set(state, room)
  if (room !== undefined) parsed.configs.set(config, room.config)
  return room
}

/** A room of a configuration that was read before; undefined where the adapter has to look at it. */
function unchecked(id: string, configItem: Item, item: Item, parsed: Parsed): Room | undefined {
  const [config, state] = [parsed.configs.get(configItem), parsed.states.get(item)]
  if (config === undefined || state === undefined || item.life !== configItem.life) return undefined
  if (item.deleted !== undefined || Number(item.version) % CHECKED_EVERY === 0) return undefined
  return { id, config, configVersion: Number(configItem.version), state }
}

/** A table that holds these items and answers at once. */
function holding(found: readonly Item[]): Items {
  const refuse = () => Promise.reject(new Error('nothing is written here'))
  return {
    get: async () => found[0],
    getAll: async () => [...found],
    query: async () => [...found],
    put: refuse,
    update: refuse,
    remove: refuse,
  }
}
