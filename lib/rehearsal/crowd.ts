/** What the visitors do, step by step: the page loads, joins, waits by the poll plan, walks in. */
import { backoffMs } from '../page/backoff.ts'
import type { CohortRecord } from '../queue/place.ts'
import { isAdmitted } from '../queue/place.ts'
import type { Status } from '../queue/status.ts'
import type { Ticket } from '../queue/ticket.ts'
import { ticketId } from '../queue/ticket.ts'
import { type Cdn, type CdnAnswers, PAGE_REQUESTS } from './cdn.ts'
import { between, type Chance } from './chance.ts'
import { drawAll, type WholeDraw } from './draw.ts'
import { type Answer, type Instances, ROOM } from './instances.ts'
import type { Ledger } from './ledger.ts'
import { createPace, nextLookMs } from './looks.ts'
import type { Measures } from './measures.ts'
import { KIND, type People, STEP } from './people.ts'
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
  readonly entered: (visitor: number, ticketId: string) => void
}

export interface Crowd extends CdnAnswers {
  step(visitor: number): void
  /** Tickets that bots got. */
  botTickets(): number
  /** Tickets whose answer was lost on the way: the visitor asked for another one. */
  lostAnswers(): number
}

/** From one request to the next that needs its answer. */
const TRIP_MS = { min: 60, max: 200 }
/** A page that did not load is reloaded by its visitor. */
const RELOAD_MS = { min: 2_000, max: 5_000 }
/** A flaky network loses this share of the requests, half of them with the answer alone. */
const FLAKY_SHARE = 0.15
/** A sleeping phone misses some of its times to look. */
const SLEEP_SHARE = 0.3
const SLEEP_MS = { min: 30_000, max: 300_000 }
/** A bot asks for a ticket this often, without cookies, so many times. */
const HAMMER_MS = 200
const HAMMER_TIMES = 100
/** What a busy room asks for in its answer (lib/web/http.ts). */
const RETRY_AFTER_MS = 2_000

export function createCrowd(deps: CrowdDeps): Crowd {
  const { timeline, chance, people, measures, ledger, instances } = deps
  const { kind, step, place, cohort, shard, index, failures } = people
  const draws = new Map<number, WholeDraw>()
  const pace = createPace()
  let [botTickets, lostAnswers] = [0, 0]
  let latest: Status | undefined

  const is = (visitor: number, flag: number) => ((kind[visitor] ?? 0) & flag) !== 0
  const idOf = (visitor: number) =>
    ticketId(cohort[visitor] ?? 0, shard[visitor] ?? 0, index[visitor] ?? 0)
  const ask = (visitor: number, count = 1) => {
    const copies = is(visitor, KIND.tabs) ? 2 : 1
    people.asked[visitor] = (people.asked[visitor] ?? 0) + count * copies
    // What the second tab asks is counted, and needs no model of its own.
    if (copies > 1) measures.count('cdnRequests', timeline.nowMs(), count)
  }
  const next = (visitor: number, what: number, delayMs: number) => {
    step[visitor] = what
    timeline.plan(visitor, timeline.nowMs() + delayMs)
  }
  const reachedFunction = (visitor: number) => {
    people.behind[visitor] = (people.behind[visitor] ?? 0) + (is(visitor, KIND.tabs) ? 2 : 1)
  }
  const soon = (visitor: number, what: number) =>
    next(visitor, what, between(chance, TRIP_MS.min, TRIP_MS.max))
  const fail = (visitor: number, what: number, retryAfterMs: number | null = null) => {
    const count = Math.min(255, (failures[visitor] ?? 0) + 1)
    failures[visitor] = count
    next(visitor, what, backoffMs(count, retryAfterMs, chance()))
  }
  const leave = (visitor: number) => {
    step[visitor] = STEP.gone
  }
  const knowsItIsOver = (visitor: number) => {
    people.knewMs[visitor] = timeline.nowMs()
    leave(visitor)
  }
  /** A network that fails: before the request got anywhere, or only its answer. */
  const luck = (visitor: number): 'fine' | 'unsent' | 'unanswered' => {
    if (!is(visitor, KIND.flaky) || chance() >= FLAKY_SHARE) return 'fine'
    return chance() < 0.5 ? 'unsent' : 'unanswered'
  }

  const load = (visitor: number) => {
    if (people.attempts[visitor] === 0 && people.asked[visitor] === 0) {
      measures.count('arrivals', timeline.nowMs())
    }
    ask(visitor, PAGE_REQUESTS)
    const isLoaded = deps.cdn().page(visitor)
    if (isLoaded) soon(visitor, STEP.look)
    else next(visitor, STEP.load, between(chance, RELOAD_MS.min, RELOAD_MS.max))
  }
  const look = (visitor: number) => {
    ask(visitor)
    if (luck(visitor) === 'unsent') return fail(visitor, STEP.look)
    deps.cdn().status(visitor)
  }

  const afterStatus = (visitor: number, status: Status | undefined): void => {
    if (step[visitor] === STEP.gone) return
    if (status === undefined) {
      // Without a status the page tries to join all the same.
      const hasNone = people.ticketMs[visitor] === 0 && (failures[visitor] ?? 0) > 0
      fail(visitor, hasNone ? STEP.join : STEP.look)
      return
    }
    failures[visitor] = 0
    if (latest === undefined || status.nowMs > latest.nowMs) {
      latest = status
      pace.see(status)
    }
    if (status.phase === 'soldOut' || status.phase === 'ended') {
      knowsItIsOver(visitor)
      return
    }
    if (people.ticketMs[visitor] === 0 && status.phase !== 'scheduled') {
      next(visitor, STEP.join, 1)
      return
    }
    const own = place[visitor] ?? 0
    if (own === 0 && status.openCohort > (cohort[visitor] ?? 0)) {
      next(visitor, STEP.record, 1)
      return
    }
    if (own > 0 && isAdmitted(own, status.front)) {
      if (is(visitor, KIND.absent)) leave(visitor)
      else next(visitor, STEP.pass, 1)
      return
    }
    const pauseMs = nextLookMs(
      status,
      {
        place: own,
        joinedMs: people.ticketMs[visitor] ?? 0,
        isHidden: is(visitor, KIND.hidden),
        pacePerMinute: pace.perMinute(),
        chance: chance(),
      },
      timeline.nowMs(),
    )
    const sleeps = is(visitor, KIND.sleeper) && chance() < SLEEP_SHARE
    next(visitor, STEP.look, pauseMs + (sleeps ? between(chance, SLEEP_MS.min, SLEEP_MS.max) : 0))
  }

  const join = (visitor: number) => {
    ask(visitor)
    const attempt = (people.attempts[visitor] ?? 0) + 1
    people.attempts[visitor] = Math.min(65_535, attempt)
    const network = luck(visitor)
    if (network === 'unsent') return fail(visitor, STEP.join)
    deps.cdn().forward(
      environment => {
        reachedFunction(visitor)
        return instances.join(environment, attempt)
      },
      answer => afterJoin(visitor, answer, network === 'unanswered'),
    )
  }
  const afterJoin = (visitor: number, answer: Answer<Ticket> | undefined, isLost: boolean) => {
    if (answer?.status !== 'given') {
      if (answer?.code === 'sold-out' || answer?.code === 'room-ended')
        return knowsItIsOver(visitor)
      return fail(visitor, STEP.join, answer === undefined ? null : RETRY_AFTER_MS)
    }
    const ticket = answer.value
    ledger.given(ticket, timeline.nowMs())
    if (isLost) {
      lostAnswers++
      return fail(visitor, STEP.join)
    }
    cohort[visitor] = ticket.cohort
    shard[visitor] = ticket.shard
    index[visitor] = ticket.index
    failures[visitor] = 0
    people.ticketMs[visitor] = timeline.nowMs()
    measures.count('tickets', timeline.nowMs())
    // The page goes on with the status that it has.
    if (latest === undefined) soon(visitor, STEP.look)
    else afterStatus(visitor, latest)
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
    if (latest !== undefined) afterStatus(visitor, latest)
  }

  const pass = (visitor: number) => {
    ask(visitor)
    const network = luck(visitor)
    if (network === 'unsent') return fail(visitor, STEP.pass)
    const id = idOf(visitor)
    const ticket: Ticket = {
      room: ROOM,
      id,
      cohort: cohort[visitor] ?? 0,
      shard: shard[visitor] ?? 0,
      index: index[visitor] ?? 0,
      commitment: '',
    }
    deps.cdn().forward(
      environment => {
        reachedFunction(visitor)
        return instances.takeTurn(environment, ticket, `nonce-${visitor}`)
      },
      answer => afterPass(visitor, id, answer, network === 'unanswered'),
    )
  }
  const afterPass = (
    visitor: number,
    id: string,
    answer: Answer<string> | undefined,
    isLost: boolean,
  ) => {
    if (answer?.status === 'given') {
      if (isLost) return fail(visitor, STEP.pass)
      people.enteredMs[visitor] = timeline.nowMs()
      measures.count('entries', timeline.nowMs())
      deps.entered(visitor, id)
      return leave(visitor)
    }
    if (answer?.code === 'sold-out' || answer?.code === 'room-ended') return knowsItIsOver(visitor)
    if (answer?.code === 'turn-missed' || answer?.code === 'already-entered') {
      people.missed[visitor] = 1
      return leave(visitor)
    }
    fail(visitor, STEP.pass)
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

  return {
    status: afterStatus,
    record: afterRecord,
    botTickets: () => botTickets,
    lostAnswers: () => lostAnswers,
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
          return pass(visitor)
        case STEP.hammer:
          return hammer(visitor)
      }
    },
  }
}
