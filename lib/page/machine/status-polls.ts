/** When the page reads the status again: it follows the next news. */
import { nextPollMs } from '../../queue/visitor/poll-plan.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import { type DrawnPlace, type Facts, isTurn, type Tries } from './facts.ts'
import {
  CLOSED_MS,
  NEWS_MS_MIN,
  SOLD_OUT_POLL_MS_MAX,
  SOON_POLLS,
  STILL_NEWS_MS,
} from './limits.ts'
import { pacePerMinute, waitToldMs } from './line.ts'

/** Null for never. */
export function nextStatusAtMs(facts: Facts): number | null {
  const { status, tries, wokenAtMs, statusAtMs } = facts
  if (isTrying(tries.status)) return tries.status.notBeforeMs
  if (status === null) return facts.nowMs
  const pauseMs = statusPauseMs(facts, status)
  const plannedMs = pauseMs === null ? Number.POSITIVE_INFINITY : statusAtMs + pauseMs
  const wantedMs = wokenAtMs === null ? plannedMs : Math.min(plannedMs, wokenAtMs)
  if (wantedMs === Number.POSITIVE_INFINITY) return null
  return Math.max(wantedMs, statusAtMs + minMs(status))
}

/** Milliseconds from the last status to the next; null for none. */
function statusPauseMs(facts: Facts, status: Status): number | null {
  const { chance, phase } = facts
  // Whoever has a pass has gone, or goes on by the button.
  if (facts.pass !== null) return null
  if (phase === 'ended') return status.phase === 'ended' ? null : minMs(status)
  if (phase === 'closed') return closedPauseMs(facts, status)
  if (phase === 'soldOut' || facts.verdict === 'entered') return overPauseMs(facts, status)
  if (facts.verdict === 'missed') return latePauseMs(facts, status)
  const news = newsOf(facts, status)
  // Close to the turn one look just after it does more than several before.
  if (isSoon(facts, status, news.turnMs))
    return Math.max(minMs(status), news.turnMs) + chance * minMs(status)
  const plannedMs = nextPollMs({
    untilOpeningMs: news.openingMs,
    untilTurnMs: news.turnMs,
    untilSoldOutMs: news.otherMs,
    pollSecondsMin: minMs(status) / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance,
  })
  if (!facts.isHidden) return plannedMs
  // A hidden page asks half as often, but never past its own turn.
  const known = [news.openingMs, news.turnMs].filter(ms => ms !== null)
  // The longest pauses are jittered, too: else all hidden pages would ask at once.
  const longestMs = status.pollSecondsMax * 1000 * (0.95 + 0.05 * chance)
  const widestMs = Math.min(2 * plannedMs, longestMs, ...known)
  return Math.max(plannedMs, widestMs)
}

/**
 * The sale is over for this page: it looks ever more seldom whether something came back, and not
 * at all while nobody looks at it (failure mode 49).
 */
function overPauseMs(facts: Facts, status: Status): number | null {
  if (status.phase !== facts.phase && facts.verdict === null) return minMs(status)
  if (facts.isHidden) return null
  const overMs = facts.statusAtMs - facts.phaseSinceMs
  const widest = Math.min(SOLD_OUT_POLL_MS_MAX, Math.max(status.pollSecondsMax * 1000, overMs))
  return Math.max(minMs(status), widest * (0.8 + 0.4 * facts.chance))
}

/** Nothing is to be done here for a while: the room says itself when it is. */
function closedPauseMs({ chance }: Facts, status: Status): number {
  // The word came with a refusal: the status has the organiser's message.
  if (status.phase !== 'closed') return minMs(status)
  return Math.max(minMs(status), CLOSED_MS.min + chance * (CLOSED_MS.max - CLOSED_MS.min))
}

/** Who missed a turn looks for a seat of the late lane, ever more seldom; hidden, half as often. */
function latePauseMs(facts: Facts, status: Status): number {
  if (status.phase !== facts.phase) return minMs(status)
  const atMs = facts.statusAtMs + facts.offsetMs
  const plannedMs = nextPollMs({
    untilOpeningMs: null,
    untilTurnMs: Math.max(STILL_NEWS_MS, facts.statusAtMs - facts.missedSinceMs),
    untilSoldOutMs: soldOutNewsMs(status, atMs),
    pollSecondsMin: minMs(status) / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance: facts.chance,
  })
  return facts.isHidden ? 2 * plannedMs : plannedMs
}

function isSoon(facts: Facts, status: Status, turnMs: number | null): turnMs is number {
  if (turnMs === null || facts.drawn === null || isTurn(facts)) return false
  // Near the expected sell-out the room wants everybody to look more often than that.
  if (turnMs + minMs(status) > status.pollSecondsMax * 1000) return false
  return turnMs <= SOON_POLLS * minMs(status)
}

interface News {
  readonly openingMs: number | null
  readonly turnMs: number | null
  readonly otherMs: number | null
}

/** How far the next news were away when the last status came, server's clock. */
function newsOf(facts: Facts, status: Status): News {
  const atMs = facts.statusAtMs + facts.offsetMs
  const until = (timeMs: number | null) => (timeMs === null ? null : Math.max(0, timeMs - atMs))
  const closingMs = until(status.closesAtMs)
  const unknownMs = unknownNewsMs(facts)
  switch (facts.phase) {
    case 'scheduled': {
      // When the doors open is not told; that is always before the opening, or at it.
      return { openingMs: until(status.opensAtMs), turnMs: null, otherMs: unknownMs }
    }
    case 'gathering': {
      const openingMs = until(status.opensAtMs)
      return { openingMs, turnMs: null, otherMs: openingMs === null ? unknownMs : null }
    }
    case 'paused': {
      const turnMs = facts.drawn === null ? null : turnNewsMs(facts, status, facts.drawn)
      const stillMs = turnMs === null ? null : Math.max(STILL_NEWS_MS, turnMs)
      return { openingMs: null, turnMs: null, otherMs: least(unknownMs, stillMs) }
    }
    case 'open': {
      if (facts.drawn === null || isTurn(facts)) {
        return { openingMs: null, turnMs: unknownMs, otherMs: closingMs }
      }
      const otherMs = least(closingMs, soldOutNewsMs(status, atMs))
      return { openingMs: null, turnMs: turnNewsMs(facts, status, facts.drawn), otherMs }
    }
    default:
      return { openingMs: null, turnMs: null, otherMs: unknownMs }
  }
}

/**
 * Something will change, nobody knows when: it is expected to take about as long again as it has
 * taken, so that the requests of a long wait grow with its logarithm only.
 */
function unknownNewsMs(facts: Facts): number {
  const sinceMs = Math.max(facts.phaseSinceMs, facts.phase === 'open' ? facts.joinedAtMs : 0)
  return Math.max(NEWS_MS_MIN, facts.statusAtMs - sinceMs)
}

/** Until the own turn: by the rate, or half of the wait at a pace that is clearly slower. */
function turnNewsMs(facts: Facts, status: Status, drawn: DrawnPlace): number {
  const byRateMs = waitToldMs(facts, status, drawn, status.ratePerMinute)
  if (byRateMs === null) return unknownNewsMs(facts)
  const byPaceMs = waitToldMs(facts, status, drawn, pacePerMinute(facts))
  // A line that stands still may go on at any moment.
  return byPaceMs === null ? Math.max(STILL_NEWS_MS, byRateMs) : Math.max(byRateMs, byPaceMs / 2)
}

/** As the room expects it; else goods last as the rate says, or as long again as they have lasted. */
function soldOutNewsMs(status: Status, atMs: number): number | null {
  if (status.soldOutAtMs !== null) return Math.max(0, status.soldOutAtMs - atMs)
  if (status.stock === null || status.ratePerMinute === 0) return null
  const sinceOpeningMs = status.opensAtMs === null ? 0 : atMs - status.opensAtMs
  return Math.max((status.stock * 60_000) / status.ratePerMinute, sinceOpeningMs, NEWS_MS_MIN)
}

function least(one: number | null, other: number | null): number | null {
  if (one === null) return other
  return other === null ? one : Math.min(one, other)
}

function isTrying(tries: Tries): boolean {
  return tries.failures + tries.refusals > 0
}

/** Never more than once a second, whatever a status says. */
function minMs(status: Status): number {
  return Math.max(1, status.pollSecondsMin) * 1000
}
