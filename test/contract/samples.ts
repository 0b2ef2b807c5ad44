/** Values for tests of the store. */
import { commitmentOf } from '../../lib/queue/cohort.ts'
import { BUCKET_SECONDS } from '../../lib/queue/limits.ts'
import type { CohortRecord } from '../../lib/queue/place.ts'
import { parseRoomConfig, type RoomConfig } from '../../lib/queue/room-config.ts'
import { newEpoch } from '../../lib/queue/state.ts'
import type { Claim, Store } from '../../lib/store/store.ts'

export const NOW_MS = Date.UTC(2026, 11, 1, 6)
export const BUCKET_MS = BUCKET_SECONDS * 1000

let rooms = 0
/** An id that no other test of this process uses. */
export function freshRoom(): string {
  rooms++
  return `room-${rooms}`
}

export function sampleConfig(message: string | null = null): RoomConfig {
  return parseRoomConfig({ showroomUrl: 'https://shop.example/sale', message }, NOW_MS)
}

export function firstState() {
  return newEpoch(undefined, 'k1', NOW_MS)
}

/** Makes a room, or makes it anew, as an operator's put does. */
export async function makeRoom(store: Store, room: string, message: string | null = null) {
  const state = newEpoch(await store.lastState(room), 'k1', NOW_MS)
  return store.createRoom(room, sampleConfig(message), state)
}

export function sampleRecord(cohort: number, seedByte = 7): CohortRecord {
  const seed = new Uint8Array(32).fill(seedByte)
  return {
    cohort,
    base: 1_000,
    sizes: [3, 0, 2],
    seed: Buffer.from(seed).toString('base64url'),
    commitment: commitmentOf(seed),
    closedAtMs: NOW_MS,
  }
}

export function sampleClaim(changes: Partial<Claim> = {}): Claim {
  return {
    enteredAtMs: NOW_MS,
    turnAtMs: NOW_MS - 4_000,
    sessionEndsAtMs: NOW_MS + 900_000,
    passId: 'pass-1',
    nonce: 'nonce-hash',
    ...changes,
  }
}

/** `count` promises at once, each of its number. */
export function atOnce<Result>(count: number, act: (number: number) => Promise<Result>) {
  return Promise.all(Array.from({ length: count }, (_, number) => act(number)))
}
