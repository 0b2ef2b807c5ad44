/** When a waiting page asks again: it follows the next news, not a fixed beat. */
import { OPENING_SPREAD_SECONDS, POLL_SHARE } from './limits.ts'

export interface PollFacts {
  /** Milliseconds until the sale opens; null when it is open, or nobody knows. */
  readonly untilOpeningMs: number | null
  /** Milliseconds until one's own turn is expected; null while unknown. */
  readonly untilTurnMs: number | null
  /** Milliseconds until the goods are expected to be gone; null while unknown. */
  readonly untilSoldOutMs: number | null
  /** Bounds that the status carries: the server speeds everybody up or slows them down. */
  readonly pollSecondsMin: number
  readonly pollSecondsMax: number
  /** 0 .. 1, a fresh one each time. */
  readonly chance: number
}

/**
 * Milliseconds until the next status read: about `POLL_SHARE` of the time to the nearest news,
 * within the bounds, jittered by a fifth; and near the opening one moment just after it, spread
 * over `OPENING_SPREAD_SECONDS` so that everybody does not come at once.
 */
export function nextPollMs(facts: PollFacts): number {
  const { untilOpeningMs, untilTurnMs, untilSoldOutMs, chance } = facts
  const minMs = facts.pollSecondsMin * 1000
  const maxMs = Math.max(minMs, facts.pollSecondsMax * 1000)
  const news = [untilOpeningMs, untilTurnMs, untilSoldOutMs].filter(ms => ms !== null)
  const nearest = news.length === 0 ? maxMs / POLL_SHARE : Math.max(0, Math.min(...news))
  const planned = Math.min(maxMs, Math.max(minMs, nearest * POLL_SHARE))
  const jittered = Math.round(Math.min(maxMs, Math.max(minMs, planned * (0.8 + 0.4 * chance))))
  if (untilOpeningMs === null || untilOpeningMs > 2 * jittered) return jittered
  return Math.round(Math.max(0, untilOpeningMs) + 1000 + chance * OPENING_SPREAD_SECONDS * 1000)
}
