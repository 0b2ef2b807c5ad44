/** The phase of a room, by its configuration, its state and the time. */
import { type RoomConfig, timeMs } from './config.ts'
import type { RoomNow, RoomState } from './state.ts'

export const PHASES = [
  'scheduled',
  'gathering',
  'open',
  'paused',
  'soldOut',
  'ended',
  'closed',
] as const
export type Phase = (typeof PHASES)[number]

/** The phase that everybody reads. Only the tick opens a room; doors and closing follow the clock. */
export function phaseOf(room: RoomNow, nowMs: number): Phase {
  const { config, state } = room
  const closesAtMs = timeMs(config.closesAt)
  if (state.endedAtMs !== null || (closesAtMs !== null && nowMs >= closesAtMs)) return 'ended'
  if (config.mode === 'closed') return 'closed'
  if (stockLeftOf(room) === 0) return 'soldOut'
  if (state.pausedAtMs !== null) return 'paused'
  if (state.openedAtMs !== null) return 'open'
  const doorsAtMs = timeMs(config.doorsAt)
  return doorsAtMs !== null && nowMs < doorsAtMs ? 'scheduled' : 'gathering'
}

/** How much is left to sell: what the showroom said last, or else the stock less what was bought. Null: not counted. */
export function stockLeftOf({
  config,
  state,
}: {
  readonly config: Pick<RoomConfig, 'stock' | 'stockLeft'>
  readonly state: Pick<RoomState, 'bought'>
}): number | null {
  if (config.stock === null) return null
  return config.stockLeft ?? Math.max(0, config.stock - state.bought)
}
