/** What the page shows: one union, made from the facts. Words and pictures come after it. */
import type { Status } from '../../queue/visitor/room-status.ts'
import {
  type DrawnPlace,
  type Facts,
  isDrawn,
  isSwitchedOff,
  isTurn,
  serverNowMs,
  type Uninvited,
} from './facts.ts'
import { waitMs } from './line.ts'
import { type ShownOdds, shownOdds } from './odds.ts'
import { lacksCookies } from './steps.ts'

export type View = ViewState & {
  readonly message: string | null
  readonly notice: Notice | null
  readonly proof: Proof | null
}

export type ViewState =
  /** The room has not answered yet, or the ticket is on its way. */
  | { state: 'arriving' }
  | { state: 'scheduled'; opensAtMs: number | null; untilMs: number | null }
  | { state: 'gathering'; opensAtMs: number | null; untilMs: number | null; here: number }
  /** The own cohort is still open, or its record is on its way. */
  | { state: 'drawing'; waiting: number }
  | ({ state: 'waiting' } & WaitingFacts)
  | { state: 'turn'; place: number | null }
  /** It is the turn, and every seat is taken: the next free one is this visitor's. */
  | { state: 'held'; place: number | null }
  /** Nobody waits: the page is leaving by the open way. */
  | { state: 'open-way' }
  /** The page has a pass and is leaving. */
  | { state: 'entering'; place: number | null; location: string }
  /** The visitor came back with a turn that still runs: they say when to go. */
  | { state: 'returned' }
  /** The turn is over; the ticket is kept for the late lane. */
  | { state: 'missed'; place: number | null }
  | { state: 'entered' }
  | { state: 'refused-address' }
  | { state: 'paused'; place: number | null; ahead: number | null; progress: number | null }
  /** `hasTicket`: does the visitor hold a ticket, drawn or not? */
  | { state: 'closed'; place: number | null; hasTicket: boolean }
  | { state: 'sold-out'; place: number | null }
  | { state: 'ended' }
  | { state: 'unknown-room' }
  | { state: 'cookies-needed' }
  | { state: 'uninvited'; problem: Uninvited }

export interface WaitingFacts {
  readonly place: number
  readonly ahead: number
  /** Null while nobody is let in. */
  readonly waitMs: number | null
  /** The expected time of the turn, server's clock. */
  readonly turnAtMs: number | null
  /** 0 .. 1, from where this visitor began to where they go in. */
  readonly progress: number
  /** What keeps the line from moving faster. */
  readonly binding: Status['binding']
  /** What the place is worth; null while nobody can say. */
  readonly odds: ShownOdds | null
  readonly outlook: Outlook | null
}

/** A word of warning: it may be over before the turn comes. */
export type Outlook = { kind: 'stock'; left: number } | { kind: 'closing'; closesAtMs: number }

export type Notice = 'offline' | 'busy' | 'unreachable' | 'new-ticket'

export interface Proof {
  readonly keepsPromise: boolean
  readonly place: number
  readonly ticketId: string
  readonly cohort: number
  readonly commitment: string
  readonly seed: string
}

export function viewOf(facts: Facts): View {
  const { status } = facts
  return {
    ...stateOf(facts),
    message: status?.message ?? null,
    notice: noticeOf(facts),
    proof: proofOf(facts),
  }
}

function stateOf(facts: Facts): ViewState {
  const { status, phase, ticket, drawn, verdict, pass } = facts
  const place = ticket === null || drawn === null ? null : drawn.place
  if (facts.isUnknownRoom) return { state: 'unknown-room' }
  if (phase === 'ended') return { state: 'ended' }
  if (facts.uninvited !== null) return { state: 'uninvited', problem: facts.uninvited }
  if (facts.isOnOpenWay) return { state: 'open-way' }
  if (pass !== null) return { state: 'entering', place, location: pass.location }
  if (verdict === 'entered') return { state: 'entered' }
  if (phase === 'soldOut') return { state: 'sold-out', place }
  if (phase === 'closed') return { state: 'closed', place, hasTicket: ticket !== null }
  if (verdict === 'missed') return { state: 'missed', place }
  const opensAtMs = status?.opensAtMs ?? null
  const untilMs = opensAtMs === null ? null : Math.max(0, opensAtMs - serverNowMs(facts))
  if (phase === 'scheduled') return { state: 'scheduled', opensAtMs, untilMs }
  if (lacksCookies(facts)) return { state: 'cookies-needed' }
  if (phase === 'paused') return pausedState(facts, place)
  if (ticket === null || status === null) return { state: 'arriving' }
  if (phase === 'gathering' && !isDrawn(facts)) {
    return { state: 'gathering', opensAtMs, untilMs, here: status.waiting }
  }
  if (isSwitchedOff(facts)) return turnState(facts, place)
  if (drawn === null) return { state: 'drawing', waiting: status.waiting }
  return isTurn(facts)
    ? turnState(facts, place)
    : { state: 'waiting', ...waitingFacts(facts, drawn) }
}

function turnState({ verdict, isHeld, byHand }: Facts, place: number | null): ViewState {
  if (verdict === 'refused-address') return { state: 'refused-address' }
  if (isHeld) return { state: 'held', place }
  return byHand ? { state: 'returned' } : { state: 'turn', place }
}

function pausedState(facts: Facts, place: number | null): ViewState {
  if (place === null) return { state: 'paused', place, ahead: null, progress: null }
  return { state: 'paused', place, ahead: facts.shownAhead ?? 0, progress: progressOf(facts) }
}

function waitingFacts(facts: Facts, drawn: DrawnPlace): WaitingFacts {
  const ahead = facts.shownAhead ?? 0
  const wait = waitMs(facts)
  const turnAtMs = wait === null ? null : serverNowMs(facts) + wait
  const progress = progressOf(facts)
  return {
    place: drawn.place,
    ahead,
    waitMs: wait,
    turnAtMs,
    progress,
    binding: facts.binding,
    odds: facts.odds === null ? null : shownOdds(facts.odds),
    outlook: outlookOf(facts, turnAtMs),
  }
}

function progressOf(facts: Facts): number {
  const { firstAhead, shownAhead } = facts
  if (firstAhead === null || shownAhead === null || firstAhead === 0) return 0
  return Math.min(1, Math.max(0, 1 - shownAhead / firstAhead))
}

function outlookOf(facts: Facts, turnAtMs: number | null): Outlook | null {
  const { status, shownAhead } = facts
  if (status === null || shownAhead === null) return null
  const { stock, closesAtMs } = status
  // The odds say it better.
  if (facts.odds === null && stock !== null && shownAhead >= stock)
    return { kind: 'stock', left: stock }
  if (closesAtMs !== null && turnAtMs !== null && turnAtMs >= closesAtMs) {
    return { kind: 'closing', closesAtMs }
  }
  return null
}

/** One failed request may be chance, and heals before anybody could read about it. */
function noticeOf(facts: Facts): Notice | null {
  const { tries } = facts
  if (facts.phase === 'ended' || facts.pass !== null) return null
  if (facts.isOffline) return 'offline'
  if (tries.join.failures > 0 && tries.status.failures === 0) return 'busy'
  const failures = [tries.status, tries.join, tries.record, tries.pass].map(one => one.failures)
  if (Math.max(...failures) > 1) return 'unreachable'
  return facts.lostTickets > 0 && facts.ticket !== null ? 'new-ticket' : null
}

function proofOf(facts: Facts): Proof | null {
  const { drawn, ticket } = facts
  if (drawn === null || ticket === null) return null
  const { keepsPromise, place, record } = drawn
  return {
    keepsPromise,
    place,
    ticketId: ticket.id,
    cohort: ticket.cohort,
    commitment: ticket.commitment,
    seed: record.seed,
  }
}
