/** At the door: taking the turn, standing on hold before a full house, the late lane. */
import { holdMs } from '../../page/machine/backoff.ts'
import { LATE_SPREAD_MS } from '../../page/machine/limits.ts'
import { type Ticket, ticketId } from '../../queue/tokens/ticket.ts'
import { type Answer, type Instances, ROOM } from '../cloud/instances.ts'
import { MARK, STEP } from './people.ts'
import type { Walk } from './walk.ts'

export interface ClaimsDeps {
  readonly walk: Walk
  readonly instances: Instances
  readonly entered: (ticketId: string) => void
  /** Visitors who ask for a seat are counted from this time on. */
  readonly seatedFromMs: number
}

/** Visitors who asked for a seat from `seatedFromMs` on, and how many of them met a full house. */
export interface Seated {
  readonly claimed: number
  readonly held: number
}

export type Claims = ReturnType<typeof createClaims>

export function createClaims({ walk, instances, entered, seatedFromMs }: ClaimsDeps) {
  const { people, timeline, measures } = walk
  const marked = (visitor: number, mark: number) => ((people.marks[visitor] ?? 0) & mark) !== 0
  const mark = (visitor: number, bits: number) => {
    people.marks[visitor] = (people.marks[visitor] ?? 0) | bits
  }

  const seated = { claimed: 0, held: 0 }
  /** Counts a visitor when they first ask for a seat, and when they first meet a full house. */
  const markClaim = (visitor: number, met: 'a seat' | 'a full house') => {
    const isSeated = timeline.nowMs() >= seatedFromMs
    const isHeld = met === 'a full house'
    if (isSeated && !marked(visitor, MARK.claimed)) seated.claimed++
    if (isSeated && isHeld && !marked(visitor, MARK.held)) seated.held++
    mark(visitor, isHeld ? MARK.claimed | MARK.held : MARK.claimed)
  }

  const claim = (visitor: number) => {
    walk.ask(visitor)
    const network = walk.luck(visitor)
    if (network === 'unsent') return walk.fail(visitor, STEP.pass)
    const ticket = ticketOf(visitor)
    walk.cdn().forward(
      environment => {
        walk.reachedFunction(visitor)
        return instances.takeTurn(environment, ticket, `nonce-${visitor}`)
      },
      answer => afterClaim(visitor, ticket.id, network === 'unanswered' ? undefined : answer),
    )
  }

  const ticketOf = (visitor: number): Ticket => {
    const [cohort, shard, index] = [people.cohort, people.shard, people.index].map(
      column => column[visitor] ?? 0,
    ) as [number, number, number]
    return { room: ROOM, id: ticketId(cohort, shard, index), cohort, shard, index, commitment: '' }
  }

  const afterClaim = (visitor: number, id: string, answer: Answer<string> | undefined) => {
    const nowMs = timeline.nowMs()
    if (answer === undefined) return walk.fail(visitor, STEP.pass)
    if (answer.status === 'given') {
      if (marked(visitor, MARK.missed)) mark(visitor, MARK.late)
      else markClaim(visitor, 'a seat')
      people.enteredMs[visitor] = nowMs
      measures.count('entries', nowMs)
      entered(id)
      return walk.leave(visitor)
    }
    switch (answer.code) {
      case 'house-full':
        markClaim(visitor, 'a full house')
        people.failures[visitor] = 0
        walk.next(visitor, STEP.pass, holdMs(walk.polls.statusOf(visitor) ?? null, walk.chance()))
        return
      case 'turn-missed': {
        if (!marked(visitor, MARK.missed)) people.missedMs[visitor] = nowMs
        mark(visitor, MARK.missed)
        people.failures[visitor] = 0
        walk.pollAgain(visitor)
        return
      }
      case 'sold-out':
      case 'room-ended':
        return walk.knowsItIsOver(visitor)
      case 'already-entered':
        // The answer that let them in was lost, and the turn ran out before they asked again.
        mark(visitor, MARK.missed)
        return walk.leave(visitor)
      default:
        return walk.fail(visitor, STEP.pass)
    }
  }

  return {
    claim,
    seated,
    /** Was the turn found to be over? */
    isLate: (visitor: number) => marked(visitor, MARK.missed),
    /** Until a seat of the late lane is asked for: not by all at once. */
    lateSpreadMs: () => walk.chance() * LATE_SPREAD_MS,
  }
}
