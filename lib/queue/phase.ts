/** The phase of a room: one question, one answer. */
import { timeMs } from './room-config.ts'
import type { Room } from './state.ts'

export const PHASES = ['scheduled', 'gathering', 'open', 'paused', 'soldOut', 'ended'] as const
export type Phase = (typeof PHASES)[number]

/** The phase that everybody reads. Only the tick opens a room; doors and closing follow the clock. */
export function phaseOf(room: Pick<Room, 'config' | 'state'>, nowMs: number): Phase {
  const { config, state } = room
  const closesAtMs = timeMs(config.closesAt)
  if (state.endedAtMs !== null || (closesAtMs !== null && nowMs >= closesAtMs)) return 'ended'
  if (config.stock === 0) return 'soldOut'
  if (state.pausedAtMs !== null) return 'paused'
  if (state.openedAtMs !== null) return 'open'
  const doorsAtMs = timeMs(config.doorsAt)
  return doorsAtMs !== null && nowMs < doorsAtMs ? 'scheduled' : 'gathering'
}

/** How long the open cohort takes arrivals. Zero for the gathering: it closes when the sale opens. */
export function windowMs(room: Pick<Room, 'config' | 'state'>, quietWindowSeconds: number): number {
  const { config, state } = room
  if (isGathering(state)) return 0
  return (state.tail > state.front ? config.arrivalWindowSeconds : quietWindowSeconds) * 1000
}

/** Is the open cohort the one that gathered before the opening? */
export function isGathering(state: Room['state']): boolean {
  return state.openedAtMs === null || state.cohortOpenedAtMs < state.openedAtMs
}
