/** Values for tests of the store. */

import type { CohortRecord } from '../../lib/queue/cohort/place.ts'
import { commitmentOf } from '../../lib/queue/cohort/record.ts'
import { EMPTY_HOUSE, type House, type HouseOrders, insideOf } from '../../lib/queue/house/house.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import { parseRoomConfig } from '../../lib/queue/room/config-input.ts'
import { newEpoch } from '../../lib/queue/room/state.ts'
import type { Claim, ClaimOutcome, SeatRequest, Store } from '../../lib/store/port.ts'

export const NOW_MS = Date.UTC(2026, 11, 1, 6)
/** Where sample claims are counted. */
export const SEAT_SLOT = NOW_MS / 1000 + 900
export const TURN_SLOT = 70_000_000

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
    epoch: 0,
    enteredAtMs: NOW_MS,
    turnAtMs: NOW_MS - 4_000,
    sessionEndsAtMs: NOW_MS + 900_000,
    passId: 'pass-1',
    nonce: 'nonce-hash',
    ...changes,
  }
}

/** A ticket's ask for a seat by its turn, as far as nothing else is said. */
export function seatRequest(changes: Partial<SeatRequest> = {}): SeatRequest {
  return {
    seatSlot: SEAT_SLOT,
    turnSlot: TURN_SLOT,
    ageClass: 2,
    lane: 'turn',
    ...changes,
  }
}

export function claimSeat(
  store: Store,
  room: string,
  ticketId: string,
  changes: Partial<SeatRequest & Claim> = {},
): Promise<ClaimOutcome> {
  const { seatSlot, turnSlot, ageClass, lane, ...claim } = {
    ...seatRequest(),
    ...changes,
  }
  const request = { seatSlot, turnSlot, ageClass, lane }
  return store.claim(room, ticketId, sampleClaim(claim), request)
}

/** Orders that change nothing of a house but its late seats, as far as nothing else is said. */
export function houseOrders(seen: House, changes: Partial<HouseOrders> = {}): HouseOrders {
  return {
    epoch: 0,
    limit: seen.limit,
    reserved: seen.reserved,
    lateSeats: 0,
    expired: [],
    forgotten: [],
    lapsed: [],
    ...changes,
  }
}

/** Carries out orders on the house as it stands. */
export async function order(
  store: Store,
  room: string,
  changes: Partial<HouseOrders>,
): Promise<boolean> {
  const seen = await store.loadHouse(room, 0)
  return store.orderHouse(room, houseOrders(seen, changes), seen)
}

/** A room whose new house has this many seats. */
export async function houseOf(store: Store, limit: number): Promise<string> {
  const room = freshRoom()
  await store.orderHouse(room, houseOrders(EMPTY_HOUSE, { limit }), EMPTY_HOUSE)
  return room
}

/** What holds of a house at any time: everybody inside is counted by the end of their session. */
export function lawsOf(house: House): { inside: number; isWithinLimit: boolean } {
  return { inside: sumOf(house.seats.values()), isWithinLimit: house.entered <= house.limit }
}

/** The same as it should be. */
export function lawful(house: House): { inside: number; isWithinLimit: boolean } {
  return { inside: insideOf(house), isWithinLimit: true }
}

export function sumOf(numbers: Iterable<number>): number {
  let sum = 0
  for (const number of numbers) sum += number
  return sum
}

/** `count` promises at once, each of its number. */
export function atOnce<Result>(count: number, act: (number: number) => Promise<Result>) {
  return Promise.all(Array.from({ length: count }, (_, number) => act(number)))
}
