/** When a waiting page asks again: it follows the next news, not a fixed beat. */
import { OPENING_SPREAD_SECONDS, POLL_SECONDS, POLL_SHARE } from '../limits.ts'

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
 * Milliseconds until the next status read: about 40 % (`POLL_SHARE`) of the time to the nearest news, within the bounds.
 * Chance changes it by up to a fifth; the longest pause, which most pages have, by a twentieth only. Near the opening it is
 * one moment just after it, spread over 8 s so that not everybody comes at once. A number that is not finite counts as
 * unknown: no mistake in a status makes pages ask without a pause.
 */
export function nextPollMs(facts: PollFacts): number {
  const untilOpeningMs = known(facts.untilOpeningMs)
  const chance = Math.min(1, Math.max(0, known(facts.chance) ?? 0.5))
  const minMs = 1000 * (known(facts.pollSecondsMin) ?? POLL_SECONDS.min)
  const maxMs = Math.max(minMs, 1000 * (known(facts.pollSecondsMax) ?? POLL_SECONDS.max))
  const within = (ms: number) => Math.min(maxMs, Math.max(minMs, ms))

  const news = [untilOpeningMs, known(facts.untilTurnMs), known(facts.untilSoldOutMs)]
  const nearest = Math.min(...news.filter(ms => ms !== null))
  const share = nearest * POLL_SHARE
  // The news is nearer than five seconds: 40 % of that would be shorter than the shortest pause.
  const planned = within(share < minMs ? nearest : share)
  const jitter = planned < maxMs ? 0.8 + 0.4 * chance : 0.95 + 0.05 * chance
  const jittered = Math.round(within(planned * jitter))
  // Nothing else happens before the opening: the last minute is waited out in one pause.
  if (untilOpeningMs === null || untilOpeningMs > Math.max(maxMs / 2, 2 * minMs)) return jittered
  const afterOpeningMs = 1000 + chance * OPENING_SPREAD_SECONDS * 1000
  return Math.max(minMs, Math.round(Math.max(0, untilOpeningMs) + afterOpeningMs))
}

function known(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value
}
