/** The status of a room: what every waiting visitor reads, the same for all. */
import * as z from 'zod/mini'
import { POLL_SECONDS, STATUS_BYTES_MAX } from './limits.ts'
import { busyWindowSeconds, PHASES, phaseOf } from './phase.ts'
import { timeMs } from './room-config.ts'
import type { Room } from './state.ts'

const count = z.int().check(z.gte(0))
const instant = z.nullable(z.int())

export const statusSchema = z.object({
  room: z.string(),
  phase: z.enum(PHASES),
  nowMs: z.int(),
  opensAtMs: instant,
  closesAtMs: instant,
  openCohort: count,
  front: count,
  tail: count,
  /** Everybody who holds a ticket and has not had their turn, the open cohort included. */
  waiting: count,
  ratePerMinute: count,
  /** How long a cohort takes arrivals while people wait; longer than configured while joins fail. */
  arrivalWindowSeconds: count,
  nextBatchAtMs: instant,
  pollSecondsMin: count,
  pollSecondsMax: count,
  message: z.nullable(z.string()),
  stock: z.nullable(count),
})

export type Status = z.infer<typeof statusSchema>

/** @param arrivals how many leased in the open cohort. */
export function statusOf(room: Room, arrivals: number, nowMs: number): Status {
  const { config, state } = room
  const phase = phaseOf(room, nowMs)
  const status: Status = {
    room: room.id,
    phase,
    nowMs,
    opensAtMs: state.openedAtMs ?? timeMs(config.opensAt),
    closesAtMs: timeMs(config.closesAt),
    openCohort: state.openCohort,
    front: state.front,
    tail: state.tail,
    waiting: state.tail - state.front + arrivals,
    ratePerMinute: config.ratePerMinute,
    arrivalWindowSeconds: busyWindowSeconds(room),
    // A batch that stands ready, or is late, is due now.
    nextBatchAtMs: phase === 'open' ? Math.max(nowMs, state.nextBatchAtMs ?? nowMs) : null,
    pollSecondsMin: POLL_SECONDS.min,
    pollSecondsMax: POLL_SECONDS.max,
    message: config.message,
    stock: config.stock,
  }
  return status
}

/** A status is at most this long: the bound that the configuration's own bounds keep. */
export const statusBytesMax = STATUS_BYTES_MAX
