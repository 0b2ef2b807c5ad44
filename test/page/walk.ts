/** A page in a pretended browser: the state machine, turned by a clock of its own against a pretended room. */
import type { News } from '../../lib/page/browser/api.ts'
import {
  type Facts,
  initialFacts,
  type RequestName,
  type Start,
} from '../../lib/page/machine/facts.ts'
import { afterEvent } from '../../lib/page/machine/machine.ts'
import { nextStep, type Step } from '../../lib/page/machine/steps.ts'
import { type View, viewOf } from '../../lib/page/machine/view.ts'
import { type CohortRecord, placeIn } from '../../lib/queue/cohort/place.ts'
import { cohortRecord, cohortSeed, commitmentOf } from '../../lib/queue/cohort/record.ts'
import type { Status } from '../../lib/queue/visitor/room-status.ts'

export const START_MS = 1_800_000_000_000
/** The server's clock is ahead of the page's by this. */
export const OFFSET_MS = 7_300

const SEED = cohortSeed(Buffer.alloc(32, 1), 'demo', 0)
export const TICKET = { id: '0.1.5', cohort: 0, shard: 1, index: 5, commitment: commitmentOf(SEED) }

/** The record of cohort 0 that gives `TICKET` a place after `base`, with as many in all as wanted. */
export function recordOf(base = 0, size = 40): CohortRecord {
  return cohortRecord({ cohort: 0, base, sizes: [10, size - 10], seed: SEED, closedAtMs: START_MS })
}

export function placeOf(record: CohortRecord): number {
  return placeIn(record, TICKET.shard, TICKET.index)
}

export function statusAt(nowMs: number, change: Partial<Status> = {}): Status {
  return {
    room: 'demo',
    phase: 'open',
    mode: 'line',
    nowMs: nowMs + OFFSET_MS,
    opensAtMs: START_MS + OFFSET_MS,
    closesAtMs: null,
    openCohort: 0,
    front: 0,
    tail: 0,
    waiting: 0,
    ratePerMinute: 60,
    binding: null,
    arrivalWindowSeconds: 5,
    nextBatchAtMs: null,
    pollSecondsMin: 2,
    pollSecondsMax: 120,
    message: null,
    stock: null,
    soldOutAtMs: null,
    odds: null,
    lateSeats: 0,
    ...change,
  }
}

export function start(change: Partial<Start> = {}): Facts {
  return initialFacts({
    nowMs: START_MS,
    isHidden: false,
    isOffline: false,
    keepsCookies: true,
    byHand: false,
    isGroup: false,
    mayTryOpenWay: true,
    uninvited: null,
    remembered: null,
    ...change,
  })
}

/** The facts after some news, each a second after the one before, with the middle of every chance. */
export function having(facts: Facts, ...news: News[]): Facts {
  return news.reduce(
    (known, one) => afterEvent(known, { ...one, atMs: known.nowMs + 1000, chance: 0.5 }),
    facts,
  )
}

/** The facts some time later, with nothing but seconds gone by. */
export function later(facts: Facts, ms: number): Facts {
  return afterEvent(facts, { type: 'second-passed', atMs: facts.nowMs + ms, chance: 0.5 })
}

/** In line: the ticket is drawn, and the status says what is wanted of it. */
export function inLine(change: Partial<Status> = {}, from: Facts = start()): Facts {
  const record = recordOf()
  const status = statusAt(START_MS + 3000, { openCohort: 1, tail: 40, ...change })
  return having(
    from,
    { type: 'status', status: statusAt(START_MS + 1000) },
    { type: 'joined', ticket: TICKET },
    { type: 'status', status },
    { type: 'record', record },
  )
}

/** What a pretended room answers at a time of the page's clock. */
export type Room = (request: RequestName, nowMs: number, facts: Facts) => News

export interface Walk {
  readonly facts: Facts
  readonly asked: readonly { readonly request: Step['request']; readonly atMs: number }[]
  readonly views: readonly View[]
}

/** Walks a page until a time: a second passes each second, and every answer takes 80 ms. */
export function walk(room: Room, untilMs: number, chance: () => number, from = start()): Walk {
  const asked: { request: Step['request']; atMs: number }[] = []
  const views: View[] = [viewOf(from)]
  let facts = from
  let secondMs = facts.nowMs + 1000
  const happen = (news: News, atMs: number) => {
    facts = afterEvent(facts, { ...news, atMs, chance: chance() })
    views.push(viewOf(facts))
  }
  while (facts.nowMs < untilMs) {
    const step = nextStep(facts)
    const stepMs = step === null ? Number.POSITIVE_INFINITY : Math.max(step.atMs, facts.nowMs)
    if (step === null || stepMs > secondMs) {
      happen({ type: 'second-passed' }, secondMs)
      secondMs += 1000
      continue
    }
    asked.push({ request: step.request, atMs: stepMs })
    if (step.request === 'open-way') happen({ type: 'open-way-taken' }, stepMs)
    else happen(room(step.request, stepMs + 40, facts), stepMs + 80)
  }
  return { facts, asked, views }
}

/** A small generator of chances from a seed (mulberry32), so that a walk can be repeated. */
export function chances(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
