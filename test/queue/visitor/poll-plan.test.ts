import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPENING_SPREAD_SECONDS } from '../../../lib/queue/limits.ts'
import { nextPollMs, type PollFacts } from '../../../lib/queue/visitor/poll-plan.ts'

const facts = (change: Partial<PollFacts> = {}): PollFacts => ({
  untilOpeningMs: null,
  untilTurnMs: null,
  untilSoldOutMs: null,
  pollSecondsMin: 2,
  pollSecondsMax: 120,
  chance: 0.5,
  ...change,
})

const until = fc.option(fc.integer({ min: -100_000, max: 10_000_000 }))
const chance = fc.double({ min: 0, max: 1, noNaN: true })
const bounds = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(300))
  .map(([min, more]) => ({ pollSecondsMin: min, pollSecondsMax: min + more }))
const anyFacts: fc.Arbitrary<PollFacts> = fc
  .tuple(until, until, until, bounds, chance)
  .map(([untilOpeningMs, untilTurnMs, untilSoldOutMs, { pollSecondsMin, pollSecondsMax }, c]) => ({
    untilOpeningMs,
    untilTurnMs,
    untilSoldOutMs,
    pollSecondsMin,
    pollSecondsMax,
    chance: c,
  }))

describe('when a page asks again', () => {
  it('is within the bounds, but for the one moment after the opening', () => {
    fc.assert(
      fc.property(anyFacts, given => {
        const ms = nextPollMs(given)
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(given.pollSecondsMin * 1000)
        if (ms <= given.pollSecondsMax * 1000) return
        const afterOpeningMs = ms - Math.max(0, given.untilOpeningMs ?? Number.NaN)
        expect(afterOpeningMs).toBeGreaterThanOrEqual(1000)
        expect(afterOpeningMs).toBeLessThanOrEqual(1000 + OPENING_SPREAD_SECONDS * 1000)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is never in the first second after the opening', () => {
    fc.assert(
      fc.property(anyFacts, given => {
        if (given.untilOpeningMs === null || given.untilOpeningMs <= 0) return
        const afterOpeningMs = nextPollMs(given) - given.untilOpeningMs
        expect(afterOpeningMs < 0 || afterOpeningMs >= 1000).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('spreads the crowd evenly over the seconds after the opening', () => {
    const after = [0, 0.25, 0.5, 0.75, 1].map(
      c => nextPollMs(facts({ untilOpeningMs: 30_000, chance: c })) - 30_000,
    )
    expect(after).toEqual([1_000, 3_000, 5_000, 7_000, 9_000])
  })

  it('follows the nearest news: about 40 % of the time to it, jittered by a fifth', () => {
    const plan = (change: Partial<PollFacts>) => nextPollMs(facts(change))
    expect(plan({ untilTurnMs: 100_000 })).toBe(40_000)
    expect(plan({ untilTurnMs: 100_000, untilSoldOutMs: 50_000 })).toBe(20_000)
    expect(plan({ untilTurnMs: 100_000, chance: 0 })).toBe(32_000)
    expect(plan({ untilTurnMs: 100_000, chance: 1 })).toBe(48_000)
    expect(plan({ untilTurnMs: 0 })).toBe(2_000)
    expect(plan({})).toBe(117_000)
    expect([0, 1].map(chance => plan({ chance }))).toEqual([114_000, 120_000])
  })

  it('waits for news that is too near for a share of the time to it', () => {
    expect(nextPollMs(facts({ untilTurnMs: 5_000 }))).toBe(2_000)
    expect(nextPollMs(facts({ untilTurnMs: 4_999 }))).toBe(4_999)
    expect(nextPollMs(facts({ untilTurnMs: 2_500 }))).toBe(2_500)
    expect(nextPollMs(facts({ untilTurnMs: 1_999 }))).toBe(2_000)
  })

  it('waits out the last stretch before the opening in one go', () => {
    expect(nextPollMs(facts({ untilOpeningMs: 60_001 }))).toBe(24_000)
    expect(nextPollMs(facts({ untilOpeningMs: 60_000 }))).toBe(65_000)
    expect(nextPollMs(facts({ untilOpeningMs: 0 }))).toBe(5_000)
  })

  it('is slowed down and sped up by the bounds that the status carries', () => {
    const untilTurnMs = 100_000
    expect(nextPollMs(facts({ untilTurnMs: 50_000, pollSecondsMin: 90 }))).toBe(90_000)
    expect(nextPollMs(facts({ untilTurnMs, pollSecondsMax: 5 }))).toBe(4_875)
    expect(nextPollMs(facts({ untilOpeningMs: 0, pollSecondsMin: 90 }))).toBe(90_000)
    // Bounds the wrong way round: rather too seldom than too often.
    expect(nextPollMs(facts({ untilTurnMs, pollSecondsMin: 9, pollSecondsMax: 3 }))).toBe(9_000)
  })

  it('is never at once, whatever is no number', () => {
    const names = [
      'untilOpeningMs',
      'untilTurnMs',
      'untilSoldOutMs',
      'pollSecondsMin',
      'pollSecondsMax',
      'chance',
    ] as const
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const name of names) {
      for (const value of odd) {
        for (const untilTurnMs of [null, 100_000]) {
          const ms = nextPollMs(facts({ untilTurnMs, [name]: value }))
          expect(ms >= 2_000 && ms <= 130_000, `${name}: ${value} gave ${ms}`).toBe(true)
        }
      }
    }
  })
})

describe('failure mode 39: what a wait of 30 minutes costs', () => {
  it.each([
    ['in line', 0, 1_800, 25],
    ['before the opening', 1_800, 0, 25],
    ['half before the opening, half in line', 900, 900, 27],
  ])('%s', (_, gatherSeconds, lineSeconds, readsMax) => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const random = seeded(seed)
        let reads = 0
        for (let visitor = 0; visitor < 300; visitor++) {
          reads += statusReads(gatherSeconds * 1000, lineSeconds * 1000, random)
        }
        expect(reads / 300).toBeLessThanOrEqual(readsMax)
      }),
      { numRuns: 5 },
    )
  })
})

/** Status reads of one page until it has seen its turn. */
function statusReads(gatherMs: number, lineMs: number, random: () => number): number {
  const turnMs = gatherMs + lineMs
  let reads = 1
  for (let nowMs = 0; nowMs < turnMs; reads++) {
    const isOpen = nowMs >= gatherMs
    nowMs += nextPollMs(
      facts({
        untilOpeningMs: isOpen ? null : gatherMs - nowMs,
        untilTurnMs: isOpen ? turnMs - nowMs : null,
        chance: random(),
      }),
    )
  }
  return reads
}

/** A small generator of chance (mulberry32), so that a run can be repeated by its seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
