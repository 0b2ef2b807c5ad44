/** The status of a room: what every waiting visitor reads, the same for all. */
import * as z from 'zod/mini'
import { roomPath } from '../address/room-path.ts'
import { effectiveRate, frontRate } from '../admission/policies.ts'
import { busyWindowSeconds } from '../cohort/arrival-window.ts'
import {
  POLL_SECONDS,
  SELL_OUT_CACHE_MS,
  SELL_OUT_POLL_SECONDS_MIN,
  SELL_OUT_POLL_SHARE,
  SELL_OUT_POLLS_PER_SECOND,
  STATE_CACHE_MS,
} from '../limits.ts'
import { MODES, timeMs } from '../room/config.ts'
import { PHASES, phaseOf, stockLeftOf } from '../room/phase.ts'
import { POLICIES, type Room } from '../room/state.ts'
import { buyRateOf, soldOutAtMs, untilSoldOutSoonestMs } from '../stock/stock.ts'

const count = z.int().check(z.gte(0))
const instant = z.nullable(z.int())

export const statusSchema = z.object({
  room: z.string(),
  phase: z.enum(PHASES),
  mode: z.enum(MODES),
  nowMs: z.int(),
  opensAtMs: instant,
  closesAtMs: instant,
  openCohort: count,
  front: count,
  tail: count,
  /** Everybody who holds a ticket and has not had their turn, the open cohort included. */
  waiting: count,
  /**
   * Places let in a minute, as plan and health have it just now, and more of them once it is measured
   * how many people use their turn.
   */
  ratePerMinute: z.number().check(z.gte(0)),
  /** The policy that keeps the next places from being let in; null: none does. */
  binding: z.nullable(z.enum(POLICIES)),
  /** How long a cohort takes arrivals while people wait; longer than configured while joins fail. */
  arrivalWindowSeconds: count,
  nextBatchAtMs: instant,
  pollSecondsMin: z.number().check(z.gte(0)),
  pollSecondsMax: z.number().check(z.gte(0)),
  message: z.nullable(z.string()),
  /** What is left; null: not counted. */
  stock: z.nullable(count),
  /** When the rest is expected to be sold. */
  soldOutAtMs: instant,
  /**
   * For the chance that something is left at a place, see `chanceOfStock`. Of those who were inside the
   * share `buyShare` bought; it lies between `low` and `high` with 95 percent. `before` people were let in
   * already and may still buy. Null while nothing is measured.
   */
  odds: z.nullable(
    z.object({ buyShare: z.number(), low: z.number(), high: z.number(), before: count }),
  ),
  /** Seats that missed turns may take now. */
  lateSeats: count,
})

export type Status = z.infer<typeof statusSchema>

/** How old a status may be in one instance's memory. */
export function statusCacheMs(room: Room, nowMs: number): number {
  if (phaseOf(room, nowMs) !== 'open') return STATE_CACHE_MS
  const rate = effectiveRate(room, nowMs)
  const soonestMs = untilSoldOutSoonestMs(room, rate, nowMs)
  const isNear = soonestMs !== null && soonestMs * SELL_OUT_POLL_SHARE < POLL_SECONDS.min * 1000
  return isNear ? SELL_OUT_CACHE_MS : STATE_CACHE_MS
}

/** @param arrivals how many leased in the open cohort. */
export function statusOf(room: Room, arrivals: number, nowMs: number): Status {
  const { config, state } = room
  const phase = phaseOf(room, nowMs)
  const sellOutMs = phase === 'open' ? soldOutAtMs(room, nowMs) : null
  const rate = effectiveRate(room, nowMs)
  const waiting = state.tail - state.front + arrivals
  const soonestMs = phase === 'open' ? untilSoldOutSoonestMs(room, rate, nowMs) : null
  const status: Status = {
    room: roomPath(room.id, room.group),
    phase,
    mode: config.mode,
    nowMs,
    opensAtMs: state.openedAtMs ?? timeMs(config.opensAt),
    closesAtMs: timeMs(config.closesAt),
    openCohort: state.openCohort,
    front: state.front,
    tail: state.tail,
    waiting,
    ratePerMinute: Math.round(frontRate(room, nowMs) * 10) / 10,
    binding: phase === 'paused' ? 'pause' : state.binding,
    arrivalWindowSeconds: busyWindowSeconds(room),
    // A batch that stands ready, or is late, is due now.
    nextBatchAtMs: phase === 'open' ? Math.max(nowMs, state.nextBatchAtMs ?? nowMs) : null,
    ...pollBounds(soonestMs, waiting),
    message: config.message,
    stock: stockLeftOf(room),
    soldOutAtMs: sellOutMs,
    odds: phase === 'open' ? oddsFacts(state) : null,
    lateSeats: state.lateSeats,
  }
  return status
}

/**
 * Near the sell-out everybody asks more often, so that all learn of it within seconds. The more people
 * wait, the longer they pause, so that the CDN bears them all.
 */
function pollBounds(untilSoldOutMs: number | null, waiting: number) {
  const { min, max } = POLL_SECONDS
  if (untilSoldOutMs === null) return { pollSecondsMin: min, pollSecondsMax: max }
  const borne = waiting / SELL_OUT_POLLS_PER_SECOND
  const least = inTenths(Math.min(max, Math.max(SELL_OUT_POLL_SECONDS_MIN, borne)))
  const wanted = inTenths((untilSoldOutMs * SELL_OUT_POLL_SHARE) / 1000)
  return {
    pollSecondsMin: Math.max(least, Math.min(min, wanted)),
    pollSecondsMax: Math.max(least, Math.min(max, wanted)),
  }
}

function inTenths(seconds: number): number {
  return Math.ceil(seconds * 10) / 10
}

function oddsFacts(state: Room['state']): Status['odds'] {
  const rate = buyRateOf(state)
  if (rate === null) return null
  const short = (share: number) => Math.round(share * 1000) / 1000
  const { share, low, high } = rate
  return { buyShare: short(share), low: short(low), high: short(high), before: state.hopeful }
}
