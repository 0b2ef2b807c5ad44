/**
 * Rooms in the table. A room exists as long as its STATE is not marked as deleted: that one item
 * decides who made the room and who deleted it. Each time a room is made it begins a new life,
 * numbered by the version of its first state; a deletion raises the version, so no number comes back.
 * All three items say of which life they are. So what a death half-way left behind is either of an
 * older life, and ignored, or completed by running the same call again.
 */
import * as z from 'zod/mini'
import type { RoomConfig } from '../../queue/room/config.ts'
import { storedRoomConfig } from '../../queue/room/config-input.ts'
import { type Room, type RoomState, roomStateSchema } from '../../queue/room/state.ts'
import type { RoomListing, Store } from '../port.ts'
import { itemKey, partitions } from '../table.ts'
import { type Item, type Items, parsed } from './items.ts'

type RoomStore = Pick<
  Store,
  | 'createRoom'
  | 'loadRoom'
  | 'lastState'
  | 'listRooms'
  | 'saveConfig'
  | 'saveState'
  | 'deleteRoom'
  | 'setWake'
>

const listingItem = z.object({ sk: z.string(), wakesAtMs: z.optional(z.int()) })
const configItem = z.object({ version: z.int(), json: z.string(), life: z.int() })
const stateItem = z.object({ ...configItem.shape, deleted: z.optional(z.literal(true)) })

export function roomStore(items: Items): RoomStore {
  const findState = async (room: string) => {
    const item = await items.get(itemKey.state(room))
    return item && parsed(stateItem, item)
  }
  /** The life of a room that has a state and no configuration yet. Undefined where it has both, or there is no room. */
  const findLifeToComplete = async (room: string) => {
    const { state, config } = partsOf(room, await items.query(partitions.room(room)))
    const { life, deleted } = state ? parsed(stateItem, state) : { life: undefined, deleted: true }
    const isWhole = config !== undefined && parsed(configItem, config).life === life
    return deleted || isWhole ? undefined : life
  }

  return {
    async createRoom(room, config, state) {
      // The listing first: a room that is not listed would serve people and never get a tick, while
      // a listing without a room is passed over. It says its life, so that a late deletion of an
      // earlier one leaves it alone.
      const ofEarlierLife = 'attribute_not_exists(life) OR life < :life'
      await items.update(itemKey.listing(room), {
        set: ['life = :life'],
        values: { life: state.version },
        condition: ofEarlierLife,
      })

      // Settles the race of several creations, and of a creation against stale ticks.
      const neverMade = 'attribute_not_exists(pk)'
      const deletedSince = '(deleted = :yes AND version = :version)'
      const isFirst = await items.put(
        itemKey.state(room),
        { version: state.version, json: JSON.stringify(state), life: state.version },
        {
          condition: `${neverMade} OR ${deletedSince}`,
          values: { yes: true, version: state.version },
        },
      )
      const life = isFirst ? state.version : await findLifeToComplete(room)
      if (life === undefined) return false

      // Of several creations at once, the one whose configuration is stored answers true. A state
      // without a configuration is of a creation that died here, or is on its way: it is completed.
      const noneOfThisLife = 'attribute_not_exists(pk) OR life < :life'
      return items.put(
        itemKey.config(room),
        { version: 0, json: JSON.stringify(config), life },
        { condition: noneOfThisLife, values: { life } },
      )
    },

    async loadRoom(room, { consistent = false } = {}) {
      return roomOf(room, await items.query(partitions.room(room), { consistent }))
    },

    async lastState(room) {
      const state = await findState(room)
      return state && stateOf(state)
    },

    async listRooms() {
      return (await items.query(partitions.listings)).flatMap(listingOf)
    },

    async saveConfig(room, config, ifVersion) {
      // Settles the race of two edits.
      const sameVersion = 'version = :version'
      const saved = await items.update(itemKey.config(room), {
        set: ['json = :json', 'version = :next'],
        values: { json: JSON.stringify(config), version: ifVersion, next: ifVersion + 1 },
        condition: sameVersion,
      })
      return saved !== undefined
    },

    async saveState(room, state) {
      // Settle the race of two steps, and of a step against a deletion.
      const sameVersion = 'version = :version'
      const notDeleted = 'attribute_not_exists(deleted)'
      const saved = await items.update(itemKey.state(room), {
        set: ['json = :json', 'version = :next'],
        values: { json: JSON.stringify(state), version: state.version, next: state.version + 1 },
        condition: `${sameVersion} AND ${notDeleted}`,
      })
      return saved !== undefined
    },

    async deleteRoom(room) {
      // Settles the race of several deletions. From here on the room does not exist, and writes of
      // late ticks fail. The rest tidies up; after a death the same call again goes on there.
      const living = 'attribute_exists(pk) AND attribute_not_exists(deleted)'
      const marked = await items.update(itemKey.state(room), {
        set: ['deleted = :yes'],
        add: ['version :one'],
        values: { yes: true, one: 1 },
        condition: living,
        returns: 'ALL_NEW',
      })
      const state = marked ? parsed(stateItem, marked) : await findState(room)
      if (!state?.deleted) return
      // Spares a room that was made anew meanwhile.
      const ofDeletedLife = { condition: 'life < :version', values: { version: state.version } }
      await items.remove(itemKey.config(room), ofDeletedLife)
      await items.remove(itemKey.listing(room), ofDeletedLife)
    },

    async setWake(room, wakesAtMs, knowledge) {
      // A late tick does not list a room again that was deleted meanwhile.
      const listed = 'attribute_exists(pk)'
      // Settles the race of two who wake the room or let it sleep. A late write by somebody who saw
      // the room before it was opened would make the clock forget it for good.
      const knowsBetter = '(attribute_not_exists(knowledge) OR :knowledge >= knowledge)'
      await items.update(itemKey.listing(room), {
        condition: `${listed} AND ${knowsBetter}`,
        set: ['knowledge = :knowledge', ...(wakesAtMs === null ? [] : ['wakesAtMs = :wakesAtMs'])],
        ...(wakesAtMs === null ? { remove: ['wakesAtMs'] } : {}),
        values: { knowledge, ...(wakesAtMs === null ? {} : { wakesAtMs }) },
      })
    },
  }
}

/** What the two items of a room say. */
export interface RoomTexts {
  config(item: Item): RoomConfig
  state(item: Item): RoomState
}

export const roomTexts: RoomTexts = {
  config: item => storedRoomConfig(JSON.parse(parsed(configItem, item).json)),
  state: item => stateOf(parsed(stateItem, item)),
}

/**
 * The room of these items of its partition; undefined where it was deleted, or is not whole yet.
 * @param texts @default parsed anew each time, and checked
 */
export function roomOf(id: string, found: readonly Item[], texts = roomTexts): Room | undefined {
  const { state, config } = partsOf(id, found)
  if (state === undefined || config === undefined) return undefined
  const { deleted, life } = parsed(stateItem, state)
  const { life: configLife, version: configVersion } = parsed(configItem, config)
  if (deleted || life !== configLife) return undefined
  return { id, config: texts.config(config), configVersion, state: texts.state(state) }
}

function partsOf(room: string, found: readonly Item[]) {
  return {
    state: found.find(item => item.sk === itemKey.state(room).sk),
    config: found.find(item => item.sk === itemKey.config(room).sk),
  }
}

/** The version is the item's, not the one in the JSON: a deletion raises the item's alone. */
function stateOf(item: z.infer<typeof stateItem>): RoomState {
  return { ...parsed(roomStateSchema, JSON.parse(item.json)), version: item.version }
}

/** A listing that cannot be read is passed over: its own room gets no ticks, all others get theirs. */
function listingOf(item: Item): RoomListing[] {
  const listing = z.safeParse(listingItem, item)
  if (!listing.success) return []
  const { sk, wakesAtMs = null } = listing.data
  return [{ room: sk, wakesAtMs }]
}
