/** What the page does next, and when: one request at a time. */
import { type Facts, isDrawn, isSwitchedOff, isTurn, type RequestName } from './facts.ts'
import { BACKOFF_RUSH_MS_MAX, LATE_SPREAD_MS, LOST_TICKETS_MAX } from './limits.ts'
import { nextStatusAtMs } from './status-polls.ts'

export interface Step {
  /** `open-way`: the page leaves by the open way. */
  readonly request: RequestName | 'open-way'
  /** On the page's clock; in the past when it is due. */
  readonly atMs: number
}

/** Null when there is nothing more to ask until somebody does something. */
export function nextStep(facts: Facts): Step | null {
  if (facts.uninvited !== null || facts.isOnOpenWay) return null
  if (isWayOpen(facts)) return { request: 'open-way', atMs: facts.nowMs }
  const steps: Step[] = []
  for (const request of ['pass', 'record', 'join'] as const) {
    if (isWanted[request](facts)) steps.push({ request, atMs: soonestMs(facts, request) })
  }
  const statusAtMs = nextStatusAtMs(facts)
  if (statusAtMs !== null && !isJoinNear(facts, steps)) {
    steps.push({ request: 'status', atMs: statusAtMs })
  }
  const due = steps.filter(step => step.atMs <= facts.nowMs)
  // Of what is due, the first in the list goes first; if nothing is due, what is due next.
  return due[0] ?? steps.sort((a, b) => a.atMs - b.atMs)[0] ?? null
}

/** Is a join tried again in a moment? Its answer says all that a status could say, and saves a request in a rush. */
function isJoinNear({ nowMs, status }: Facts, steps: readonly Step[]): boolean {
  return steps.some(
    ({ request, atMs }) =>
      request === 'join' && status !== null && atMs - nowMs <= BACKOFF_RUSH_MS_MAX,
  )
}

/** How many times joining was tried before, this one included: what the room is told. */
export function joinAttempt(facts: Facts): number {
  return facts.tries.join.failures + 1
}

/** Does the browser keep no cookies? It says so itself, or tickets got lost. */
export function lacksCookies(facts: Facts): boolean {
  return !facts.keepsCookies || facts.lostTickets >= LOST_TICKETS_MAX
}

/**
 * May this visitor take the open way just now? One with a ticket waits for their turn, and one who came back from the showroom
 * joins: so nobody is sent round for ever.
 */
function isWayOpen(facts: Facts): boolean {
  const { status, ticket, mayTryOpenWay, byHand } = facts
  if (status === null || ticket !== null || !mayTryOpenWay || byHand) return false
  if (facts.phase !== 'open') return false
  switch (status.mode) {
    case 'off':
      return true
    case 'auto':
      return status.waiting === 0
    case 'line':
    case 'closed':
      return false
  }
}

const isWanted = {
  /** Once the room takes people; also when nobody can say whether it does. */
  join(facts: Facts): boolean {
    if (facts.ticket !== null || lacksCookies(facts) || facts.isUnknownRoom) return false
    if (facts.phase === null) return facts.tries.status.failures > 0
    return facts.phase === 'gathering' || facts.phase === 'open' || facts.phase === 'paused'
  },
  /** Not before the status says that the record is there: the answer "not yet" is not cached. */
  record(facts: Facts): boolean {
    return isDrawn(facts) && facts.drawn === null
  },
  pass(facts: Facts): boolean {
    if (facts.ticket === null || facts.byHand || facts.pass !== null) return false
    if (!isTurn(facts) && !isSwitchedOff(facts)) return false
    switch (facts.verdict) {
      case null:
        return true
      case 'missed':
        return isSwitchedOff(facts) || hasLateSeat(facts)
      case 'entered':
        return isSwitchedOff(facts)
      case 'refused-address':
        return false
    }
  },
}

/** Did the last status tell of a seat for missed turns, and was it not asked for since? */
function hasLateSeat({ status, statusAtMs, tries }: Facts): boolean {
  return status !== null && status.lateSeats > 0 && tries.pass.lastMs < statusAtMs
}

function soonestMs(facts: Facts, request: RequestName): number {
  const { notBeforeMs } = facts.tries[request]
  if (request !== 'pass' || facts.verdict !== 'missed') return notBeforeMs
  // All who missed their turn read of the same free seat: they ask for it spread over some seconds.
  return Math.max(notBeforeMs, facts.statusAtMs + facts.chance * LATE_SPREAD_MS)
}
