/** The page's state machine: facts and an event give new facts. No clock, no chance, no browser. */
import { type CohortRecord, keepsCommitment, placeIn } from '../../queue/cohort/place.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import {
  type DrawnPlace,
  type Facts,
  inPhase,
  isDrawn,
  type PageEvent,
  type TicketFacts,
} from './facts.ts'
import { CLOCK_STEP_MS } from './limits.ts'
import { aheadByStatus, aheadNow, withSighting } from './line.ts'
import { oddsOf } from './odds.ts'
import { afterRefusal } from './refusals.ts'
import { failed, refused, succeeded, withPause, woken } from './tries.ts'

export function afterEvent(before: Facts, event: PageEvent): Facts {
  const facts = { ...before, nowMs: Math.max(before.nowMs, event.atMs) }
  return countedDown(learned(facts, event))
}

function learned(facts: Facts, event: PageEvent): Facts {
  switch (event.type) {
    case 'second-passed':
      return facts
    case 'status':
      return withOdds(afterStatus(succeeded(facts, 'status'), event.status, event.chance))
    case 'joined':
      return afterJoin(facts, event.ticket, event.chance)
    case 'record':
      return withOdds(afterRecord(facts, event.record, event.chance))
    case 'pass': {
      const { location, expiresAtMs } = event
      const pass = { location, expiresAtMs }
      return { ...succeeded(facts, 'pass'), pass, verdict: null, isHeld: false, lostTickets: 0 }
    }
    case 'open-way-taken':
      return { ...facts, isOnOpenWay: true }
    case 'refused':
      return afterRefusal(facts, event.request, event.code, event.chance)
    case 'failed':
      return failed(facts, event.request, event.retryAfterMs, event.chance)
    case 'visibility':
      return event.isHidden ? { ...facts, isHidden: true } : woken({ ...facts, isHidden: false })
    case 'network':
      return event.isOffline ? { ...facts, isOffline: true } : woken({ ...facts, isOffline: false })
    case 'came-back': {
      // A second turn of the same ticket is the visitor's wish, never the page's (no round trips).
      const byHand = facts.byHand || facts.pass !== null || facts.isOnOpenWay
      return woken({ ...facts, byHand, pass: null, isOnOpenWay: false })
    }
    case 'pressed':
      return afterPress(facts)
  }
}

function afterStatus(facts: Facts, status: Status, chance: number): Facts {
  const { nowMs } = facts
  const ageMs = facts.status === null ? 0 : facts.status.nowMs - status.nowMs
  const read = { ...facts, chance, statusAtMs: nowMs, isUnknownRoom: false, wokenAtMs: null }
  // A cache gave an older copy than the page has already.
  if (ageMs > 0 && ageMs < CLOCK_STEP_MS) return inPhase(read, facts.status?.phase ?? status.phase)

  // A status may come late but never early, so the largest difference is the best; unless a clock was set.
  const offsetMs = status.nowMs - nowMs
  const isSteady = facts.status !== null && facts.offsetMs - offsetMs < CLOCK_STEP_MS
  const next = inPhase(
    {
      ...read,
      status,
      offsetMs: isSteady ? Math.max(facts.offsetMs, offsetMs) : offsetMs,
      front: Math.max(facts.front, status.front),
      binding: steadyBinding(facts, status),
      sightings: withSighting(facts.sightings, facts.status, status),
    },
    status.phase,
  )
  return isOfAnotherSale(facts, next, status) ? { ...next, ticket: null } : next
}

/** A reason may come and go with each batch: it is shown once two statuses in a row have it. */
function steadyBinding(facts: Facts, status: Status): Status['binding'] {
  const isSteady = facts.status === null || facts.status.binding === status.binding
  return isSteady ? status.binding : facts.binding
}

function withOdds(facts: Facts): Facts {
  return { ...facts, odds: oddsOf(facts) }
}

/** Is the ticket of an earlier sale? Then the page joins again, and the room decides which ticket it gets. */
function isOfAnotherSale(before: Facts, facts: Facts, status: Status): boolean {
  if (before.phase === 'ended' && status.phase !== 'ended') return true
  // The tail never goes back, except to the start of another sale.
  return isDrawn(facts) && facts.drawn !== null && facts.drawn.place > status.tail
}

function afterJoin(facts: Facts, ticket: TicketFacts, chance: number): Facts {
  // The page gave this ticket up and the room gave it out again: the page asks ever more seldom.
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
    odds: null,
    verdict: null,
    isHeld: false,
    pass: null,
  }
}

function afterRecord(facts: Facts, record: CohortRecord, chance: number): Facts {
  const { ticket } = facts
  if (ticket === null || record.cohort !== ticket.cohort) return refused(facts, 'record', chance)
  const drawn = drawnPlace(record, ticket)
  if (drawn === undefined) return refused(facts, 'record', chance)
  const ahead = aheadByStatus(drawn, facts.front)
  const next = { ...succeeded(facts, 'record'), drawn, firstAhead: facts.firstAhead ?? ahead }
  const isOld = facts.status !== null && drawn.place > facts.status.tail && isDrawn(facts)
  return isOld ? { ...next, ticket: null } : next
}

function drawnPlace(record: CohortRecord, ticket: TicketFacts): DrawnPlace | undefined {
  try {
    const place = placeIn(record, ticket.shard, ticket.index)
    return { place, record, keepsPromise: keepsCommitment(record, ticket.commitment) }
  } catch {
    return undefined
  }
}

function afterPress(facts: Facts): Facts {
  const fresh = { byHand: false, isOnOpenWay: false, pass: null, lostTickets: 0 }
  const ready = { ...withPause(facts, 'pass', 0), ...fresh }
  if (facts.verdict !== 'refused-address') return ready
  return { ...ready, verdict: null, withoutReturn: true }
}

/** The number of people ahead goes down or stays, whatever the last status said (failure mode 40). */
function countedDown(facts: Facts): Facts {
  const ahead = aheadNow(facts)
  if (ahead === null) return facts
  return { ...facts, shownAhead: Math.min(ahead, facts.shownAhead ?? ahead) }
}
