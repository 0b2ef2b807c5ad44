import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedBesides, paced, paceLimit } from '../../../lib/queue/admission/pace.ts'
import { CLOCK_SKEW_SECONDS, PACE_WINDOW_MS } from '../../../lib/queue/limits.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'

const START_MS = Date.parse('2026-12-01T06:00:00Z')
const SKEW_MS = CLOCK_SKEW_SECONDS * 1_000
type Pace = RoomState['pace']

describe('the pace', () => {
  it('allows one batch at the opening, and what the rate adds from then on', () => {
    const pace = paced([], 0, 600, START_MS)
    expect(paceLimit(pace, { entered: 0, ratePerMinute: 600, burst: 20 }, START_MS)).toBe(20)
    expect(paceLimit(pace, { entered: 0, ratePerMinute: 600, burst: 20 }, START_MS + 1_000)).toBe(
      30,
    )
    expect(
      paceLimit(pace, { entered: 0, ratePerMinute: 600, burst: 20 }, START_MS + PACE_WINDOW_MS),
    ).toBe(620)
  })

  it('allows a minute of the rate and a batch after a quiet hour, and not one more', () => {
    const pace = paced([], 100, 600, START_MS)
    const later = START_MS + 3_600_000
    expect(paceLimit(pace, { entered: 100, ratePerMinute: 600, burst: 20 }, later)).toBe(720)
    // Whoever entered in a time that nobody looked at may have entered just now.
    expect(paceLimit(pace, { entered: 720, ratePerMinute: 600, burst: 20 }, later)).toBe(720)
  })

  it('forgets entries once they are a minute old by any clock, not a millisecond before', () => {
    let pace = paced([], 0, 600, START_MS)
    pace = paced(pace, 620, 600, START_MS + PACE_WINDOW_MS)
    const entered = START_MS + PACE_WINDOW_MS
    const forgotten = entered + PACE_WINDOW_MS + SKEW_MS
    expect(paceLimit(pace, { entered: 620, ratePerMinute: 600, burst: 20 }, entered)).toBe(620)
    expect(
      paceLimit(
        pace,
        { entered: 620, ratePerMinute: 600, burst: 20 },
        entered + PACE_WINDOW_MS - 1,
      ),
    ).toBe(620)
    // What the rate adds meanwhile may enter.
    expect(paceLimit(pace, { entered: 620, ratePerMinute: 600, burst: 20 }, forgotten - 1)).toBe(
      620 + 50,
    )
    expect(paceLimit(pace, { entered: 620, ratePerMinute: 600, burst: 20 }, forgotten)).toBe(1_240)
  })

  it('failure mode 20: a clock that is ahead does not forget a rush that a slow one noted', () => {
    const [slowMs, fastMs] = [-2_000, 2_000]
    const byClock = (seconds: number, clockMs: number) => START_MS + seconds * 1_000 + clockMs
    let pace = paced([], 0, 60, byClock(0, slowMs))
    // A quiet time, and then a minute of the rate and a batch come at once.
    pace = paced(pace, 0, 60, byClock(100, slowMs))
    const rush = paceLimit(pace, { entered: 0, ratePerMinute: 60, burst: 1 }, byClock(100, slowMs))
    expect(rush).toBe(61)
    pace = paced(pace, rush, 60, byClock(101, slowMs))
    // 56.5 seconds later, which are more than a minute by the two clocks.
    const limit = paceLimit(
      pace,
      { entered: rush, ratePerMinute: 60, burst: 1 },
      byClock(157.5, fastMs),
    )
    expect(limit - rush).toBeLessThanOrEqual(CLOCK_SKEW_SECONDS)
  })

  it('allows what was let in by hand besides, for a minute', () => {
    const pace = allowedBesides(paced([], 0, 60, START_MS), 50)
    expect(paceLimit(pace, { entered: 0, ratePerMinute: 60, burst: 2 }, START_MS + 1_000)).toBe(53)
    expect(allowedBesides([], 50)).toEqual([])
  })

  it('notes nothing by a clock that stands still or steps back', () => {
    const pace = paced([], 5, 600, START_MS)
    for (const backMs of [0, 1, 60_000]) {
      expect(paced(pace, 9, 600, START_MS - backMs)).toBe(pace)
      expect(
        paceLimit(pace, { entered: 5, ratePerMinute: 600, burst: 20 }, START_MS - backMs),
      ).toBe(25)
    }
  })

  it('keeps no more points than a minute by any clock has, and one', () => {
    let pace: Pace = []
    for (let second = 0; second < 600; second++) {
      pace = paced(pace, second, 600, START_MS + second * 1_000)
    }
    expect(pace.length).toBeLessThanOrEqual((PACE_WINDOW_MS + SKEW_MS) / 1_000 + 2)
  })

  it('is a law: in no minute that ends with an entry enter more than the rates allowed over it, and one batch', () => {
    const steps = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 1, max: 9_000 }),
        rate: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 6_000 })),
        // How much of what is allowed is taken, at a moment between this tick and the next.
        taken: fc.double({ min: 0, max: 1, noNaN: true }),
        moment: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 2, maxLength: 80 },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 100 }), (given, burst) => {
        let pace: Pace = []
        let [entered, nowMs] = [0, START_MS]
        const entries: { atMs: number; count: number }[] = []
        const rates: { fromMs: number; toMs: number; rate: number }[] = []
        for (const { afterMs, rate, taken, moment } of given) {
          const fromMs = nowMs
          nowMs += afterMs
          rates.push({ fromMs, toMs: nowMs, rate })
          pace = paced(pace, entered, pace.length === 0 ? 0 : rate, nowMs)
          const limit = paceLimit(pace, { entered, ratePerMinute: rate, burst }, nowMs)
          const count = Math.floor(Math.max(0, limit - entered) * taken)
          entered += count
          entries.push({ atMs: nowMs + moment, count })
        }
        const firstMs = rates[0]?.toMs ?? 0
        // Later on a faster rate may have left the minute before those who entered by it.
        for (const { atMs: toMs } of entries.filter(({ count }) => count > 0)) {
          const fromMs = toMs - PACE_WINDOW_MS
          const inMinute = entries
            .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
            .reduce((sum, { count }) => sum + count, 0)
          const allowed = rates.reduce((sum, one) => {
            const lengthMs = Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs, firstMs)
            return sum + (Math.max(0, lengthMs) * one.rate) / 60_000
          }, 0)
          // The rate of a step counts from the tick before it, to the millisecond.
          expect(inMinute).toBeLessThanOrEqual(Math.ceil(allowed + burst + 1))
        }
      }),
    )
  })
  it('is a law by clocks that differ, too: what they differ by is added to the minute', () => {
    const steps = fc.array(
      fc.record({
        afterMs: fc.oneof(
          fc.integer({ min: 1, max: 9_000 }),
          fc.integer({ min: 54_000, max: 61_000 }),
        ),
        clockMs: fc.constantFrom(-SKEW_MS / 2, SKEW_MS / 2),
        // Rushes, after times in which nobody comes.
        taken: fc.constantFrom(0, 0, 0.5, 1),
      }),
      { minLength: 2, maxLength: 30 },
    )
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 60, max: 600 }),
        fc.integer({ min: 1, max: 20 }),
        (given, rate, burst) => {
          let pace: Pace = []
          let [entered, nowMs] = [0, START_MS]
          const entries: { atMs: number; count: number }[] = []
          for (const { afterMs, clockMs, taken } of given) {
            nowMs += afterMs
            pace = paced(pace, entered, rate, nowMs + clockMs)
            const limit = paceLimit(pace, { entered, ratePerMinute: rate, burst }, nowMs + clockMs)
            const count = Math.floor(Math.max(0, limit - entered) * taken)
            entered += count
            entries.push({ atMs: nowMs, count })
          }
          for (const { atMs: toMs } of entries) {
            const inMinute = entries
              .filter(({ atMs }) => atMs > toMs - PACE_WINDOW_MS && atMs <= toMs)
              .reduce((sum, { count }) => sum + count, 0)
            const allowed = (rate * (PACE_WINDOW_MS + SKEW_MS)) / PACE_WINDOW_MS
            expect(inMinute).toBeLessThanOrEqual(Math.ceil(allowed + burst))
          }
        },
      ),
    )
  })
})
