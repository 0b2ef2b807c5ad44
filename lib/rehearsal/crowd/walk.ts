/** What all steps of a visitor's walk have in common: requests, timers, failures, the end. */
import { backoffMs } from '../../page/machine/backoff.ts'
import type { Cdn } from '../cloud/cdn.ts'
import type { Measures } from '../measures/measures.ts'
import { between, type Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'
import { createAttention } from './attention.ts'
import { KIND } from './kinds.ts'
import { type People, STEP } from './people.ts'
import { createStatusPolls, type StatusPolls } from './status-polls.ts'

export interface WalkDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly people: People
  readonly measures: Measures
  readonly cdn: () => Cdn
}

/** A network that fails: before the request got anywhere, or only its answer. */
export type Luck = 'fine' | 'unsent' | 'unanswered'

export interface Walk extends WalkDeps {
  is(visitor: number, kind: number): boolean
  /** Counts requests to the CDN. */
  ask(visitor: number, count?: number): void
  /** Counts one of them that a function got. */
  reachedFunction(visitor: number): void
  luck(visitor: number): Luck
  next(visitor: number, what: number, delayMs: number): void
  /** Next, as soon as a request's answer is read. */
  soon(visitor: number, what: number): void
  /** Next, the status, when the page reads it again. */
  pollAgain(visitor: number): void
  /** Counts a failure; how long the page pauses after it. */
  pauseAfterFailure(visitor: number, retryAfterMs: number | null): number
  fail(visitor: number, what: number): void
  leave(visitor: number): void
  knowsItIsOver(visitor: number): void
  /** What each page has read, and when it reads again. */
  readonly polls: StatusPolls
}

/** From one request to the next that needs its answer; and until an answer is read. */
const TRIP_MS = { min: 60, max: 200 }
/** A flaky network loses this share of the requests, half of them with the answer alone. */
const FLAKY_SHARE = 0.15

export function createWalk(deps: WalkDeps): Walk {
  const { timeline, chance, people, measures } = deps
  const { kind, step, failures } = people
  const attention = createAttention(kind, people.arriveMs, chance)
  const tripMs = () => between(chance, TRIP_MS.min, TRIP_MS.max)

  const walk: Walk = {
    timeline,
    chance,
    people,
    measures,
    cdn: deps.cdn,
    polls: createStatusPolls({ people, chance, nowMs: timeline.nowMs }),
    is: (visitor, flag) => ((kind[visitor] ?? 0) & flag) !== 0,
    ask(visitor, count = 1) {
      const tabs = walk.is(visitor, KIND.tabs) ? 2 : 1
      people.asked[visitor] = (people.asked[visitor] ?? 0) + count * tabs
      // The second tab's requests are counted; what comes of them makes no difference.
      if (tabs > 1) measures.count('cdnRequests', timeline.nowMs(), count)
    },
    reachedFunction(visitor) {
      const tabs = walk.is(visitor, KIND.tabs) ? 2 : 1
      people.behind[visitor] = (people.behind[visitor] ?? 0) + tabs
    },
    luck(visitor) {
      if (!walk.is(visitor, KIND.flaky) || chance() >= FLAKY_SHARE) return 'fine'
      return chance() < 0.5 ? 'unsent' : 'unanswered'
    },
    next(visitor, what, delayMs) {
      step[visitor] = what
      const atMs = timeline.nowMs() + delayMs
      // Until they have their ticket, people keep the page in view.
      const isWaiting = people.ticketMs[visitor] !== 0
      timeline.plan(visitor, isWaiting ? attention.ringsMs(visitor, atMs) : atMs)
    },
    soon: (visitor, what) => walk.next(visitor, what, tripMs()),
    pollAgain(visitor) {
      const pauseMs = walk.polls.untilNextMs(visitor)
      if (pauseMs === null) walk.leave(visitor)
      else walk.next(visitor, STEP.look, pauseMs)
    },
    pauseAfterFailure(visitor, retryAfterMs) {
      const count = Math.min(255, (failures[visitor] ?? 0) + 1)
      failures[visitor] = count
      return backoffMs(count, retryAfterMs, chance())
    },
    fail: (visitor, what) => walk.next(visitor, what, walk.pauseAfterFailure(visitor, null)),
    leave(visitor) {
      step[visitor] = STEP.gone
      // A visitor who lost patience closed the page at that time, not when its timer rang.
      people.goneMs[visitor] = Math.min(timeline.nowMs(), people.leaveMs[visitor] ?? 0)
    },
    knowsItIsOver(visitor) {
      people.knewMs[visitor] = timeline.nowMs() + tripMs()
      walk.leave(visitor)
    },
  }
  return walk
}
