/**
 * When a waiting page reads the status again: it follows the next news. The page, the 300,000 pages of a rehearsal and the
 * crowd of `npm start` all ask here, so it works on plain numbers.
 */
import { isAdmitted } from '../../queue/cohort/place.ts'
import type { Phase } from '../../queue/room/phase.ts'
import { nextPollMs } from '../../queue/visitor/poll-plan.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import type { Verdict } from './facts.ts'
import {
  CLOSED_MS,
  NEWS_MS_MIN,
  SOLD_OUT_POLL_MS_MAX,
  SOON_POLLS,
  STILL_NEWS_MS,
} from './limits.ts'
import { waitByStatusMs } from './line.ts'

/** What a page knew when its last status came. */
export interface StatusPollFacts {
  readonly status: Status
  /** The server's clock when the status came: later than `status.nowMs` by what a cache kept it. */
  readonly serverMs: number
  /** The status's phase, or a refusal's newer word. */
  readonly phase: Phase
  /** How long the page had known of that phase. */
  readonly phaseForMs: number
  /** How long it had had its ticket, or had been open if it has none. Below 0: the ticket is newer than the status. */
  readonly joinedForMs: number
  /** 0 while it is not drawn. */
  readonly place: number
  /** The highest front seen. */
  readonly front: number
  readonly pacePerMinute: number
  readonly verdict: Verdict | null
  /** How long the turn had been known to be missed. */
  readonly missedForMs: number
  readonly isHidden: boolean
  /** 0 .. 1, drawn with the status. */
  readonly chance: number
}

/** Milliseconds from the last status to the next; null for none. */
export function statusPauseMs(facts: StatusPollFacts): number | null {
  const { status, phase, verdict } = facts
  if (phase === 'ended') return status.phase === 'ended' ? null : shortestPauseMs(status)
  if (phase === 'closed') return closedPauseMs(facts)
  if (phase === 'soldOut' || verdict === 'entered') return overPauseMs(facts)
  if (verdict === 'missed') return latePauseMs(facts)
  return waitingPauseMs(facts)
}

/** Never more than once a second, whatever a status says. */
export function shortestPauseMs(status: Status): number {
  return Math.max(1, status.pollSecondsMin) * 1000
}

function waitingPauseMs(facts: StatusPollFacts): number {
  const { status, chance } = facts
  const minMs = shortestPauseMs(status)
  const openingMs = openingNewsMs(facts)
  const turnMs = turnNewsMs(facts)
  // Close to the turn, one status just after it says more than several before it.
  if (turnMs !== null && isSoon(facts, turnMs)) return Math.max(minMs, turnMs) + chance * minMs
  const plannedMs = nextPollMs({
    untilOpeningMs: openingMs,
    untilTurnMs: turnMs,
    untilSoldOutMs: otherNewsMs(facts),
    pollSecondsMin: minMs / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance,
  })
  if (!facts.isHidden) return plannedMs
  // A hidden page asks half as often, but never later than at the opening or its own turn.
  const latestMs = Math.min(
    openingMs ?? Number.POSITIVE_INFINITY,
    turnMs ?? Number.POSITIVE_INFINITY,
  )
  // The longest pauses are jittered, too: else all hidden pages would ask at once.
  const longestMs = status.pollSecondsMax * 1000 * (0.95 + 0.05 * chance)
  return Math.max(plannedMs, Math.min(2 * plannedMs, longestMs, latestMs))
}

/** The sale is over: the page asks ever more seldom whether goods came back, and never while it is hidden (failure mode 49). */
function overPauseMs({ status, phase, phaseForMs, verdict, ...facts }: StatusPollFacts) {
  const minMs = shortestPauseMs(status)
  if (status.phase !== phase && verdict === null) return minMs
  if (facts.isHidden) return null
  const widestMs = Math.min(
    SOLD_OUT_POLL_MS_MAX,
    Math.max(status.pollSecondsMax * 1000, phaseForMs),
  )
  return Math.max(minMs, widestMs * (0.8 + 0.4 * facts.chance))
}

/** The room is closed for maintenance: the page asks every minute or two. */
function closedPauseMs({ status, chance }: StatusPollFacts): number {
  const minMs = shortestPauseMs(status)
  // The word came with a refusal: the status has the organiser's message.
  if (status.phase !== 'closed') return minMs
  return Math.max(minMs, CLOSED_MS.min + chance * (CLOSED_MS.max - CLOSED_MS.min))
}

/** The turn is missed: the page looks for a seat of the late lane, ever more seldom; hidden, half as often. */
function latePauseMs(facts: StatusPollFacts): number {
  const { status } = facts
  if (status.phase !== facts.phase) return shortestPauseMs(status)
  const plannedMs = nextPollMs({
    untilOpeningMs: null,
    untilTurnMs: Math.max(STILL_NEWS_MS, facts.missedForMs),
    untilSoldOutMs: soldOutNewsMs(facts),
    pollSecondsMin: shortestPauseMs(status) / 1000,
    pollSecondsMax: status.pollSecondsMax,
    chance: facts.chance,
  })
  return facts.isHidden ? 2 * plannedMs : plannedMs
}

/** Does the page wait for its turn in the line, with a known place that is not let in yet? */
function isInLine({ phase, place, front }: StatusPollFacts): boolean {
  return phase === 'open' && place > 0 && !isAdmitted(place, front)
}

function isSoon(facts: StatusPollFacts, turnMs: number): boolean {
  if (!isInLine(facts)) return false
  const minMs = shortestPauseMs(facts.status)
  // Near the expected sell-out the room wants everybody to ask more often than that.
  if (turnMs + minMs > facts.status.pollSecondsMax * 1000) return false
  return turnMs <= SOON_POLLS * minMs
}

/** Until the sale opens; null where that is no news, or nobody knows when. */
function openingNewsMs({ phase, status, serverMs }: StatusPollFacts): number | null {
  if (phase !== 'scheduled' && phase !== 'gathering') return null
  return untilMs(status.opensAtMs, serverMs)
}

/** Until the own turn, or until something is known of it. */
function turnNewsMs(facts: StatusPollFacts): number | null {
  if (facts.phase !== 'open') return null
  return isInLine(facts) ? inLineNewsMs(facts) : unknownNewsMs(facts)
}

/** Until the nearest of all other news. */
function otherNewsMs(facts: StatusPollFacts): number | null {
  const { phase, status, serverMs } = facts
  switch (phase) {
    case 'gathering':
      return status.opensAtMs === null ? unknownNewsMs(facts) : null
    case 'paused': {
      const unknownMs = unknownNewsMs(facts)
      if (facts.place === 0) return unknownMs
      return Math.min(unknownMs, Math.max(STILL_NEWS_MS, inLineNewsMs(facts)))
    }
    case 'open': {
      const closingMs = untilMs(status.closesAtMs, serverMs)
      return isInLine(facts) ? leastOf(closingMs, soldOutNewsMs(facts)) : closingMs
    }
    // When the doors open is not told; that is always before the opening, or at it.
    case 'scheduled':
    case 'soldOut':
    case 'ended':
    case 'closed':
      return unknownNewsMs(facts)
  }
}

/**
 * Something will change and nobody knows when. It is expected to take as long again as it has taken: so the pauses grow, and
 * a wait that is twice as long costs only one or two requests more.
 */
function unknownNewsMs({ phase, phaseForMs, joinedForMs }: StatusPollFacts): number {
  return Math.max(NEWS_MS_MIN, phase === 'open' ? Math.min(phaseForMs, joinedForMs) : phaseForMs)
}

/** Until the own turn: by the rate, or half of the wait at a pace that is clearly slower. */
function inLineNewsMs(facts: StatusPollFacts): number {
  const byRateMs = waitByStatusMs(facts, facts.status.ratePerMinute)
  if (byRateMs === null) return unknownNewsMs(facts)
  const byPaceMs = waitByStatusMs(facts, facts.pacePerMinute)
  // A line that stands still may go on at any moment, but not all its pages need to ask for that every two seconds.
  return byPaceMs === null ? Math.max(STILL_NEWS_MS, byRateMs) : Math.max(byRateMs, byPaceMs / 2)
}

/** As the room expects it. Else: as the rate says, but no sooner than after as long again as the goods have lasted. */
function soldOutNewsMs({ status, serverMs }: StatusPollFacts): number | null {
  if (status.soldOutAtMs !== null) return Math.max(0, status.soldOutAtMs - serverMs)
  if (status.stock === null || status.ratePerMinute === 0) return null
  const sinceOpeningMs = status.opensAtMs === null ? 0 : serverMs - status.opensAtMs
  return Math.max((status.stock * 60_000) / status.ratePerMinute, sinceOpeningMs, NEWS_MS_MIN)
}

function untilMs(timeMs: number | null, nowMs: number): number | null {
  return timeMs === null ? null : Math.max(0, timeMs - nowMs)
}

function leastOf(one: number | null, other: number | null): number | null {
  if (one === null) return other
  return other === null ? one : Math.min(one, other)
}
