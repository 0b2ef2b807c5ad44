/**
 * The store port over memory. Each request that the DynamoDB adapter would send is one request
 * here, on the same key, so that limits and deaths meet the same steps: what is kept of people is
 * the adapter's own code over items in memory, rooms and cohorts are written anew because everybody
 * reads them. It passes the contract suite.
 */
import type { Room, RoomState } from '../../queue/room/state.ts'
import { storeOver } from '../../store/dynamodb/store.ts'
import type { Store } from '../../store/port.ts'
import { partitions } from '../../store/table.ts'
import { cohortsInMemory } from './cohorts.ts'
import type { Connection } from './database.ts'
import { createMemoryItems, READ_BYTES, WRITE_BYTES } from './items.ts'
import type { KeptRoom, Memory } from './memory.ts'

/** About what a configuration takes in the table. */
const CONFIG_BYTES = 600

/** One instance's store. */
export function createRehearsalStore(memory: Memory, connection: Connection): Store {
  return {
    ...storeOver(createMemoryItems(memory.items, connection)),
    ...roomsInMemory(memory, connection),
    ...cohortsInMemory(memory, connection),
  }
}

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

function roomsInMemory(memory: Memory, connection: Connection): RoomStore {
  const write = <Result>(key: string, apply: () => Result, units = 1) =>
    connection.send({ kind: 'write', key, units, apply })
  const read = <Result>(key: string, apply: () => Result, units = 1) =>
    connection.send({ kind: 'read', key, units, apply })
  const living = (room: string) => {
    const kept = memory.rooms.get(room)
    return kept?.isDeleted === false ? kept : undefined
  }

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
          knowledge: -1,
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

    setWake: (room, wakesAtMs, knowledge) =>
      write(partitions.listings, () => {
        const kept = living(room)
        if (kept === undefined || kept.knowledge > knowledge) return
        Object.assign(kept, { wakesAtMs, knowledge })
      }),
  }
}

function stateOf(kept: KeptRoom): RoomState {
  return { ...kept.parsed, version: kept.version }
}

function roomOf(id: string, kept: KeptRoom | undefined): Room | undefined {
  if (kept === undefined) return undefined
  return { id, config: kept.config, configVersion: kept.configVersion, state: stateOf(kept) }
}
