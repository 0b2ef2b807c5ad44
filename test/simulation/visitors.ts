/** Visitors, each with a temper: how soon they use their turn, and what else they do. */

import type { Ticket } from '../../lib/queue/tokens/ticket.ts'
import type { Status } from '../../lib/queue/visitor/room-status.ts'
import { between, type Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import type { GivenPass } from './laws/law.ts'
import type { RoomCalls } from './room-calls.ts'
import { GROUP, ROOM } from './scenario.ts'
import type { Showroom } from './showroom.ts'
import { lineOfTicket, type Truth } from './truth.ts'

export const TEMPERS = [
  /** Walks in at once. */
  'prompt',
  /** Some time within the turn. */
  'slow',
  /** Around its very end. */
  'sleeper',
  /** Long after it, through the late lane. */
  'late',
  /** Never. */
  'no-show',
  /** Asks in two tabs, or two browsers, at once. */
  'twin',
  /** Asks all the time: before the turn, and again after leaving. */
  'pest',
  /** Loses the session, and asks again in another browser, which does not get in. */
  'loser',
] as const
export type Temper = (typeof TEMPERS)[number]

export interface Invitation {
  readonly token: string
}

export interface Visitor {
  readonly name: string
  readonly temper: Temper
  ticket: Ticket | undefined
  /** How often a pass was given. */
  passes: number
  /** How often a full house sent them to wait. */
  held: number
  /** The code of an answer after which they stop asking. */
  refused: string | undefined
}

export interface VisitorDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly calls: RoomCalls
  readonly showroom: Showroom
  readonly truth: Truth
  readonly turnMs: number
  /** From then on nobody lingers. */
  readonly isCalm: () => boolean
}

/** Pages ask again after a few seconds. */
const POLL_MS = { min: 1_500, max: 6_000 }

/** Somebody comes now, and goes their way. */
export function startVisitor(
  deps: VisitorDeps,
  name: string,
  temper: Temper,
  invitation: Invitation | undefined,
): Visitor {
  const { timeline, chance, calls, showroom, truth } = deps
  const visitor: Visitor = {
    name,
    temper,
    ticket: undefined,
    passes: 0,
    held: 0,
    refused: undefined,
  }
  let path = invitation === undefined ? ROOM : `${ROOM}~${GROUP}`
  let nonce = `${name}-browser`
  let [attempts, repeats, isThroughTried] = [0, 0, false]
  let claimsAtMs: number | undefined

  const again = (run: () => void, factor = 1) =>
    timeline.after(factor * between(chance, POLL_MS.min, POLL_MS.max), run)

  /** Reads the status, and does what follows from it. */
  const look = () =>
    calls.status(path, status => {
      if (status === undefined) return again(look)
      if (visitor.ticket !== undefined) return stand(status, visitor.ticket)
      if (status.mode !== 'line' && !isThroughTried && invitation === undefined) return goThrough()
      join()
    })

  const goThrough = () => {
    isThroughTried = true
    calls.goThrough(nonce, answer => {
      if (answer.status === 'given' && answer.value !== undefined) return walkIn(answer.value)
      look()
    })
  }

  const join = () => {
    attempts++
    const guest = invitation && { token: invitation.token, holder: name }
    calls.join(path, attempts, path === ROOM ? undefined : guest, name, answer => {
      if (answer.status === 'given') {
        visitor.ticket = answer.value
        again(look)
        return
      }
      // Somebody else was faster with the invitation: there is a line for everybody.
      if (answer.status === 'refused' && answer.code === 'invitation-used') path = ROOM
      again(look)
    })
  }

  const stand = (status: Status, ticket: Ticket) => {
    if (visitor.passes > 0 && repeats === 0) return
    const place = truth.placeOf(truth.person(ticket.id, ticket))
    const isTurn = place !== undefined && ticket.cohort < status.openCohort && place <= status.front
    if (temper === 'pest' && chance() < 0.5) return claim(ticket)
    const state = truth.room()?.state
    const isOver = status.phase === 'ended' || (state && lineOfTicket(state, ticket) === undefined)
    if (isOver) return claim(ticket)
    if (!isTurn) return again(look)
    claimsAtMs ??= Math.ceil(timeline.nowMs() + patience(temper, chance) * deps.turnMs)
    if (claimsAtMs === Number.POSITIVE_INFINITY) return
    if (timeline.nowMs() < claimsAtMs && !deps.isCalm()) {
      timeline.after(Math.min(claimsAtMs - timeline.nowMs(), 5_000), look)
      return
    }
    claim(ticket)
    if (temper === 'twin') claim(ticket, chance() < 0.5 ? nonce : `${name}-other`, true)
  }

  const claim = (ticket: Ticket, browser = nonce, isTwin = false) => {
    if (repeats > 0) repeats--
    calls.takeTurn(path, ticket, browser, answer => {
      if (answer.status === 'given') return walkIn(answer.value)
      if (isTwin) {
        const isUnknown = answer.status === 'died' || answer.code === 'try-again'
        if (isUnknown) timeline.after(POLL_MS.min, () => claim(ticket, browser, true))
        return
      }
      if (answer.status === 'refused') {
        const { code } = answer
        if (code === 'house-full') visitor.held++
        if (code === 'room-ended') {
          visitor.refused = code
          return
        }
        if (code === 'already-entered') {
          visitor.refused = code
          return
        }
      }
      again(look, 0.5)
    })
  }

  const walkIn = (pass: GivenPass) => {
    visitor.passes++
    const isNew = visitor.passes === 1
    if (isNew || chance() < 0.5) showroom.visit(pass, comeBack)
    if (isNew && temper === 'loser') {
      timeline.after(between(chance, 0.1, 1.1) * (pass.sessionEndsMs - timeline.nowMs()), () => {
        nonce = `${name}-new`
        repeats = 3
        look()
      })
    }
    if (isNew && temper === 'twin') {
      repeats = 1
      again(look, 0.2)
    }
  }

  /** Whoever left may come back, and does not get in. */
  const comeBack = () => {
    if (visitor.ticket === undefined || (temper !== 'pest' && chance() < 0.8)) return
    repeats = 3
    again(look, 0.5)
  }

  look()
  return visitor
}

/** After which part of the turn they walk in. */
function patience(temper: Temper, chance: Chance): number {
  switch (temper) {
    case 'prompt':
    case 'twin':
    case 'pest':
    case 'loser':
      return 0
    case 'slow':
      return chance() * 0.7
    case 'sleeper':
      return between(chance, 0.8, 1.1)
    case 'late':
      return between(chance, 1.1, 2)
    case 'no-show':
      return Number.POSITIVE_INFINITY
  }
}
