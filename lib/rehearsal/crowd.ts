/** What the visitors do, step by step: the page loads, joins, waits by the poll plan, walks in. */
import { backoffMs } from '../page/backoff.ts'
import { BACKOFF_RUSH_MS_MAX } from '../page/limits.ts'
import type { CohortRecord } from '../queue/place.ts'
import { isAdmitted } from '../queue/place.ts'
import type { Status } from '../queue/status.ts'
import type { Ticket } from '../queue/ticket.ts'
import { createAttention } from './attention.ts'
import type { Cdn, CdnAnswers } from './cdn.ts'
import { between, type Chance } from './chance.ts'
import { createClaims } from './claims.ts'
import { drawAll, type WholeDraw } from './draw.ts'
import type { Answer, Instances } from './instances.ts'
import { KIND } from './kinds.ts'
import type { Ledger } from './ledger.ts'
import { createPace, nextLookMs } from './looks.ts'
import type { Measures } from './measures.ts'
import { type People, STEP } from './people.ts'
import type { Timeline } from './timeline.ts'

export interface CrowdDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly people: People
  readonly measures: Measures
  readonly ledger: Ledger
  readonly instances: Instances
  readonly cdn: () => Cdn
  /** Somebody is in the showroom. */
  readonly entered: (ticketId: string) => void
  /** Claimants are counted from this time on. */
  readonly seatedFromMs: number
}

export interface Crowd extends CdnAnswers {
  step(visitor: number): void
  /** Tickets that bots got. */
  botTickets(): number
  /** Tickets whose answer was lost on the way: the visitor asked for another one. */
  lostAnswers(): number
  /** Claimants from `seatedFromMs` on, and how many of them met a full house. */
  readonly seated: { readonly claimed: number; readonly held: number }
}

/** What a visitor's requests need to know of the visitor. */
export interface Walk {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly people: People
  readonly cdn: () => Cdn
  ask(visitor: number, count?: number): void
  reachedFunction(visitor: number): void
  /** A network that fails: before the request got anywhere, or only its answer. */
  luck(visitor: number): 'fine' | 'unsent' | 'unanswered'
  next(visitor: number, what: number, delayMs: number): void
  fail(visitor: number, what: number, retryAfterMs?: number | null): void
  leave(visitor: number): void
  knowsItIsOver(visitor: number): void
  /** The last status that pages of this region read. */
  latest(visitor: number): Status | undefined
  /** Goes on as the page does after a status. */
  goOn(visitor: number, status: Status): void
}

/** From one request to the next that needs its answer; and until an answer is read. */
const TRIP_MS = { min: 60, max: 200 }
/** A page that did not load is reloaded by its visitor. */
const RELOAD_MS = { min: 2_000, max: 5_000 }
/** A flaky network loses this share of the requests, half of them with the answer alone. */
const FLAKY_SHARE = 0.15
/** A bot asks for a ticket this often, without cookies, so many times. */
const HAMMER_MS = 200
const HAMMER_TIMES = 100
/** What a busy room asks for in its answer (lib/web/http.ts). */
const RETRY_AFTER_MS = 2_000

export function createCrowd(deps: CrowdDeps): Crowd {
  const { timeline, chance, people, measures, ledger, instances } = deps
  const { kind, step, place, cohort, shard, index, failures } = people
  const attention = createAttention(kind, people.arriveMs, chance)
  const draws = new Map<number, WholeDraw>()
  const pace = createPace()
  let [botTickets, lostAnswers] = [0, 0]
  const latest = new Map<number, Status>()

  const is = (visitor: number, flag: number) => ((kind[visitor] ?? 0) & flag) !== 0
  const ask = (visitor: number, count = 1) => {
    const copies = is(visitor, KIND.tabs) ? 2 : 1
    people.asked[visitor] = (people.asked[visitor] ?? 0) + count * copies
    // What the second tab asks is counted, and needs no model of its own.
    if (copies > 1) measures.count('cdnRequests', timeline.nowMs(), count)
  }
  const next = (visitor: number, what: number, delayMs: number) => {
    step[visitor] = what
    const atMs = timeline.nowMs() + delayMs
    // Nobody puts the phone away, or goes to another tab, before they have their ticket.
    const isWaiting = people.ticketMs[visitor] !== 0
    timeline.plan(visitor, isWaiting ? attention.ringsMs(visitor, atMs) : atMs)
  }
  const reachedFunction = (visitor: number) => {
    people.behind[visitor] = (people.behind[visitor] ?? 0) + (is(visitor, KIND.tabs) ? 2 : 1)
  }
  const soon = (visitor: number, what: number) =>
    next(visitor, what, between(chance, TRIP_MS.min, TRIP_MS.max))
  const pauseAfterFailure = (visitor: number, retryAfterMs: number | null) => {
    const count = Math.min(255, (failures[visitor] ?? 0) + 1)
    failures[visitor] = count
    return backoffMs(count, retryAfterMs, chance())
  }
  const fail = (visitor: number, what: number, retryAfterMs: number | null = null) =>
    next(visitor, what, pauseAfterFailure(visitor, retryAfterMs))
  const leave = (visitor: number) => {
    step[visitor] = STEP.gone
    // Who had enough closed the page then, whatever its timers were set for.
    people.goneMs[visitor] = Math.min(timeline.nowMs(), people.leaveMs[visitor] ?? 0)
  }
  const knowsItIsOver = (visitor: number) => {
    people.knewMs[visitor] = timeline.nowMs() + between(chance, TRIP_MS.min, TRIP_MS.max)
    leave(visitor)
  }
  const luck = (visitor: number) => {
    if (!is(visitor, KIND.flaky) || chance() >= FLAKY_SHARE) return 'fine'
    return chance() < 0.5 ? 'unsent' : 'unanswered'
  }

  const load = (visitor: number) => {
    if (people.attempts[visitor] === 0 && people.asked[visitor] === 0) {
      measures.count('arrivals', timeline.nowMs())
    }
    const { asked, isWhole } = deps.cdn().page()
    ask(visitor, asked)
    if (isWhole) soon(visitor, STEP.look)
    else next(visitor, STEP.load, between(chance, RELOAD_MS.min, RELOAD_MS.max))
  }
  const look = (visitor: number) => {
    ask(visitor)
    if (luck(visitor) === 'unsent') return fail(visitor, STEP.look)
    deps.cdn().status(visitor)
  }

  const afterStatus = (visitor: number, status: Status | undefined) => {
    if (step[visitor] === STEP.gone) return
    if (status === undefined) {
      // Without a status the page tries to join all the same.
      const hasNone = people.ticketMs[visitor] === 0 && (failures[visitor] ?? 0) > 0
      fail(visitor, hasNone ? STEP.join : STEP.look)
      return
    }
    const region = deps.cdn().regionOf(visitor)
    const known = latest.get(region)
    if (known === undefined || status.nowMs > known.nowMs) latest.set(region, status)
    pace.see(status)
    if (people.ticketMs[visitor] !== 0) failures[visitor] = 0
    if (status.phase === 'soldOut' || status.phase === 'ended') return knowsItIsOver(visitor)
    goOn(visitor, status)
  }
  const goOn = (visitor: number, status: Status) => {
    const nowMs = timeline.nowMs()
    // What other pages have read already is no news of this one's.
    if (status.phase === 'soldOut' || status.phase === 'ended') return soon(visitor, STEP.look)
    if (people.ticketMs[visitor] === 0 && status.phase !== 'scheduled') {
      const joinMs = (people.notBeforeMs[visitor] ?? 0) - nowMs
      const lookMs = lookAgainMs(visitor, status)
      // A join that failed waits its time; if that is long the page looks meanwhile.
      return joinMs <= Math.max(lookMs, BACKOFF_RUSH_MS_MAX)
        ? next(visitor, STEP.join, Math.max(1, joinMs))
        : next(visitor, STEP.look, lookMs)
    }
    const own = place[visitor] ?? 0
    if (own === 0 && status.openCohort > (cohort[visitor] ?? 0)) {
      return next(visitor, STEP.record, 1)
    }
    if (own > 0 && isAdmitted(own, status.front) && status.phase === 'open') {
      if (is(visitor, KIND.absent)) return leave(visitor)
      if (!claims.isLate(visitor)) return next(visitor, STEP.pass, 1)
      if (status.lateSeats > 0) return next(visitor, STEP.pass, claims.lateSpreadMs())
    }
    next(visitor, STEP.look, lookAgainMs(visitor, status))
  }
  const lookAgainMs = (visitor: number, status: Status): number =>
    nextLookMs(
      status,
      {
        place: place[visitor] ?? 0,
        joinedMs: people.ticketMs[visitor] || (people.arriveMs[visitor] ?? 0),
        missedMs: people.missedMs[visitor] ?? 0,
        isHidden: is(visitor, KIND.hidden),
        pacePerMinute: pace.perMinute(),
        chance: chance(),
      },
      timeline.nowMs(),
    )

  const join = (visitor: number) => {
    ask(visitor)
    const attempt = (people.attempts[visitor] ?? 0) + 1
    people.attempts[visitor] = Math.min(65_535, attempt)
    const network = luck(visitor)
    if (network === 'unsent') return joinLater(visitor, null)
    deps.cdn().forward(
      environment => {
        reachedFunction(visitor)
        return instances.join(environment, attempt)
      },
      answer => afterJoin(visitor, answer, network === 'unanswered'),
    )
  }
  const joinLater = (visitor: number, retryAfterMs: number | null) => {
    const pauseMs = pauseAfterFailure(visitor, retryAfterMs)
    people.notBeforeMs[visitor] = timeline.nowMs() + pauseMs
    const status = latest.get(deps.cdn().regionOf(visitor))
    if (status === undefined) next(visitor, STEP.join, pauseMs)
    else goOn(visitor, status)
  }
  const afterJoin = (visitor: number, answer: Answer<Ticket> | undefined, isLost: boolean) => {
    if (answer?.status !== 'given') {
      const code = answer?.code
      if (code === 'sold-out' || code === 'room-ended') return knowsItIsOver(visitor)
      return joinLater(visitor, answer === undefined ? null : RETRY_AFTER_MS)
    }
    const ticket = answer.value
    ledger.given(ticket, timeline.nowMs())
    if (isLost) {
      lostAnswers++
      return joinLater(visitor, null)
    }
    cohort[visitor] = ticket.cohort
    shard[visitor] = ticket.shard
    index[visitor] = ticket.index
    failures[visitor] = 0
    people.ticketMs[visitor] = timeline.nowMs()
    measures.count('tickets', timeline.nowMs())
    // The page goes on with the status that it has.
    const status = latest.get(deps.cdn().regionOf(visitor))
    if (status === undefined) soon(visitor, STEP.look)
    else goOn(visitor, status)
  }

  const readRecord = (visitor: number) => {
    ask(visitor)
    if (luck(visitor) === 'unsent') return fail(visitor, STEP.look)
    deps.cdn().record(visitor, cohort[visitor] ?? 0)
  }
  const afterRecord = (visitor: number, record: CohortRecord | undefined) => {
    if (record === undefined) return fail(visitor, STEP.record)
    failures[visitor] = 0
    let draw = draws.get(record.cohort)
    if (draw === undefined) {
      draw = drawAll(record)
      draws.set(record.cohort, draw)
    }
    place[visitor] = draw.placeOf(shard[visitor] ?? 0, index[visitor] ?? 0)
    ledger.placed(record, shard[visitor] ?? 0, index[visitor] ?? 0, place[visitor] ?? 0)
    // The page has the status that told of the close, and plans from there.
    const status = latest.get(deps.cdn().regionOf(visitor))
    if (status !== undefined) goOn(visitor, status)
  }

  /** A bot keeps no cookies: each answer is another ticket. */
  const hammer = (visitor: number) => {
    const attempt = (people.attempts[visitor] ?? 0) + 1
    people.attempts[visitor] = attempt
    if (attempt < HAMMER_TIMES) next(visitor, STEP.hammer, HAMMER_MS)
    deps.cdn().forward(
      environment => instances.join(environment, 1),
      answer => {
        if (answer?.status !== 'given') return
        botTickets++
        ledger.given(answer.value, timeline.nowMs())
      },
    )
  }

  const walk: Walk = {
    timeline,
    chance,
    people,
    cdn: deps.cdn,
    ask,
    reachedFunction,
    luck,
    next,
    fail,
    leave,
    knowsItIsOver,
    latest: visitor => latest.get(deps.cdn().regionOf(visitor)),
    goOn,
  }
  const claims = createClaims({ ...deps, walk })

  return {
    status: afterStatus,
    record: afterRecord,
    botTickets: () => botTickets,
    lostAnswers: () => lostAnswers,
    seated: claims.seated,
    step(visitor) {
      if (timeline.nowMs() >= (people.leaveMs[visitor] ?? 0)) return leave(visitor)
      switch (step[visitor]) {
        case STEP.load:
          return load(visitor)
        case STEP.look:
          return look(visitor)
        case STEP.join:
          return join(visitor)
        case STEP.record:
          return readRecord(visitor)
        case STEP.pass:
          return claims.claim(visitor)
        case STEP.hammer:
          return hammer(visitor)
      }
    },
  }
}
