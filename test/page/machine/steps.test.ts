import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BACKOFF_MS_MAX,
  BACKOFF_RUSH_TRIES,
  SOLD_OUT_POLL_MS_MAX,
} from '../../../lib/page/machine/limits.ts'
import { nextStep } from '../../../lib/page/machine/steps.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import {
  chances,
  having,
  inLine,
  later,
  OFFSET_MS,
  placeOf,
  type Room,
  recordOf,
  START_MS,
  start,
  statusAt,
  TICKET,
  type Walk,
  walk,
} from '../walk.ts'

const MINUTE_MS = 60_000
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
/** The page, its script, its style and its icon. */
const FIRST_LOAD = 4

const count = ({ asked }: Walk, request: string) =>
  asked.filter(one => one.request === request).length
const states = ({ views }: Walk) => [...new Set(views.map(view => view.state))]
const untilMs = (pauseMs: number | undefined) => (pauseMs ?? Number.NaN) - START_MS

/** A room whose status is a function of time, and which has everything else ready. */
function room(statusOf: (nowMs: number) => Partial<Status>, record = recordOf()): Room {
  return (request, nowMs) => {
    switch (request) {
      case 'status':
        return { type: 'status', status: statusAt(nowMs, statusOf(nowMs)) }
      case 'join':
        return { type: 'joined', ticket: TICKET }
      case 'record':
        return { type: 'record', record }
      case 'pass':
        return { type: 'pass', location: 'https://shop.example/', expiresAtMs: nowMs + 60_000 }
    }
  }
}

/** A line that moves steadily and lets this visitor in after so many minutes. */
function steady(minutes: number, ratePerMinute: number, allowed = ratePerMinute): Room {
  const record = recordOf(Math.round(minutes * allowed) - 1, 40)
  const frontAt0 = placeOf(record) - Math.round(minutes * allowed)
  return room(nowMs => {
    const moved = Math.floor(((nowMs - START_MS) * allowed) / MINUTE_MS)
    return { openCohort: 1, tail: record.base + 40, front: frontAt0 + moved, ratePerMinute }
  }, record)
}

describe('a long wait', () => {
  test('of 30 minutes costs at most 30 requests to the CDN, two of them behind it', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(60, 600, 6_000), (seed, rate) => {
        const done = walk(steady(30, rate), START_MS + 32 * MINUTE_MS, chances(seed))
        expect(states(done).at(-1)).toBe('entering')
        expect(done.asked.length + FIRST_LOAD).toBeLessThanOrEqual(30)
        expect(count(done, 'join') + count(done, 'pass')).toBe(2)
        expect(count(done, 'record')).toBe(1)
      }),
      { numRuns: 30 },
    )
  })

  test('ends within seconds of the turn', () => {
    const done = walk(steady(30, 600), START_MS + 32 * MINUTE_MS, chances(5))
    const pass = done.asked.find(one => one.request === 'pass')
    const lateMs = untilMs(pass?.atMs) - 30 * MINUTE_MS
    expect(lateMs).toBeGreaterThan(-1_000)
    expect(lateMs).toBeLessThan(10_000)
  })

  test('costs little more where the showroom is full and the line far slower than its rate', () => {
    const done = walk(steady(30, 600, 30), START_MS + 32 * MINUTE_MS, chances(6))
    expect(states(done).at(-1)).toBe('entering')
    expect(done.asked.length).toBeLessThan(150)
  })

  test('before an opening at a known time costs few requests, and one just after it', () => {
    const opensAtMs = START_MS + OFFSET_MS + 30 * MINUTE_MS
    const gathering = room(nowMs => {
      const isOpen = nowMs + OFFSET_MS >= opensAtMs
      return isOpen
        ? { opensAtMs, openCohort: 1, tail: 40, front: 0, ratePerMinute: 6 }
        : { phase: 'gathering', opensAtMs, waiting: 40 }
    })
    fc.assert(
      fc.property(seeds, seed => {
        const done = walk(gathering, START_MS + 30 * MINUTE_MS + 10_000, chances(seed))
        expect(done.asked.length).toBeLessThanOrEqual(30)
        expect(states(done)).toEqual(['arriving', 'gathering', 'drawing', 'waiting'])
      }),
      { numRuns: 30 },
    )
  })

  test('for an opening by hand notices it after little more than it has waited', () => {
    const opensMs = START_MS + 15_000
    const byHand = room(nowMs =>
      nowMs < opensMs ? { phase: 'gathering', opensAtMs: null } : { openCohort: 1, tail: 40 },
    )
    const done = walk(byHand, START_MS + 60_000, chances(7))
    const record = done.asked.find(one => one.request === 'record')
    expect(untilMs(record?.atMs)).toBeLessThan(30_000)
  })
})

describe('failure mode 39: fixed polls', () => {
  test('two pages with the same facts do not ask at the same times', () => {
    const times = (seed: number) =>
      walk(steady(30, 600), START_MS + 10 * MINUTE_MS, chances(seed)).asked.map(one => one.atMs)
    expect(times(1)).not.toEqual(times(2))
  })

  test('no two statuses are read sooner than the room asks for, however often somebody looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1500 }), { maxLength: 50 }), gapsMs => {
        let facts = inLine({ ratePerMinute: 6_000, front: 1, pollSecondsMin: 3 })
        for (const gapMs of gapsMs) {
          facts = later(facts, gapMs)
          facts = having(facts, { type: 'visibility', isHidden: true })
          facts = having(facts, { type: 'visibility', isHidden: false })
          expect((nextStep(facts)?.atMs ?? 0) - facts.statusAtMs).toBeGreaterThanOrEqual(3_000)
        }
      }),
    )
  })

  test('hidden pages with nothing to expect for long do not ask all at once', () => {
    const gaps = (seed: number) => {
      const done = walk(
        steady(500, 600),
        START_MS + 30 * MINUTE_MS,
        chances(seed),
        start({ isHidden: true }),
      )
      const times = done.asked.filter(one => one.request === 'status').map(one => one.atMs)
      return times.slice(-5).map((atMs, at) => atMs - (times[times.length - 6 + at] ?? 0))
    }
    expect(new Set([...gaps(1), ...gaps(2)]).size).toBeGreaterThan(7)
  })

  test('a page whose join is tried again in a moment asks for no status meanwhile', () => {
    let facts = having(start({}), told({ phase: 'open' }))
    expect(nextStep(facts)).toMatchObject({ request: 'join' })
    facts = having(facts, { type: 'failed', request: 'join', retryAfterMs: null })
    expect(nextStep(facts)).toMatchObject({ request: 'join', atMs: facts.tries.join.notBeforeMs })
    for (let tries = 0; tries < BACKOFF_RUSH_TRIES + 2; tries++) {
      facts = having(facts, { type: 'failed', request: 'join', retryAfterMs: null })
    }
    // A pause as long as these leaves time for news.
    expect(nextStep(facts)?.request).toBe('status')
  })

  test('a hidden page asks less often, and is not late for its turn', () => {
    const room = steady(30, 600)
    const hidden = start({ isHidden: true })
    const seen = walk(room, START_MS + 32 * MINUTE_MS, chances(8))
    const unseen = walk(room, START_MS + 32 * MINUTE_MS, chances(8), hidden)
    expect(count(unseen, 'status')).toBeLessThan(count(seen, 'status'))
    const pass = unseen.asked.find(one => one.request === 'pass')
    expect(untilMs(pass?.atMs)).toBeLessThan(30 * MINUTE_MS + 10_000)
  })

  test('who looks again gets fresh news at once', () => {
    const facts = later(having(inLine({ ratePerMinute: 1 }), hiding), 30_000)
    expect((nextStep(facts)?.atMs ?? 0) - facts.nowMs).toBeGreaterThan(10_000)
    const looking = having(facts, { type: 'visibility', isHidden: false })
    expect(nextStep(looking)?.atMs).toBeLessThanOrEqual(looking.nowMs)
  })
})

const hiding = { type: 'visibility', isHidden: true } as const

describe('failure mode 40: giving up', () => {
  const down: Room = request => ({ type: 'failed', request, retryAfterMs: null })

  test('never happens: there is a next request within a minute, after any number of failures', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const done = walk(down, START_MS + 600 * MINUTE_MS, chances(seed))
        const times = done.asked.map(one => one.atMs)
        const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
        expect(Math.max(...gaps)).toBeLessThanOrEqual(BACKOFF_MS_MAX + 100)
        expect(times.at(-1)).toBeGreaterThan(START_MS + 598 * MINUTE_MS)
        // Nor does it hammer: two kinds of request, each every half minute at most.
        expect(times.length).toBeLessThan(2 * 600 * 2 + 20)
      }),
      { numRuns: 5 },
    )
  })

  test('the place is taken, and the turn too, as soon as the room answers again', () => {
    const upAtMs = START_MS + 20 * MINUTE_MS
    const answers = room(() => ({ openCohort: 1, tail: 40, front: 40 }))
    const healing: Room = (request, nowMs, facts) =>
      nowMs < upAtMs ? down(request, nowMs, facts) : answers(request, nowMs, facts)
    const done = walk(healing, upAtMs + 2 * MINUTE_MS, chances(9))
    expect(states(done).at(-1)).toBe('entering')
    expect(done.views.at(-1)?.notice).toBeNull()
  })

  test('failing passes do not stop the statuses, which may have other news', () => {
    const pausedAtMs = START_MS + 5 * MINUTE_MS
    const answers = room(nowMs => ({
      openCohort: 1,
      tail: 40,
      front: 40,
      phase: nowMs < pausedAtMs ? 'open' : 'paused',
    }))
    const failing: Room = (request, nowMs, facts) =>
      request === 'pass' ? down(request, nowMs, facts) : answers(request, nowMs, facts)
    const done = walk(failing, pausedAtMs + 4 * MINUTE_MS, chances(10))
    expect(states(done)).toEqual(['arriving', 'drawing', 'turn', 'paused'])
  })
})

describe('failure mode 49: waiting on after the sale', () => {
  test('an ended sale is asked about no more', () => {
    expect(nextStep(later(having(inLine(), told({ phase: 'ended' })), 86_400_000))).toBeNull()
  })

  test('a refusal that says "ended" is confirmed by one status', () => {
    const facts = having(inLine({ front: 40 }), {
      type: 'refused',
      request: 'pass',
      code: 'room-ended',
    })
    expect(nextStep(facts)?.request).toBe('status')
    expect(nextStep(having(facts, told({ phase: 'ended' })))).toBeNull()
  })

  test('a sold-out room is looked at ever more seldom, and goes on when something comes back', () => {
    const backAtMs = START_MS + 40 * MINUTE_MS
    const answers = room(nowMs => ({
      openCohort: 1,
      tail: 40,
      front: nowMs < backAtMs ? 0 : 40,
      ratePerMinute: 60,
      phase: nowMs >= START_MS + MINUTE_MS / 4 && nowMs < backAtMs ? 'soldOut' : 'open',
    }))
    const day = walk(
      (request, nowMs, facts) => answers(request, Math.min(nowMs, backAtMs - 1), facts),
      START_MS + 1_440 * MINUTE_MS,
      chances(11),
    )
    expect(day.asked.length).toBeLessThan(50)
    const done = walk(answers, backAtMs + SOLD_OUT_POLL_MS_MAX * 1.2, chances(12))
    expect(states(done)).toContain('sold-out')
    expect(states(done).at(-1)).toBe('entering')
  })

  test('a sold-out room is not asked at all by a hidden page, and at once by one that shows again', () => {
    const facts = having(inLine(), hiding, told({ phase: 'soldOut' }))
    expect(nextStep(later(facts, 86_400_000))).toBeNull()
    const shown = having(later(facts, 10_000), { type: 'visibility', isHidden: false })
    expect(nextStep(shown)?.atMs).toBeLessThanOrEqual(shown.nowMs)
  })
})

describe('failure mode 50: a pause', () => {
  test('is followed closely near the front, and seldom far from it', () => {
    const minutes = 20
    const record = recordOf(1_000)
    const status = { openCohort: 1, tail: 1_040, phase: 'paused', ratePerMinute: 10 } as const
    const paused = (front: number) =>
      walk(
        room(() => ({ ...status, front }), record),
        START_MS + minutes * MINUTE_MS,
        chances(13),
      )
    const nearFront = placeOf(record) - 1
    expect(count(paused(nearFront), 'status')).toBeGreaterThan(minutes * 3)
    expect(count(paused(0), 'status')).toBeLessThan(minutes * 1.5)
  })
})

function told(change: Partial<Status>) {
  const status = statusAt(START_MS + 60_000, { openCohort: 1, tail: 40, ...change })
  return { type: 'status', status } as const
}
