/** The page's state machine: facts and an event give new facts. No clock, no chance, no browser. */
import type { Phase } from '../queue/phase.ts'
import { type CohortRecord, keepsCommitment, placeIn } from '../queue/place.ts'
import type { Status } from '../queue/status.ts'
import { backoffMs } from './backoff.ts'
import {
  type DrawnPlace,
  type Facts,
  FRESH_TRIES,
  type HeldTicket,
  isDrawn,
  type PageEvent,
  type RequestName,
  type Tries,
} from './facts.ts'
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN, CLOCK_STEP_MS } from './limits.ts'
import { aheadNow, aheadTold, withSighting } from './line.ts'

export function afterEvent(before: Facts, event: PageEvent): Facts {
  const facts = { ...before, nowMs: Math.max(before.nowMs, event.atMs) }
  return countedDown(learned(facts, event))
}

function learned(facts: Facts, event: PageEvent): Facts {
  switch (event.type) {
    case 'second-passed':
      return facts
    case 'status':
      return afterStatus(succeeded(facts, 'status'), event.status, event.chance)
    case 'joined':
      return afterJoin(facts, event.ticket, event.chance)
    case 'record':
      return afterRecord(facts, event.record, event.chance)
    case 'pass': {
      const { location, expiresAtMs } = event
      return { ...succeeded(facts, 'pass'), pass: { location, expiresAtMs }, lostTickets: 0 }
    }
    case 'refused':
      return afterRefusal(facts, event.request, event.code, event.chance)
    case 'failed':
      return failed(facts, event.request, event.retryAfterMs, event.chance)
    case 'visibility':
      return event.isHidden ? { ...facts, isHidden: true } : woken({ ...facts, isHidden: false })
    case 'network':
      return event.isOffline ? { ...facts, isOffline: true } : woken({ ...facts, isOffline: false })
    case 'came-back':
      // A second turn of the same ticket is the visitor's wish, never the page's (no round trips).
      return woken({ ...facts, byHand: facts.byHand || facts.pass !== null, pass: null })
    case 'pressed':
      return afterPress(facts)
  }
}

function afterStatus(facts: Facts, status: Status, chance: number): Facts {
  const { nowMs } = facts
  const ageMs = facts.status === null ? 0 : facts.status.nowMs - status.nowMs
  const read = { ...facts, chance, statusAtMs: nowMs, isUnknownRoom: false, wokenAtMs: null }
  // A copy that some cache kept from before what is known already.
  if (ageMs > 0 && ageMs < CLOCK_STEP_MS) return inPhase(read, facts.status?.phase ?? status.phase)

  // A status can only be late, so the largest difference is the best; a clock that was set is none.
  const offsetMs = status.nowMs - nowMs
  const isSteady = facts.status !== null && facts.offsetMs - offsetMs < CLOCK_STEP_MS
  const next = inPhase(
    {
      ...read,
      status,
      offsetMs: isSteady ? Math.max(facts.offsetMs, offsetMs) : offsetMs,
      front: Math.max(facts.front, status.front),
      sightings: withSighting(facts.sightings, facts.status, status),
    },
    status.phase,
  )
  return isOfAnotherSale(facts, next, status) ? { ...next, ticket: null } : next
}

/** A ticket of a sale that ended is exchanged; the room knows better than the page which one is. */
function isOfAnotherSale(before: Facts, facts: Facts, status: Status): boolean {
  if (before.phase === 'ended' && status.phase !== 'ended') return true
  // The tail never goes back, except to the start of another sale.
  return isDrawn(facts) && facts.drawn !== null && facts.drawn.place > status.tail
}

function afterJoin(facts: Facts, ticket: HeldTicket, chance: number): Facts {
  // The room stands by a ticket that the page doubted: it asks ever more seldom.
  if (ticket.id === facts.lineOf) {
    return { ...refused(facts, 'join', chance), ticket, lostTickets: 0 }
  }
  const { status, remembered, nowMs } = facts
  const isKnown = remembered?.ticketId === ticket.id
  return {
    ...succeeded(facts, 'join'),
    ticket,
    lineOf: ticket.id,
    joinedAtMs: nowMs,
    front: status?.front ?? 0,
    sightings: [],
    drawn: null,
    firstAhead: isKnown ? remembered.firstAhead : null,
    shownAhead: isKnown ? remembered.shownAhead : null,
    verdict: null,
    pass: null,
  }
}

function afterRecord(facts: Facts, record: CohortRecord, chance: number): Facts {
  const { ticket } = facts
  if (ticket === null || record.cohort !== ticket.cohort) return refused(facts, 'record', chance)
  const drawn = drawnPlace(record, ticket)
  if (drawn === undefined) return refused(facts, 'record', chance)
  const ahead = aheadTold(drawn, facts.front)
  const next = { ...succeeded(facts, 'record'), drawn, firstAhead: facts.firstAhead ?? ahead }
  const isOld = facts.status !== null && drawn.place > facts.status.tail && isDrawn(facts)
  return isOld ? { ...next, ticket: null } : next
}

function drawnPlace(record: CohortRecord, ticket: HeldTicket): DrawnPlace | undefined {
  try {
    const place = placeIn(record, ticket.shard, ticket.index)
    return { place, record, keepsPromise: keepsCommitment(record, ticket.commitment) }
  } catch {
    return undefined
  }
}

function afterRefusal(facts: Facts, request: RequestName, code: string, chance: number): Facts {
  const next = refused(facts, request, chance)
  switch (code) {
    case 'unknown-room':
    case 'bad-room-id':
      return { ...withPause(next, request, BACKOFF_MS_MAX), isUnknownRoom: true }
    case 'doors-closed':
      return inPhase(next, 'scheduled')
    case 'room-paused':
      return inPhase(next, 'paused')
    case 'sold-out':
      return inPhase(next, 'soldOut')
    case 'room-ended':
      return inPhase(next, 'ended')
    case 'no-ticket':
    case 'bad-ticket':
      return { ...next, ticket: null, lostTickets: facts.lostTickets + 1 }
    case 'turn-missed':
      return { ...next, verdict: 'missed' }
    case 'already-entered':
      return { ...next, verdict: 'entered' }
    case 'bad-return-address':
    case 'bad-request':
      if (request === 'pass' && !facts.withoutReturn) return { ...next, verdict: 'refused-address' }
      return next
    default:
      return next
  }
}

function afterPress(facts: Facts): Facts {
  const ready = { ...withPause(facts, 'pass', 0), byHand: false, pass: null, lostTickets: 0 }
  if (facts.verdict !== 'refused-address') return ready
  return { ...ready, verdict: null, withoutReturn: true }
}

function inPhase(facts: Facts, phase: Phase): Facts {
  return phase === facts.phase ? facts : { ...facts, phase, phaseSinceMs: facts.nowMs }
}

/** Fresh news at once, and no long pause for a network that may be back. */
function woken(facts: Facts): Facts {
  const { nowMs, tries } = facts
  const sooner = (one: Tries): Tries => {
    if (one.failures === 0) return one
    const soonestMs = Math.max(nowMs, one.lastMs + BACKOFF_MS_MIN)
    return { ...one, notBeforeMs: Math.min(one.notBeforeMs, soonestMs) }
  }
  return {
    ...facts,
    wokenAtMs: nowMs,
    tries: {
      status: sooner(tries.status),
      join: sooner(tries.join),
      record: sooner(tries.record),
      pass: sooner(tries.pass),
    },
  }
}

function succeeded(facts: Facts, request: RequestName): Facts {
  return { ...facts, tries: { ...facts.tries, [request]: FRESH_TRIES } }
}

function failed(
  facts: Facts,
  request: RequestName,
  retryAfterMs: number | null,
  chance: number,
): Facts {
  const before = facts.tries[request]
  const failures = before.failures + 1
  const pauseMs = backoffMs(failures + before.refusals, retryAfterMs, chance)
  const { nowMs } = facts
  const tries = { ...before, failures, lastMs: nowMs, notBeforeMs: nowMs + pauseMs }
  const wokenAtMs = request === 'status' ? null : facts.wokenAtMs
  return { ...facts, wokenAtMs, tries: { ...facts.tries, [request]: tries } }
}

function refused(facts: Facts, request: RequestName, chance: number): Facts {
  const refusals = facts.tries[request].refusals + 1
  const pauseMs = backoffMs(refusals, null, chance)
  const { nowMs } = facts
  const tries = { failures: 0, refusals, lastMs: nowMs, notBeforeMs: nowMs + pauseMs }
  return { ...facts, tries: { ...facts.tries, [request]: tries } }
}

function withPause(facts: Facts, request: RequestName, pauseMs: number): Facts {
  const tries = { ...facts.tries[request], notBeforeMs: facts.nowMs + pauseMs }
  return { ...facts, tries: { ...facts.tries, [request]: tries } }
}

/** The number of people ahead goes down or stays, whatever the last status said (failure mode 40). */
function countedDown(facts: Facts): Facts {
  const ahead = aheadNow(facts)
  if (ahead === null) return facts
  return { ...facts, shownAhead: Math.min(ahead, facts.shownAhead ?? ahead) }
}
