/**
 * The pace: in any minute no more people enter than the rate allowed in that minute, and one batch. For the
 * last minute points are kept: what the rate had allowed by then, and how many people had entered.
 *
 * Points are noted by the clocks of many instances, which differ by up to `CLOCK_SKEW_SECONDS`. By a clock that
 * is ahead a point looks older than it is, and a burst would be forgotten too early. So the bound is kept for
 * two windows: a minute, and a minute and that difference.
 */
import type { House } from '../house/house.ts'
import {
  CLOCK_SKEW_SECONDS,
  PACE_SPACING_SECONDS_MAX,
  PACE_WINDOW_MS,
  PLACE_ROUNDING,
} from '../limits.ts'
import type { Phase } from '../room/phase.ts'
import type { RoomNow, RoomState } from '../room/state.ts'

type Pace = RoomState['pace']
type Point = Pace[number]

/** A minute by any two clocks. */
const SKEWED_WINDOW_MS = PACE_WINDOW_MS + CLOCK_SKEW_SECONDS * 1000

/**
 * Notes a point of the pace when a batch was due or somebody entered, but not more often than batches come. And
 * at once when the rate changes, so that no time is counted by a rate that was not in force then.
 * @param tick what holds in this tick; `isBatch`: was a batch due, or let in by hand?
 */
export function withPace(
  { config, state }: RoomNow,
  house: House,
  tick: { readonly phase: Phase; readonly ratePerMinute: number; readonly isBatch: boolean },
  nowMs: number,
): RoomState {
  const last = state.pace.at(-1)
  const rate = tick.ratePerMinute
  const before = state.pacedRate ?? rate
  if (last === undefined) {
    if (!tick.isBatch && config.mode !== 'auto') return state
  } else if (rate === before) {
    // While nobody may enter there is nothing to measure.
    if (tick.phase !== 'open') return state
    if (!tick.isBatch && last.entered === house.entered) return state
    const spacingSeconds = Math.min(config.batchSeconds, PACE_SPACING_SECONDS_MAX)
    if (nowMs - last.atMs < spacingSeconds * 1000) return state
  }
  // Nobody knows when it changed since the last point, so all that time counts by the slower rate.
  const pace = paced(state.pace, house.entered, Math.min(rate, before), nowMs)
  const newest = pace.at(-1)
  if (pace === state.pace || newest === undefined) return state
  const next = { ...state, pace, pacedRate: rate }
  if (config.capacity === null) return next
  return { ...next, pace: [...pace.slice(0, -1), { ...newest, gone: house.gone }] }
}

/** Adds a point for now, and drops the points that are not needed any more. A clock that stands still, or steps back, adds nothing. */
export function paced(pace: Pace, entered: number, ratePerMinute: number, nowMs: number): Pace {
  const now = pointNow(pace, entered, ratePerMinute, nowMs)
  const last = pace.at(-1)
  if (last !== undefined && nowMs <= last.atMs) return pace
  const fromMs = nowMs - SKEWED_WINDOW_MS
  // The last point that is older than the window is needed too: what it says holds until the next.
  const first = pace.findLastIndex(point => point.atMs <= fromMs)
  return [...pace.slice(Math.max(0, first)), now]
}

/** Allows entries for places that an operator lets in by hand, besides the rate, from the last point on. */
export function allowedBesides(pace: Pace, places: number): Pace {
  const last = pace.at(-1)
  if (last === undefined || places === 0) return pace
  return [...pace, { ...last, allowed: last.allowed + places }]
}

/**
 * Entries must stop at this many. It holds until the next tick moves it: every minute that ends before then
 * keeps the bound too, because people who entered stay counted.
 * @param facts how many have entered, the rate from now on, and the people of one batch (`burst`).
 */
export function paceLimit(
  pace: Pace,
  facts: { readonly entered: number; readonly ratePerMinute: number; readonly burst: number },
  nowMs: number,
): number {
  const now = pointNow(pace, facts.entered, facts.ratePerMinute, nowMs)
  return Math.min(
    windowLimit(pace, now, PACE_WINDOW_MS, facts.burst),
    windowLimit(pace, now, SKEWED_WINDOW_MS, facts.burst),
  )
}

/** Entries must stop at this many for the window that ends now to keep its bound. */
function windowLimit(pace: Pace, now: Point, windowMs: number, burst: number): number {
  const fromMs = now.atMs - windowMs
  const points = [...pace, now]
  const next = points.findIndex(point => point.atMs > fromMs)
  const after = points[next] ?? now
  const before = points[next - 1] ?? after
  const lengthMs = after.atMs - before.atMs
  const part = lengthMs === 0 ? 0 : Math.max(0, fromMs - before.atMs) / lengthMs
  const allowedBefore = before.allowed + (after.allowed - before.allowed) * part
  return Math.floor(before.entered + now.allowed - allowedBefore + burst + PLACE_ROUNDING)
}

function pointNow(pace: Pace, entered: number, ratePerMinute: number, nowMs: number): Point {
  const last = pace.at(-1)
  if (last === undefined) return { atMs: nowMs, allowed: 0, entered }
  const elapsedMs = Math.max(0, nowMs - last.atMs)
  const allowed = last.allowed + (ratePerMinute * elapsedMs) / PACE_WINDOW_MS
  // Three decimals are enough, and keep the state short.
  return { atMs: Math.max(nowMs, last.atMs), allowed: Math.round(allowed * 1000) / 1000, entered }
}
