/** When a room needs its ticks. */
import { type AllArrivals, arrivalsOf } from '../cohort/arrivals.ts'
import { type House, heldOf } from '../house/house.ts'
import { SLEEP_NOTICE_SECONDS, TICK_SECONDS } from '../limits.ts'
import { timeMs } from '../room/config.ts'
import { linesOf } from '../room/lines.ts'
import { phaseOf } from '../room/phase.ts'
import type { Room, RoomNow, RoomState } from '../room/state.ts'
import type { Reading } from './house-orders.ts'

/**
 * From when on the clock must think of this room; null while it may sleep: ended, asleep, or
 * waiting for an operator to open it.
 */
export function wakesAtMs(room: RoomNow, nowMs: number): number | null {
  const { config, state } = room
  const phase = phaseOf(room, nowMs)
  if (phase === 'ended') return null
  if (state.openedAtMs === null) return state.pausedAtMs === null ? timeMs(config.opensAt) : null
  // Switched off, an open room lets everybody through without a tick.
  return config.mode === 'off' || isAsleep(state, nowMs) ? null : state.openedAtMs
}

/** The times in `fromMs` .. `untilMs` (exclusive) at which ticks are due: each second while awake. */
export function ticksDue(wakeAtMs: number | null, fromMs: number, untilMs: number): number[] {
  if (wakeAtMs === null) return []
  const times: number[] = []
  const stepMs = TICK_SECONDS * 1000
  for (let atMs = Math.max(wakeAtMs, fromMs); atMs < untilMs; atMs += stepMs) times.push(atMs)
  return times
}

/**
 * A room in which nobody waits, or nothing is left, announces that its ticks will stop. A visitor who joins, or
 * new stock, takes that back. It stays awake while somebody may meet a limit that only a tick can move: people
 * on hold, more open turns than free entries, or a rate that health still slows.
 */
export function withSleep(
  { state }: RoomNow,
  { counts, house, reading }: { counts: AllArrivals; house: House; reading: Reading },
  nowMs: number,
): RoomState {
  const isEmpty = linesOf(state).every(
    ({ name, line }) =>
      line.tail === line.front && (arrivalsOf(counts, name)?.openCohortEmpty ?? true),
  )
  const free = reading.limit - house.entered
  const isWanted = heldOf(house) > 0 || reading.forecast.openTurns > free || isSlowed(state)
  const isIdle = (isEmpty && !isWanted) || state.soldOutAtMs !== null
  if (!isIdle) return state.sleepsAtMs === null ? state : { ...state, sleepsAtMs: null }
  if (state.sleepsAtMs !== null) return state
  return { ...state, sleepsAtMs: nowMs + SLEEP_NOTICE_SECONDS * 1000 }
}

/** Have the ticks stopped? */
export function isAsleep(state: RoomState, nowMs: number): boolean {
  return state.sleepsAtMs !== null && nowMs >= state.sleepsAtMs
}

/** Do ticks come by themselves? A join in a room that sleeps, or is about to, must send for one. */
export function isAwake(room: Pick<Room, 'state'>): boolean {
  return room.state.openedAtMs === null || room.state.sleepsAtMs === null
}

/** Until when one clock run sends ticks: the next run comes before the end of the next minute. */
export function coveredUntilMs(nowMs: number): number {
  return Math.floor(nowMs / 60_000) * 60_000 + 120_000
}

/** Is admission still slowed by health? It grows back by ticks alone. */
function isSlowed({ health }: RoomState): boolean {
  return health !== null && health.share < 1 && !(health.isBad && health.reportedAtMs === null)
}
