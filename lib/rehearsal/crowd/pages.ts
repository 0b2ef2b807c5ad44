/** The page: it loads, reads the status, and goes on by what that says. */
import { BACKOFF_RUSH_MS_MAX } from '../../page/machine/limits.ts'
import { isAdmitted } from '../../queue/cohort/place.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import { between } from '../time/chance.ts'
import type { Claims } from './claims.ts'
import { KIND } from './kinds.ts'
import { STEP } from './people.ts'
import type { Walk } from './walk.ts'

/** A page that did not load is reloaded by its visitor. */
const RELOAD_MS = { min: 2_000, max: 5_000 }

export type Pages = ReturnType<typeof createPages>

export function createPages(walk: Walk, claims: Claims) {
  const { timeline, chance, people, measures, polls } = walk

  const load = (visitor: number) => {
    if (people.attempts[visitor] === 0 && people.asked[visitor] === 0) {
      measures.count('arrivals', timeline.nowMs())
    }
    const { asked, isWhole } = walk.cdn().page()
    walk.ask(visitor, asked)
    if (isWhole) walk.soon(visitor, STEP.look)
    else walk.next(visitor, STEP.load, between(chance, RELOAD_MS.min, RELOAD_MS.max))
  }

  const look = (visitor: number) => {
    walk.ask(visitor)
    if (walk.luck(visitor) === 'unsent') afterStatus(visitor, undefined)
    else walk.cdn().status(visitor)
  }

  const afterStatus = (visitor: number, status: Status | undefined) => {
    if (people.step[visitor] === STEP.gone) return
    if (status === undefined) {
      polls.failed(visitor)
      if (people.ticketMs[visitor] !== 0) return walk.pollAgain(visitor)
    } else polls.read(visitor, status)
    goOn(visitor)
  }

  const goOn = (visitor: number) => {
    const status = polls.statusOf(visitor)
    if (status !== undefined && isOver(status)) return walk.knowsItIsOver(visitor)
    // A page that got no status yet tries to join all the same.
    if (people.ticketMs[visitor] === 0 && status?.phase !== 'scheduled') return joinOrLook(visitor)
    if (status === undefined) return walk.pollAgain(visitor)
    const place = people.place[visitor] ?? 0
    if (place === 0 && status.openCohort > (people.cohort[visitor] ?? 0)) {
      return walk.next(visitor, STEP.record, 1)
    }
    if (place > 0 && isAdmitted(place, polls.frontOf(visitor)) && status.phase === 'open') {
      if (walk.is(visitor, KIND.absent)) return walk.leave(visitor)
      if (!claims.isLate(visitor)) return walk.next(visitor, STEP.pass, 1)
      if (status.lateSeats > 0) return walk.next(visitor, STEP.pass, claims.lateSpreadMs())
    }
    walk.pollAgain(visitor)
  }

  /** After a join that failed: it is tried again, unless a status is due first and the join is more than 8 s away or no status is known. */
  const joinOrLook = (visitor: number) => {
    const joinMs = (people.notBeforeMs[visitor] ?? 0) - timeline.nowMs()
    const lookMs = polls.untilNextMs(visitor) ?? Number.POSITIVE_INFINITY
    const isKnown = polls.statusOf(visitor) !== undefined
    return joinMs <= (isKnown ? Math.max(lookMs, BACKOFF_RUSH_MS_MAX) : lookMs)
      ? walk.next(visitor, STEP.join, Math.max(1, joinMs))
      : walk.pollAgain(visitor)
  }

  return {
    load,
    look,
    afterStatus,
    /** Goes on by the status that the page has, or reads the first one. */
    goOn,
  }
}

function isOver({ phase }: Status): boolean {
  return phase === 'soldOut' || phase === 'ended'
}
