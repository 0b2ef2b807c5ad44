/** The line as one visitor sees it between two statuses: people ahead, pace, wait. */
import type { Status } from '../../queue/visitor/room-status.ts'
import { type DrawnPlace, type Facts, type Sighting, serverNowMs } from './facts.ts'
import { COUNTDOWN_SHARE, PACE_MS_MIN, PACE_SHARE, SIGHTINGS_MAX } from './limits.ts'

const MINUTE_MS = 60_000

/** People ahead by the last status, before any counting down. */
export function aheadByStatus(drawn: DrawnPlace, front: number): number {
  return Math.max(0, drawn.place - front - 1)
}

/**
 * People ahead now: those of the last status, counted down at the line's pace since then. Until the
 * pace has been measured, at most half of them are counted down. The last one always stays, for "you are
 * next" must not be a guess. The caller keeps the number from going up.
 */
export function aheadNow(facts: Facts): number | null {
  const { drawn, status } = facts
  if (drawn === null || status === null) return null
  const atStatus = aheadByStatus(drawn, facts.front)
  if (facts.phase !== 'open') return atStatus
  const passed = (pacePerMinute(facts) * sinceStatusMs(facts, status)) / MINUTE_MS
  const least = Math.min(atStatus, Math.max(1, Math.ceil(atStatus * leastShare(facts))))
  return Math.max(least, atStatus - Math.floor(passed))
}

/** Milliseconds until the turn, at the line's pace; null while nobody is let in. */
export function waitMs(facts: Facts): number | null {
  const { drawn, status } = facts
  if (drawn === null || status === null || facts.phase !== 'open') return null
  const atPlace = { status, place: drawn.place, front: facts.front }
  const atStatusMs = waitByStatusMs(atPlace, pacePerMinute(facts))
  if (atStatusMs === null) return null
  return Math.max(atStatusMs * leastShare(facts), atStatusMs - sinceStatusMs(facts, status))
}

/** The wait as of a status, at some pace; null while nobody is let in. */
export function waitByStatusMs(
  { status, place, front }: { status: Status; place: number; front: number },
  perMinute: number,
): number | null {
  if (perMinute <= 0) return null
  const walkMs = (Math.max(0, place - front) * MINUTE_MS) / perMinute
  const untilBatchMs = status.nextBatchAtMs === null ? 0 : status.nextBatchAtMs - status.nowMs
  return Math.max(walkMs, untilBatchMs)
}

/**
 * How many are let in a minute: the room's rate; or the pace that was seen, where that is clearly slower,
 * as before a full showroom.
 */
export function pacePerMinute({ status, sightings }: Facts): number {
  return status === null ? 0 : paceOf(sightings, status.ratePerMinute)
}

export function paceOf(sightings: readonly Sighting[], ratePerMinute: number): number {
  const { spanMs, places } = seenOf(sightings)
  if (spanMs < PACE_MS_MIN) return ratePerMinute
  const seen = (places * MINUTE_MS) / spanMs
  return seen < ratePerMinute * PACE_SHARE ? seen : ratePerMinute
}

/** The sightings with one more; none while nobody stands in line or the rate was changed. */
export function withSighting(
  sightings: readonly Sighting[],
  previous: Status | null,
  status: Status,
): readonly Sighting[] {
  if (status.phase !== 'open' || status.tail <= status.front) return []
  const known = previous?.ratePerMinute === status.ratePerMinute ? sightings : []
  const all = [...known, { atMs: status.nowMs, front: status.front }]
  const second = all[1]
  // The window moves on as soon as the rest of it is long enough.
  const isLong = second !== undefined && status.nowMs - second.atMs >= PACE_MS_MIN
  if (isLong) return all.slice(1)
  // Too many in a short window: only its ends are measured, so the last but one may go.
  return all.length > SIGHTINGS_MAX ? [...all.slice(0, -2), ...all.slice(-1)] : all
}

/** The share of the people ahead, or of the wait, that is not counted down without a new status. */
function leastShare({ sightings }: Facts): number {
  return seenOf(sightings).spanMs < PACE_MS_MIN ? 1 - COUNTDOWN_SHARE : 0
}

function seenOf(sightings: readonly Sighting[]): { spanMs: number; places: number } {
  const oldest = sightings[0]
  const newest = sightings[sightings.length - 1]
  if (oldest === undefined || newest === undefined) return { spanMs: 0, places: 0 }
  return { spanMs: newest.atMs - oldest.atMs, places: newest.front - oldest.front }
}

function sinceStatusMs(facts: Facts, status: Status): number {
  return Math.max(0, serverNowMs(facts) - status.nowMs)
}
