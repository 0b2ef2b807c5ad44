import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PACE_MS_MIN } from '../../../lib/page/machine/limits.ts'
import { aheadNow, pacePerMinute, waitMs } from '../../../lib/page/machine/line.ts'
import type { Phase } from '../../../lib/queue/room/phase.ts'
import {
  chances,
  having,
  inLine,
  later,
  placeOf,
  recordOf,
  START_MS,
  start,
  statusAt,
} from '../walk.ts'

const PLACE = placeOf(recordOf())

describe('people ahead', () => {
  test('are those between the front and the own place', () => {
    expect(inLine({ ratePerMinute: 0 }).shownAhead).toBe(PLACE - 1)
    expect(inLine({ ratePerMinute: 0, front: PLACE - 2 }).shownAhead).toBe(1)
    expect(inLine({ ratePerMinute: 0, front: PLACE - 1 }).shownAhead).toBe(0)
  })

  test('are counted down at the rate between two statuses, by half at most', () => {
    const facts = inLine()
    const told = PLACE - 1
    const atOnce = facts.shownAhead ?? 0
    expect(later(facts, 3_000).shownAhead).toBe(atOnce - 3)
    expect(later(facts, 3_600_000).shownAhead).toBe(Math.ceil(told / 2))
  })

  test('are counted down to the last one where the pace has been measured', () => {
    let facts = inLine({ ratePerMinute: 6 })
    while (facts.nowMs < START_MS + PACE_MS_MIN + 30_000) {
      const front = Math.floor((facts.nowMs - START_MS) / 10_000)
      const told = { openCohort: 1, tail: 40, ratePerMinute: 6, front }
      const status = statusAt(facts.nowMs + 10_000, told)
      facts = having(later(facts, 9_000), { type: 'status', status })
    }
    expect(facts.shownAhead).toBeGreaterThan(1)
    expect(later(facts, 3_600_000).shownAhead).toBe(1)
  })

  test('never become "you are next" by a guess', () => {
    expect(later(inLine({ front: PLACE - 2 }), 60_000).shownAhead).toBe(1)
  })

  test('stand still while the line is paused', () => {
    const facts = inLine({ phase: 'paused' })
    expect(later(facts, 60_000).shownAhead).toBe(PLACE - 1)
  })

  test('failure mode 40: the number shown never goes up, whatever statuses say and however late', () => {
    const status = fc.record({
      phase: fc.constantFrom<Phase>('open', 'paused', 'soldOut'),
      front: fc.integer({ min: 0, max: 45 }),
      ratePerMinute: fc.constantFrom(0, 1, 60, 6_000),
      pauseMs: fc.integer({ min: 0, max: 120_000 }),
      lateMs: fc.integer({ min: 0, max: 5_000 }),
    })
    fc.assert(
      fc.property(fc.array(status, { maxLength: 30 }), statuses => {
        let facts = inLine()
        let shown = facts.shownAhead ?? 0
        const check = () => {
          expect(facts.shownAhead ?? 0).toBeLessThanOrEqual(shown)
          shown = facts.shownAhead ?? 0
        }
        for (const { pauseMs, lateMs, ...change } of statuses) {
          facts = later(facts, pauseMs)
          check()
          const told = statusAt(facts.nowMs - lateMs, { openCohort: 1, tail: 40, ...change })
          facts = having(facts, { type: 'status', status: told })
          check()
        }
      }),
    )
  })

  test('failure mode 40: a reload does not make the number go up', () => {
    const before = later(inLine(), 15_000)
    const remembered = {
      ticketId: '0.1.5',
      firstAhead: before.firstAhead ?? 0,
      shownAhead: before.shownAhead ?? 0,
    }
    const reloaded = inLine({}, start({ remembered }))
    expect(aheadNow(reloaded)).toBeGreaterThan(remembered.shownAhead)
    expect(reloaded.shownAhead).toBe(remembered.shownAhead)
    expect(reloaded.firstAhead).toBe(remembered.firstAhead)
  })

  test('what was kept for another ticket is not used', () => {
    const remembered = { ticketId: '0.1.6', firstAhead: 3, shownAhead: 1 }
    expect(inLine({ ratePerMinute: 0 }, start({ remembered })).shownAhead).toBe(PLACE - 1)
  })
})

describe('the wait', () => {
  test('is as long as the rate says, from the time that the status tells', () => {
    const facts = inLine({ ratePerMinute: 6 })
    expect(waitMs(facts)).toBe(PLACE * 10_000 - 1_000)
    expect(waitMs(later(facts, 5_000))).toBe(PLACE * 10_000 - 6_000)
  })

  test('ends with the next batch, not before', () => {
    const serverMs = statusAt(START_MS + 3000).nowMs
    const facts = inLine({ front: PLACE - 1, nextBatchAtMs: serverMs + 30_000 })
    expect(waitMs(facts)).toBe(29_000)
  })

  test('is unknown while nobody is let in', () => {
    expect(waitMs(inLine({ ratePerMinute: 0 }))).toBeNull()
    expect(waitMs(inLine({ phase: 'paused' }))).toBeNull()
  })
})

describe('the pace', () => {
  const seen = (perMinute: number, forMs: number) => {
    let facts = inLine({ ratePerMinute: 600, tail: 40 })
    const stepMs = 10_000
    for (let ms = 0; ms < forMs; ms += stepMs) {
      const front = Math.floor((ms * perMinute) / 60_000)
      const status = statusAt(facts.nowMs + stepMs, {
        openCohort: 1,
        tail: 1_000_000,
        ratePerMinute: 600,
        front,
      })
      facts = having(later(facts, stepMs - 1000), { type: 'status', status })
    }
    return pacePerMinute(facts)
  }

  test('is the room’s rate until there is enough to measure, and while they agree', () => {
    expect(seen(30, PACE_MS_MIN - 20_000)).toBe(600)
    expect(seen(590, 600_000)).toBe(600)
    expect(seen(460, 600_000)).toBe(600)
  })

  test('is what is seen where that is clearly less: a full showroom lets in fewer', () => {
    expect(seen(30, 600_000)).toBeGreaterThan(26)
    expect(seen(30, 600_000)).toBeLessThan(34)
  })

  test('is the new rate as soon as the operator changes it', () => {
    let facts = inLine({ ratePerMinute: 600 })
    for (let i = 0; i < 40; i++) {
      const status = statusAt(facts.nowMs + 10_000, { openCohort: 1, tail: 40, ratePerMinute: 600 })
      facts = having(later(facts, 9_000), { type: 'status', status })
    }
    expect(pacePerMinute(facts)).toBe(0)
    const faster = statusAt(facts.nowMs + 1000, { openCohort: 1, tail: 40, ratePerMinute: 90 })
    expect(pacePerMinute(having(facts, { type: 'status', status: faster }))).toBe(90)
  })

  test('is kept with a bounded memory', () => {
    const chance = chances(1)
    let facts = inLine()
    for (let i = 0; i < 500; i++) {
      const status = statusAt(facts.nowMs + 2_000, { openCohort: 1, tail: 40, front: 0 })
      facts = having(later(facts, 1_000 + chance()), { type: 'status', status })
      expect(facts.sightings.length).toBeLessThanOrEqual(12)
    }
  })
})
