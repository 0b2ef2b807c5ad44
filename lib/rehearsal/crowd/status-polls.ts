/** When a page looks at the status again: what lib/page/machine/status-polls.ts does, for very many pages at once. */

import {
  NEWS_MS_MIN,
  PACE_MS_MIN,
  PACE_SHARE,
  SOON_POLLS,
  STILL_NEWS_MS,
} from '../../page/machine/limits.ts'
import { isAdmitted } from '../../queue/cohort/place.ts'
import { nextPollMs } from '../../queue/visitor/poll-plan.ts'
import type { Status } from '../../queue/visitor/room-status.ts'

/** What a page knows besides the status. */
export interface PageFacts {
  /** 0 while it is not drawn. */
  readonly place: number
  /** When the ticket came, or else the visitor. */
  readonly joinedMs: number
  /** When the turn was found to be over; 0: it was not. */
  readonly missedMs: number
  readonly isHidden: boolean
  /** How fast the front was seen to move, places a minute; null while too little was seen. */
  readonly pacePerMinute: number | null
  readonly chance: number
}

const MINUTE_MS = 60_000

/** @param nowMs the time of the status, on the same clock as the facts. */
export function nextLookMs(status: Status, facts: PageFacts, nowMs: number): number {
  const { place, chance } = facts
  const minMs = 1000 * Math.max(1, status.pollSecondsMin)
  if (facts.missedMs > 0) return lateLookMs(status, facts, nowMs, minMs)
  const openingMs =
    status.phase === 'gathering' || status.phase === 'scheduled'
      ? status.opensAtMs === null
        ? null
        : Math.max(0, status.opensAtMs - status.nowMs)
      : null
  const isTurn = place > 0 && isAdmitted(place, status.front)
  let turnMs: number | null = null
  let otherMs: number | null = null
  if (status.phase === 'open') {
    if (place === 0 || isTurn) turnMs = Math.max(NEWS_MS_MIN, nowMs - facts.joinedMs)
    else {
      turnMs = untilTurnMs(status, place, facts.pacePerMinute)
      if (turnMs !== null && isSoon(status, turnMs, minMs)) {
        return Math.max(minMs, turnMs) + chance * minMs
      }
      otherMs = untilSoldOutMs(status)
    }
  }
  const plannedMs = nextPollMs({
    untilOpeningMs: openingMs,
    untilTurnMs: turnMs,
    untilSoldOutMs: otherMs,
    pollSecondsMin: minMs / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance,
  })
  if (!facts.isHidden) return plannedMs
  const latestMs = Math.min(
    openingMs ?? Number.POSITIVE_INFINITY,
    turnMs ?? Number.POSITIVE_INFINITY,
  )
  const longestMs = status.pollSecondsMax * 1000 * (0.95 + 0.05 * chance)
  return Math.max(plannedMs, Math.min(2 * plannedMs, longestMs, latestMs))
}

/** Who missed a turn looks for a seat of the late lane, ever more seldom; hidden, half as often. */
function lateLookMs(status: Status, facts: PageFacts, nowMs: number, minMs: number): number {
  const plannedMs = nextPollMs({
    untilOpeningMs: null,
    untilTurnMs: Math.max(STILL_NEWS_MS, nowMs - facts.missedMs),
    untilSoldOutMs: untilSoldOutMs(status),
    pollSecondsMin: minMs / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance: facts.chance,
  })
  return facts.isHidden ? 2 * plannedMs : plannedMs
}

function isSoon(status: Status, turnMs: number, minMs: number): boolean {
  if (turnMs + minMs > status.pollSecondsMax * 1000) return false
  return turnMs <= SOON_POLLS * minMs
}

function untilTurnMs(status: Status, place: number, pace: number | null): number | null {
  const untilBatchMs = status.nextBatchAtMs === null ? 0 : status.nextBatchAtMs - status.nowMs
  const walkMs = (perMinute: number) =>
    Math.max(((place - status.front) * MINUTE_MS) / perMinute, untilBatchMs)
  if (status.ratePerMinute === 0) return null
  const byRateMs = walkMs(status.ratePerMinute)
  if (pace === null || pace >= status.ratePerMinute * PACE_SHARE) return byRateMs
  return pace <= 0 ? Math.max(STILL_NEWS_MS, byRateMs) : Math.max(byRateMs, walkMs(pace) / 2)
}

function untilSoldOutMs(status: Status): number | null {
  if (status.soldOutAtMs !== null) return Math.max(0, status.soldOutAtMs - status.nowMs)
  if (status.stock === null || status.ratePerMinute === 0) return null
  const sinceMs = status.opensAtMs === null ? 0 : status.nowMs - status.opensAtMs
  return Math.max((status.stock * MINUTE_MS) / status.ratePerMinute, sinceMs, NEWS_MS_MIN)
}

/** The front's pace over the window that a page measures, from what statuses said. */
export function createPace() {
  const seen: { atMs: number; front: number }[] = []
  return {
    see({ nowMs, front, tail, phase }: Status): void {
      if (phase !== 'open' || tail <= front) seen.length = 0
      const last = seen.at(-1)
      if (last !== undefined && nowMs < last.atMs + 1000) return
      seen.push({ atMs: nowMs, front })
      while ((seen[1]?.atMs ?? nowMs) <= nowMs - PACE_MS_MIN) seen.shift()
    },
    perMinute(): number | null {
      const [first, last] = [seen[0], seen.at(-1)]
      if (first === undefined || last === undefined) return null
      const spanMs = last.atMs - first.atMs
      return spanMs < PACE_MS_MIN ? null : ((last.front - first.front) * MINUTE_MS) / spanMs
    },
  }
}
