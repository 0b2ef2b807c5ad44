/** What the page knows, and what it can learn. Times are milliseconds of its own clock, unless said otherwise. */

import { type CohortRecord, isAdmitted } from '../../queue/cohort/place.ts'
import type { Phase } from '../../queue/room/phase.ts'
import type { Status } from '../../queue/visitor/room-status.ts'

/** The public facts of this visitor's ticket; the signed one stays in the cookie. */
export interface TicketFacts {
  readonly id: string
  readonly cohort: number
  readonly shard: number
  readonly index: number
  readonly commitment: string
}

/** A place, computed here from the cohort's record. */
export interface DrawnPlace {
  readonly place: number
  readonly record: CohortRecord
  /** Does the revealed seed keep the promise of the ticket? */
  readonly keepsPromise: boolean
}

export type RequestName = 'status' | 'join' | 'record' | 'pass'

/** How one kind of request fares. */
export interface Tries {
  /** Without a usable answer, in a row. */
  readonly failures: number
  /** Answered with a no, in a row. */
  readonly refusals: number
  /** When the last of them came. */
  readonly lastMs: number
  readonly notBeforeMs: number
}

/** Where the front was at a moment of the server's clock. */
export interface Sighting {
  readonly atMs: number
  readonly front: number
}

/** Kept over a reload, so that the number of people ahead does not go up. */
export interface Remembered {
  readonly ticketId: string
  readonly firstAhead: number
  readonly shownAhead: number
}

/** What the server said of this ticket's turn. Only `entered` is for good. */
export type Verdict = 'missed' | 'entered' | 'refused-address'

/** Why a group's line does not take this visitor. */
export const UNINVITED = [
  'invitation-needed',
  'bad-invitation',
  'invitation-expired',
  'invitation-used',
] as const
export type Uninvited = (typeof UNINVITED)[number]

export interface Facts {
  readonly nowMs: number
  /** 0 .. 1, drawn with each status: where in its time the next one is read. */
  readonly chance: number
  readonly isHidden: boolean
  readonly isOffline: boolean
  readonly keepsCookies: boolean
  /** The server's clock minus the page's. */
  readonly offsetMs: number
  readonly status: Status | null
  /** When the last status came. */
  readonly statusAtMs: number
  /** The status's phase, or a refusal's newer word; null before either. */
  readonly phase: Phase | null
  readonly phaseSinceMs: number
  readonly isUnknownRoom: boolean
  /** The highest front seen. */
  readonly front: number
  readonly sightings: readonly Sighting[]
  readonly ticket: TicketFacts | null
  /** The ticket that the facts of place and line below belong to. */
  readonly lineOf: string | null
  readonly joinedAtMs: number
  readonly drawn: DrawnPlace | null
  readonly firstAhead: number | null
  readonly shownAhead: number | null
  readonly remembered: Remembered | null
  /** What the place is worth, as of the last status; null while nobody can say. */
  readonly odds: Odds | null
  /** What keeps the line from moving faster, once two statuses in a row have said so. */
  readonly binding: Status['binding']
  readonly verdict: Verdict | null
  /** Since when the turn is known to be missed. */
  readonly missedSinceMs: number
  /** Is every seat taken, and the next free one this visitor's? */
  readonly isHeld: boolean
  readonly uninvited: Uninvited | null
  readonly pass: { readonly location: string; readonly expiresAtMs: number } | null
  /** Is the visitor to press the button before the page goes in? */
  readonly byHand: boolean
  /** Is this the line of a group, for those who are invited? */
  readonly isGroup: boolean
  /** May the page try the open way? Only once, and only where no invitation is to be shown. */
  readonly mayTryOpenWay: boolean
  /** Is the page on the open way? */
  readonly isOnOpenWay: boolean
  /** Was the return address given up? */
  readonly withoutReturn: boolean
  /** Tickets that the browser did not bring back. */
  readonly lostTickets: number
  readonly tries: Readonly<Record<RequestName, Tries>>
  /** When the visitor, or the network, came back and wants fresh news. */
  readonly wokenAtMs: number | null
}

/** What happens to a page. */
export type PageEvent = { readonly atMs: number; readonly chance: number } & (
  | { readonly type: 'second-passed' }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'joined'; readonly ticket: TicketFacts }
  | { readonly type: 'record'; readonly record: CohortRecord }
  | { readonly type: 'pass'; readonly location: string; readonly expiresAtMs: number }
  /** The page is leaving by the open way. */
  | { readonly type: 'open-way-taken' }
  | { readonly type: 'refused'; readonly request: RequestName; readonly code: string }
  | {
      readonly type: 'failed'
      readonly request: RequestName
      readonly retryAfterMs: number | null
    }
  | { readonly type: 'visibility'; readonly isHidden: boolean }
  | { readonly type: 'network'; readonly isOffline: boolean }
  /** The browser brought the page back as it was, with its back button. */
  | { readonly type: 'came-back' }
  /** The visitor pressed the button. */
  | { readonly type: 'pressed' }
)

export interface Start {
  readonly nowMs: number
  readonly isHidden: boolean
  readonly isOffline: boolean
  readonly keepsCookies: boolean
  /** Did the visitor come back from the showroom rather than from a link to it? */
  readonly byHand: boolean
  readonly isGroup: boolean
  readonly mayTryOpenWay: boolean
  /** What is wrong with the invitation that came along, as far as the page can tell. */
  readonly uninvited: Uninvited | null
  readonly remembered: Remembered | null
}

export const FRESH_TRIES: Tries = { failures: 0, refusals: 0, lastMs: 0, notBeforeMs: 0 }

export function initialFacts(start: Start): Facts {
  return {
    ...start,
    chance: 0,
    offsetMs: 0,
    status: null,
    statusAtMs: 0,
    phase: null,
    phaseSinceMs: start.nowMs,
    isUnknownRoom: false,
    front: 0,
    sightings: [],
    ticket: null,
    lineOf: null,
    joinedAtMs: start.nowMs,
    drawn: null,
    firstAhead: null,
    shownAhead: null,
    odds: null,
    binding: null,
    verdict: null,
    missedSinceMs: 0,
    isHeld: false,
    pass: null,
    isOnOpenWay: false,
    withoutReturn: false,
    lostTickets: 0,
    tries: { status: FRESH_TRIES, join: FRESH_TRIES, record: FRESH_TRIES, pass: FRESH_TRIES },
    wokenAtMs: null,
  }
}

/** The server's time now. */
export function serverNowMs(facts: Facts): number {
  return facts.nowMs + facts.offsetMs
}

/** Has this visitor's cohort been drawn, by what the room says? */
export function isDrawn(facts: Facts): boolean {
  const { status, ticket } = facts
  return status !== null && ticket !== null && status.openCohort > ticket.cohort
}

/** Does everybody walk in, whatever their place? */
export function isSwitchedOff(facts: Facts): boolean {
  return facts.phase === 'open' && facts.status?.mode === 'off'
}

/** The facts from a phase on. */
export function inPhase(facts: Facts, phase: Phase): Facts {
  return phase === facts.phase ? facts : { ...facts, phase, phaseSinceMs: facts.nowMs }
}

/** Is it this visitor's turn, by what the room says? */
export function isTurn(facts: Facts): boolean {
  return (
    facts.phase === 'open' && facts.drawn !== null && isAdmitted(facts.drawn.place, facts.front)
  )
}

/** Chances, 0 .. 1: the likeliest, and between which it lies by what has been measured. */
export interface Odds {
  readonly low: number
  readonly chance: number
  readonly high: number
}
