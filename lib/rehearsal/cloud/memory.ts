/** What the simulated table holds. */
import type { CohortRecord } from '../../queue/cohort/place.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import type { RoomState } from '../../queue/room/state.ts'
import type { ItemMemory } from './items.ts'

export interface KeptRoom {
  config: RoomConfig
  configVersion: number
  /** As text, as the table keeps it, and read back once for all who load it. */
  state: string
  parsed: RoomState
  version: number
  wakesAtMs: number | null
  /** How well the room was known to whoever set that. */
  knowledge: number
  isDeleted: boolean
}

/** What the table holds. */
export interface Memory {
  readonly rooms: Map<string, KeptRoom>
  readonly counters: Map<string, Counter>
  readonly records: Map<string, CohortRecord>
  /** Houses, claims, invitations and history. */
  readonly items: ItemMemory
}

export function createMemory(): Memory {
  return { rooms: new Map(), counters: new Map(), records: new Map(), items: new Map() }
}

export interface Counter {
  leased: number
  retried: number
  closedAtMs: number | undefined
}
