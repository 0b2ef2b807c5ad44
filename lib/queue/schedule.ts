/** When a room needs its ticks. */
import { TICK_SECONDS } from './limits.ts'
import { phaseOf } from './phase.ts'
import { timeMs } from './room-config.ts'
import type { Room, RoomState } from './state.ts'

/**
 * From when on the clock must think of this room; null while it may sleep: ended, asleep, or
 * waiting for an operator to open it.
 */
export function wakesAtMs(room: Pick<Room, 'config' | 'state'>, nowMs: number): number | null {
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
