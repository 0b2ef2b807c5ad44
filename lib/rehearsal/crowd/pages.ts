/** The page: it loads, looks at the status, and goes on as that says. */
import { BACKOFF_RUSH_MS_MAX } from '../../page/machine/limits.ts'
import { isAdmitted } from '../../queue/cohort/place.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import { between } from '../time/chance.ts'
import type { Claims } from './claims.ts'
import { KIND } from './kinds.ts'
import { STEP } from './people.ts'
import { createPace, nextLookMs } from './status-polls.ts'
import type { Walk } from './walk.ts'

/** A page that did not load is reloaded by its visitor. */
const RELOAD_MS = { min: 2_000, max: 5_000 }

export type Pages = ReturnType<typeof createPages>

export function createPages(walk: Walk, claims: Claims) {
  const { timeline, chance, people, measures } = walk
  const pace = createPace()

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
    if (walk.luck(visitor) === 'unsent') return walk.fail(visitor, STEP.look)
    walk.cdn().status(visitor)
  }

  const afterStatus = (visitor: number, status: Status | undefined) => {
    if (people.step[visitor] === STEP.gone) return
    if (status === undefined) {
      // Without a status the page tries to join all the same.
      const hasNone = people.ticketMs[visitor] === 0 && (people.failures[visitor] ?? 0) > 0
      return walk.fail(visitor, hasNone ? STEP.join : STEP.look)
    }
    walk.saw(visitor, status)
    pace.see(status)
    if (people.ticketMs[visitor] !== 0) people.failures[visitor] = 0
    if (isOver(status)) return walk.knowsItIsOver(visitor)
    goOn(visitor, status)
  }

  const goOn = (visitor: number, status: Status) => {
    // What other pages have read already is no news of this one's.
    if (isOver(status)) return walk.soon(visitor, STEP.look)
    if (people.ticketMs[visitor] === 0 && status.phase !== 'scheduled') {
      return joinOrLook(visitor, status)
    }
    const place = people.place[visitor] ?? 0
    if (place === 0 && status.openCohort > (people.cohort[visitor] ?? 0)) {
      return walk.next(visitor, STEP.record, 1)
    }
    if (place > 0 && isAdmitted(place, status.front) && status.phase === 'open') {
      if (walk.is(visitor, KIND.absent)) return walk.leave(visitor)
      if (!claims.isLate(visitor)) return walk.next(visitor, STEP.pass, 1)
      if (status.lateSeats > 0) return walk.next(visitor, STEP.pass, claims.lateSpreadMs())
    }
    walk.next(visitor, STEP.look, lookAgainMs(visitor, status))
  }

  /** A join that failed waits its time; if that is long the page looks meanwhile. */
  const joinOrLook = (visitor: number, status: Status) => {
    const joinMs = (people.notBeforeMs[visitor] ?? 0) - timeline.nowMs()
    const lookMs = lookAgainMs(visitor, status)
    return joinMs <= Math.max(lookMs, BACKOFF_RUSH_MS_MAX)
      ? walk.next(visitor, STEP.join, Math.max(1, joinMs))
      : walk.next(visitor, STEP.look, lookMs)
  }

  const lookAgainMs = (visitor: number, status: Status): number =>
    nextLookMs(
      status,
      {
        place: people.place[visitor] ?? 0,
        joinedMs: people.ticketMs[visitor] || (people.arriveMs[visitor] ?? 0),
        missedMs: people.missedMs[visitor] ?? 0,
        isHidden: walk.is(visitor, KIND.hidden),
        pacePerMinute: pace.perMinute(),
        chance: chance(),
      },
      timeline.nowMs(),
    )

  return {
    load,
    look,
    afterStatus,
    /** Goes on as the page does after a status. */
    goOn,
  }
}

function isOver({ phase }: Status): boolean {
  return phase === 'soldOut' || phase === 'ended'
}
