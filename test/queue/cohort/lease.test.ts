import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVisitRate, leaseSize } from '../../../lib/queue/cohort/lease.ts'
import { TRICKLE_JOINS } from '../../../lib/queue/limits.ts'

const rates = fc.double({ min: 0, max: 100_000, noNaN: true })
const remaining = fc.option(fc.double({ min: -10_000, max: 3_600_000, noNaN: true }))

describe('the size of a lease', () => {
  it.each([
    // Half of what is expected before the close.
    [10, 1_000, 5],
    [10, 600, 3],
    [10, 599, 2],
    // Two seconds' worth at most.
    [10, 4_000, 20],
    [10, 4_001, 20],
    [10, 3_800, 19],
    [10, null, 20],
    // One at least.
    [0, 5_000, 1],
    [0, null, 1],
    [1, 2_000, 1],
    [1, null, 2],
    [10, 0, 1],
    [10, -1, 1],
    // 64 at most.
    [31, null, 62],
    [31.9, null, 63],
    [32, null, 64],
    [33, null, 64],
    [1_000_000, 60_000, 64],
    [Number.POSITIVE_INFINITY, 60_000, 64],
    // Nothing sensible: one.
    [-5, 60_000, 1],
    [-5, null, 1],
    [Number.NEGATIVE_INFINITY, null, 1],
    [Number.NaN, 60_000, 1],
    [Number.NaN, null, 1],
    [10, Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 0, 1],
  ])('at %d joins a second with %d ms left is %d', (rate, remainingMs, size) => {
    expect(leaseSize(rate, remainingMs)).toBe(size)
  })

  it('is a whole number from 1 to 64, and more than one index is expected to be used', () => {
    fc.assert(
      fc.property(rates, remaining, (rate, remainingMs) => {
        const size = leaseSize(rate, remainingMs)
        expect(Number.isInteger(size) && size >= 1 && size <= 64).toBe(true)
        if (size === 1) return
        expect(size).toBeLessThanOrEqual(rate * 2)
        if (remainingMs !== null) expect(size).toBeLessThanOrEqual((rate * remainingMs) / 2000)
      }),
    )
  })

  it('never grows towards the close', () => {
    fc.assert(
      fc.property(rates, fc.nat(60_000), fc.nat(60_000), (rate, leftMs, passedMs) => {
        const earlier = leaseSize(rate, leftMs + passedMs)
        expect(leaseSize(rate, leftMs)).toBeLessThanOrEqual(earlier)
        expect(earlier).toBeLessThanOrEqual(leaseSize(rate, null))
      }),
    )
  })

  it('halves what is left again and again, so that the last leases are single indexes', () => {
    const sizes = [5_000, 2_500, 1_000, 500, 200, 100, 10].map(leftMs => leaseSize(20, leftMs))
    expect(sizes).toEqual([40, 25, 10, 5, 2, 1, 1])
  })
})

describe('the rate of joins', () => {
  const joined = (times: number, atMs: number) => {
    const rate = createVisitRate()
    for (let n = 0; n < times; n++) rate.count(atMs)
    return rate
  }

  it('is what came in the last second or the running one, whichever is more', () => {
    expect(createVisitRate().perSecond(0)).toBe(0)
    const rate = joined(9, 10_000)
    expect(rate.perSecond(10_999)).toBe(9)
    expect(rate.perSecond(11_000)).toBe(9)
    for (let n = 0; n < 6; n++) rate.count(11_500)
    expect(rate.perSecond(11_999)).toBe(9)
    expect(rate.perSecond(12_000)).toBe(6)
  })

  it('is nothing up to a trickle, and counts in full above it', () => {
    expect(joined(TRICKLE_JOINS, 10_000).perSecond(10_001)).toBe(0)
    expect(joined(TRICKLE_JOINS + 1, 10_000).perSecond(10_001)).toBe(TRICKLE_JOINS + 1)
  })

  it('is nothing for a trickle, so that it leases one by one and leaves no ghosts', () => {
    const rate = createVisitRate()
    for (let atMs = 10_000; atMs < 60_000; atMs += 1_000) {
      rate.count(atMs)
      rate.count(atMs + 1)
      expect(leaseSize(rate.perSecond(atMs + 1), null)).toBe(1)
    }
  })

  it('is forgotten after a second without joins', () => {
    expect(joined(5, 10_000).perSecond(11_999)).toBe(5)
    expect(joined(5, 10_000).perSecond(12_000)).toBe(0)
  })

  it('failure mode 20: starts again when the clock steps back', () => {
    const rate = joined(5, 10_000)
    expect(rate.perSecond(9_000)).toBe(0)
    for (let n = 0; n < 6; n++) rate.count(9_001)
    expect(rate.perSecond(9_002)).toBe(6)
  })
})
