/** What the page asks next, and when: one request at a time. */
import { nextPollMs } from '../queue/poll-plan.ts'
import type { Status } from '../queue/status.ts'
import {
  type DrawnPlace,
  type Facts,
  isDrawn,
  isTurn,
  type RequestName,
  type Tries,
} from './facts.ts'
import {
  LOST_TICKETS_MAX,
  NEWS_MS_MIN,
  SOLD_OUT_POLL_MS_MAX,
  SOON_POLLS,
  STILL_NEWS_MS,
} from './limits.ts'
import { pacePerMinute, waitToldMs } from './line.ts'

export interface Step {
  readonly request: RequestName
  /** On the page's clock; in the past when it is due. */
  readonly atMs: number
}

/** Null when there is nothing more to ask until somebody does something. */
export function nextStep(facts: Facts): Step | null {
  const steps: Step[] = []
  for (const request of ['pass', 'record', 'join'] as const) {
    if (isWanted[request](facts)) steps.push({ request, atMs: facts.tries[request].notBeforeMs })
  }
  const statusAtMs = nextStatusAtMs(facts)
  if (statusAtMs !== null) steps.push({ request: 'status', atMs: statusAtMs })
  const due = steps.filter(step => step.atMs <= facts.nowMs)
  // What is due goes by importance, the rest by time.
  return due[0] ?? steps.sort((a, b) => a.atMs - b.atMs)[0] ?? null
}

/** How many times joining was tried before, this one included: what the room is told. */
export function joinAttempt(facts: Facts): number {
  return facts.tries.join.failures + 1
}

/** Does the browser keep no cookies, by its own word or by what it did? */
export function lacksCookies(facts: Facts): boolean {
  return !facts.keepsCookies || facts.lostTickets >= LOST_TICKETS_MAX
}

const isWanted = {
  /** Once the room takes people; also when nobody can say whether it does. */
  join(facts: Facts): boolean {
    if (facts.ticket !== null || lacksCookies(facts) || facts.isUnknownRoom) return false
    if (facts.phase === null) return facts.tries.status.failures > 0
    return facts.phase === 'gathering' || facts.phase === 'open' || facts.phase === 'paused'
  },
  /** Once the room says that it exists, so that nobody polls an answer that is not cached. */
  record(facts: Facts): boolean {
    return isDrawn(facts) && facts.drawn === null
  },
  pass(facts: Facts): boolean {
    if (facts.ticket === null || facts.verdict !== null || facts.byHand) return false
    return isTurn(facts) && facts.pass === null
  },
}

function nextStatusAtMs(facts: Facts): number | null {
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
  if (phase === 'soldOut' || (facts.verdict !== null && facts.verdict !== 'refused-address')) {
    return overPauseMs(facts, status)
  }
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
  const widestMs = Math.min(2 * plannedMs, status.pollSecondsMax * 1000, ...known)
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

function isSoon(facts: Facts, status: Status, turnMs: number | null): turnMs is number {
  if (turnMs === null || facts.drawn === null || isTurn(facts)) return false
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

/** Goods last as long as the rate says, or as long again as they have lasted. */
function soldOutNewsMs(status: Status, atMs: number): number | null {
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
