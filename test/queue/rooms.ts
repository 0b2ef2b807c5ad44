/** Rooms to test with: a plain configuration and state, and what differs from them. */

import type { RoomConfig } from '../../lib/queue/room/config.ts'
import { parseRoomConfig } from '../../lib/queue/room/config-input.ts'
import { newEpoch, type Room, type RoomState } from '../../lib/queue/room/state.ts'

/** When the test rooms were made; they open an hour later unless a test says otherwise. */
export const MADE_MS = Date.parse('2026-12-01T05:00:00.000Z')
export const OPENS_MS = MADE_MS + 3_600_000

export function time(atMs: number): string {
  return new Date(atMs).toISOString()
}

export function roomConfig(input: Record<string, unknown> = {}): RoomConfig {
  return parseRoomConfig(
    { showroomUrl: 'https://shop.example/sale', opensAt: time(OPENS_MS), ...input },
    MADE_MS,
  )
}

export function roomState(change: Partial<RoomState> = {}): RoomState {
  return { ...newEpoch(undefined, 'k1', MADE_MS), ...change }
}

/** A state whose sale is open since `OPENS_MS`, with so many in line. */
export function openState(line: number, change: Partial<RoomState> = {}): RoomState {
  return roomState({
    openedAtMs: OPENS_MS,
    nextBatchAtMs: OPENS_MS,
    openCohort: 1,
    cohortOpenedAtMs: OPENS_MS,
    tail: line,
    ...change,
  })
}

export function room(config: Record<string, unknown>, state: Partial<RoomState>): Room {
  return { id: 'demo', config: roomConfig(config), configVersion: 0, state: roomState(state) }
}
