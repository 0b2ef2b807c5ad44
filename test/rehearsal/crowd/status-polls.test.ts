/** The pages of the crowd know what a real page knows, and so ask for the status when it does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { News } from '../../../lib/page/browser/api.ts'
import type { Facts } from '../../../lib/page/machine/facts.ts'
import { PACE_MS_MIN } from '../../../lib/page/machine/limits.ts'
import { afterEvent } from '../../../lib/page/machine/machine.ts'
import type { StatusPollFacts } from '../../../lib/page/machine/status-pause.ts'
import { nextStatusAtMs, statusPollFacts } from '../../../lib/page/machine/status-polls.ts'
import type { Phase } from '../../../lib/queue/room/phase.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import { KIND } from '../../../lib/rehearsal/crowd/kinds.ts'
import { createStatusPolls } from '../../../lib/rehearsal/crowd/status-polls.ts'
import { placeOf, recordOf, start, statusAt, TICKET } from '../../page/walk.ts'

/** When the rehearsed page came, on its own clock, which began at 0. */
const ARRIVE_MS = 1_000
const SERVER_MS = 1_800_000_000_000
/** Caches keep a status for so long at most. */
const LATE_MS_MAX = 5_000

/** One page twice: as the page's own facts, and as a row of the rehearsal's columns. */
function bothPages(isHidden: boolean) {
  let [nowMs, chance] = [ARRIVE_MS, 0]
  let facts: Facts = start({ nowMs, isHidden })
  const one = (value: number) => Int32Array.of(value)
  const people = {
    count: 1,
    arriveMs: one(ARRIVE_MS),
    ticketMs: one(0),
    missedMs: one(0),
    place: one(0),
    kind: Uint8Array.of(isHidden ? KIND.hidden : 0),
  }
  const polls = createStatusPolls({ people, chance: () => chance, nowMs: () => nowMs })
  const rehearsed = (news: News) => {
    if (news.type === 'status') polls.read(0, news.status)
    if (news.type === 'failed' && news.request === 'status') polls.failed(0)
    if (news.type === 'joined') people.ticketMs[0] = nowMs
    if (news.type === 'record') people.place[0] = placeOf(news.record)
    if (news.type === 'refused') people.missedMs[0] ||= nowMs
  }
  return {
    nowMs: () => nowMs,
    facts: () => facts,
    happen(news: News, gapMs: number, chanceOfIt: number) {
      nowMs += gapMs
      chance = chanceOfIt
      facts = afterEvent(facts, { ...news, atMs: nowMs, chance })
      rehearsed(news)
    },
    compare() {
      expect(polls.statusOf(0)).toEqual(facts.status ?? undefined)
      expect(polls.frontOf(0)).toBe(facts.front)
      const { status } = facts
      if (status !== null) {
        const rate = status.ratePerMinute
        const [page, rehearsal] = [statusPollFacts(facts, status), polls.factsOf(0, status)]
        expect(withoutPace(rehearsal)).toEqual(withoutPace(page))
        if (page.joinedForMs < PACE_MS_MIN - LATE_MS_MAX) {
          expect([page, rehearsal].map(one => one.pacePerMinute)).toEqual([rate, rate])
        }
        if (page.pacePerMinute !== rehearsal.pacePerMinute) return
      }
      const atMs = nextStatusAtMs(facts)
      expect(polls.untilNextMs(0)).toEqual(atMs === null ? null : Math.max(1, atMs - nowMs))
    },
    paces() {
      const { status } = facts
      if (status === null) return undefined
      const [page, rehearsal] = [statusPollFacts(facts, status), polls.factsOf(0, status)]
      return { page: page.pacePerMinute, rehearsal: rehearsal.pacePerMinute }
    },
  }
}

/** The pace has a test of its own; and how long a turn is missed says nothing while it is not. */
function withoutPace({ missedForMs, ...facts }: StatusPollFacts) {
  return { ...facts, pacePerMinute: 0, missedForMs: facts.verdict === null ? 0 : missedForMs }
}

const chances = fc.double({ min: 0, max: 1, noNaN: true })
const until = fc.option(fc.integer({ min: -200_000, max: 2_000_000 }))
const statuses = fc.record({
  lateMs: fc.nat(LATE_MS_MAX),
  memoryMs: fc.nat(100_000),
  phase: fc.constantFrom<Phase>('scheduled', 'gathering', 'open', 'paused', 'soldOut', 'closed'),
  untilOpeningMs: until,
  untilClosingMs: until,
  untilSoldOutMs: until,
  untilBatchMs: until,
  ratePerMinute: fc.constantFrom(0, 3, 60, 6_000),
  stock: fc.option(fc.nat(1_000)),
  pollSecondsMin: fc.constantFrom(0.5, 1, 2, 10),
  pollSecondsMax: fc.constantFrom(1, 20, 120),
})

type Given = typeof statuses extends fc.Arbitrary<infer One> ? One : never

function statusOf(given: Given, nowMs: number, hasTicket: boolean): Status {
  const madeAtMs = Math.max(0, nowMs - given.lateMs)
  const memoryMs = hasTicket ? given.memoryMs : 0
  const serverMs = SERVER_MS + madeAtMs
  const at = (ms: number | null) => (ms === null ? null : serverMs + ms)
  return {
    ...statusAt(0),
    nowMs: serverMs,
    phase: given.phase,
    opensAtMs: at(given.untilOpeningMs),
    closesAtMs: at(given.untilClosingMs),
    soldOutAtMs: at(given.untilSoldOutMs),
    nextBatchAtMs: at(given.untilBatchMs),
    ratePerMinute: given.ratePerMinute,
    stock: given.stock,
    pollSecondsMin: given.pollSecondsMin,
    pollSecondsMax: given.pollSecondsMax,
    openCohort: 1,
    tail: 40,
    // It passes the place at some time; by an old memory of a function it goes back for a while.
    front: Math.min(40, Math.floor(Math.max(0, madeAtMs - memoryMs) / 20_000)),
  }
}

const events = fc.record({
  news: fc.oneof(
    { weight: 4, arbitrary: statuses },
    {
      weight: 1,
      arbitrary: fc.constantFrom<News>(
        { type: 'failed', request: 'status', retryAfterMs: null },
        { type: 'joined', ticket: TICKET },
        { type: 'record', record: recordOf() },
        { type: 'refused', request: 'pass', code: 'turn-missed' },
      ),
    },
  ),
  gapMs: fc.integer({ min: 1, max: 60_000 }),
  chance: chances,
})
/** What happens once at most, and only after what. */
const after: Readonly<Record<string, string>> = { joined: '', record: 'joined', refused: 'record' }

describe('a page of the rehearsal', () => {
  test('asks for the status when the page does, whatever they read', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(events, { maxLength: 30 }), (isHidden, happened) => {
        const both = bothPages(isHidden)
        const done = new Set([''])
        for (const { news, gapMs, chance } of happened) {
          if ('type' in news) {
            const before = after[news.type]
            if (before !== undefined && (done.has(news.type) || !done.has(before))) continue
            done.add(news.type)
            both.happen(news, gapMs, chance)
          } else {
            const status = statusOf(news, both.nowMs() + gapMs, done.has('joined'))
            both.happen({ type: 'status', status }, gapMs, chance)
          }
          both.compare()
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('measures the pace of the line as a page does that read all the same', () => {
    const reads = fc.record({
      gapMs: fc.integer({ min: 1_000, max: 90_000 }),
      places: fc.nat(200),
      isAnew: fc.integer({ min: 0, max: 20 }).map(one => one === 0),
    })
    let measured = 0
    fc.assert(
      // Long enough for a pace to be measured in nearly all of them.
      fc.property(fc.array(reads, { minLength: 20, maxLength: 60, size: 'max' }), happened => {
        const both = bothPages(false)
        both.happen({ type: 'joined', ticket: TICKET }, 1, 0.5)
        let [front, ratePerMinute] = [0, 600]
        for (const { gapMs, places, isAnew } of happened) {
          front += places
          if (isAnew) ratePerMinute += 60
          const nowMs = SERVER_MS + both.nowMs() + gapMs
          const line = { openCohort: 1, tail: 1_000_000, front, ratePerMinute }
          const status = { ...statusAt(0), nowMs, ...line }
          both.happen({ type: 'status', status }, gapMs, 0.5)
          const paces = both.paces()
          expect(paces?.rehearsal).toBe(paces?.page)
          if (paces?.page !== ratePerMinute) measured++
        }
      }),
    )
    expect(measured).toBeGreaterThan(100)
  })
})
