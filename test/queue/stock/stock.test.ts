import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stockLeftOf } from '../../../lib/queue/room/phase.ts'
import { chanceOfStock } from '../../../lib/queue/stock/odds.ts'
import { buyRateOf, hopefulMax, soldOutAtMs } from '../../../lib/queue/stock/stock.ts'
import { OPENS_MS, openState, roomConfig } from '../rooms.ts'

const stock = (count: number, more: object = {}) => roomConfig({ stock: count, ...more })
const sold = (bought: number, left = 0) => openState(0, { bought, left })

describe('what is left', () => {
  it('is the stock without what was bought, and never less than nothing', () => {
    const left = [0, 1, 4, 5, 6].map(bought => stockLeftOf({ config: stock(5), state: { bought } }))
    expect(left).toEqual([5, 4, 1, 0, 0])
  })

  it('is what was told, whatever departures say', () => {
    for (const bought of [0, 5, 9]) {
      expect(stockLeftOf({ config: stock(5, { stockLeft: 2 }), state: { bought } })).toBe(2)
      expect(stockLeftOf({ config: stock(5, { stockLeft: 0 }), state: { bought } })).toBe(0)
    }
  })

  it('is unknown where nothing is counted', () => {
    expect(stockLeftOf({ config: roomConfig(), state: { bought: 3 } })).toBeNull()
  })
})

describe('the share of buyers', () => {
  it('is unknown before twenty have decided', () => {
    expect(buyRateOf({ bought: 10, left: 9, settled: 0 })).toBeNull()
    expect(buyRateOf({ bought: 10, left: 10, settled: 0 })?.share).toBe(0.5)
  })

  it('is of those too who are as good as decided', () => {
    expect(buyRateOf({ bought: 10, left: 0, settled: 9 })).toBeNull()
    expect(buyRateOf({ bought: 10, left: 0, settled: 10 })?.share).toBe(0.5)
    expect(buyRateOf({ bought: 8, left: 2, settled: 30 })).toEqual(
      buyRateOf({ bought: 8, left: 32, settled: 0 }),
    )
  })

  it('has the interval that Wilson gives it', () => {
    // From his formula, by hand: 8 of 40.
    const rate = buyRateOf({ bought: 8, left: 32, settled: 0 })
    expect(rate?.share).toBe(0.2)
    expect(rate?.low).toBeCloseTo(0.105, 3)
    expect(rate?.high).toBeCloseTo(0.3476, 3)
  })

  it('lies within its interval, and that within 0 and 1, which grows narrower with the numbers', () => {
    const counts = fc.nat(1_000_000)
    fc.assert(
      fc.property(counts, counts, (bought, left) => {
        fc.pre(bought + left >= 20)
        const rate = buyRateOf({ bought, left, settled: 0 })
        if (rate === null) throw new Error('twenty have decided')
        expect(rate.low).toBeGreaterThanOrEqual(0)
        expect(rate.low).toBeLessThanOrEqual(rate.share + 1e-12)
        expect(rate.high).toBeGreaterThanOrEqual(rate.share - 1e-12)
        expect(rate.high).toBeLessThanOrEqual(1)
        const more = buyRateOf({ bought: bought * 4, left: left * 4, settled: 0 })
        const width = (of: typeof rate) => of.high - of.low
        expect(width(more ?? rate)).toBeLessThan(width(rate))
      }),
    )
  })
})

describe('who may hope', () => {
  it('is three for each article that is left, until it is measured who buys', () => {
    expect(hopefulMax({ config: stock(97), state: sold(0) })).toBe(291)
    expect(hopefulMax({ config: stock(97, { stockLeft: 1 }), state: sold(0) })).toBe(3)
    expect(hopefulMax({ config: stock(97), state: sold(10, 9) })).toBe(87 * 3)
  })

  it('is a little more than it takes to sell the rest, once it is measured', () => {
    // Half of them buy: 50 left need 100, and a quarter more.
    expect(hopefulMax({ config: stock(100), state: sold(50, 50) })).toBe(125)
    // Of a part of a person somebody.
    expect(hopefulMax({ config: stock(101), state: sold(50, 50) })).toBe(128)
  })

  it('is never more than three for each article, however few buy, and if nobody does', () => {
    expect(hopefulMax({ config: stock(100), state: sold(1, 1_000) })).toBe(99 * 3)
    expect(hopefulMax({ config: stock(100), state: sold(0, 1_000) })).toBe(100 * 3)
  })

  it('is nobody when nothing is left, and everybody when nothing is counted', () => {
    expect(hopefulMax({ config: stock(5), state: sold(5) })).toBe(0)
    expect(hopefulMax({ config: roomConfig(), state: sold(5) })).toBe(Number.POSITIVE_INFINITY)
  })

  it('falls with every sale', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (count, left) => {
        let before = Number.POSITIVE_INFINITY
        for (let bought = 0; bought <= count; bought++) {
          if (bought + left >= 20) break
          const hopeful = hopefulMax({ config: stock(count), state: sold(bought, left) })
          expect(hopeful).toBeLessThanOrEqual(before)
          before = hopeful
        }
      }),
    )
  })
})

describe('the sell-out that is foreseen', () => {
  const at = (bought: number, elapsedMs: number, count = 100, more: object = {}) =>
    soldOutAtMs(
      { config: stock(count, more), state: { ...sold(bought), firstBoughtAtMs: OPENS_MS } },
      OPENS_MS + elapsedMs,
    )

  it('comes when the rest is sold at the pace so far', () => {
    expect(at(50, 60_000)).toBe(OPENS_MS + 120_000)
    expect(at(25, 60_000)).toBe(OPENS_MS + 240_000)
  })

  it('is not nearer than the pace of a second says, in the very first moment', () => {
    expect(at(1, 0)).toBe(OPENS_MS + 99_000)
  })

  it('is unknown before the first sale, after the last, and where nothing is counted', () => {
    expect(at(0, 60_000)).toBeNull()
    expect(soldOutAtMs({ config: stock(100), state: sold(5) }, OPENS_MS)).toBeNull()
    expect(at(100, 60_000)).toBeNull()
    expect(at(50, 60_000, 100, { stockLeft: 0 })).toBeNull()
    const state = { ...sold(5), firstBoughtAtMs: OPENS_MS }
    expect(soldOutAtMs({ config: roomConfig(), state }, OPENS_MS)).toBeNull()
  })

  it('is unknown when it is more than thirty days away', () => {
    const days = 86_400_000
    expect(at(1, 30 * days, 2)).toBe(OPENS_MS + 60 * days)
    expect(at(1, 30 * days + 1, 2)).toBeNull()
    expect(at(1, 1_000_000, 100_000_000)).toBeNull()
  })
})

/** The chance by its definition, with factorials that numbers can still hold. */
function chanceByHand(left: number, ahead: number, share: number): number {
  const choose = (n: number, k: number): number =>
    k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k
  let sum = 0
  for (let bought = 0; bought < Math.min(left, ahead + 1); bought++) {
    sum += choose(ahead, bought) * share ** bought * (1 - share) ** (ahead - bought)
  }
  return sum
}

describe('the chance of a place', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })

  it('is what the binomial distribution says', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(60), share, (left, ahead, p) => {
        expect(chanceOfStock(left, ahead, p)).toBeCloseTo(chanceByHand(left, ahead, p), 9)
      }),
    )
  })

  it('is certain for those who cannot be outbid, and none where nothing is left', () => {
    expect(chanceOfStock(5, 4, 1)).toBe(1)
    expect(chanceOfStock(5, 5, 1)).toBe(0)
    expect(chanceOfStock(5, 1_000_000, 0)).toBe(1)
    expect(chanceOfStock(0, 0, 0)).toBe(0)
  })

  it('falls with those ahead and with their wish to buy, and grows with what is left', () => {
    const fewer = fc.nat(3_000)
    fc.assert(
      fc.property(fc.nat(200), fewer, share, (left, ahead, p) => {
        const chance = chanceOfStock(left, ahead, p)
        const slack = 1e-9
        expect(chanceOfStock(left, ahead + 1, p)).toBeLessThanOrEqual(chance + slack)
        expect(chanceOfStock(left, ahead, Math.min(1, p + 0.01))).toBeLessThanOrEqual(
          chance + slack,
        )
        expect(chanceOfStock(left + 1, ahead, p)).toBeGreaterThanOrEqual(chance - slack)
      }),
    )
  })

  it('is a chance for every line there may be, millions included', () => {
    fc.assert(
      fc.property(fc.nat(100_000_000), fc.nat(10_000_000), share, (left, ahead, p) => {
        const chance = chanceOfStock(left, ahead, p)
        expect(chance).toBeGreaterThanOrEqual(0)
        expect(chance).toBeLessThanOrEqual(1)
      }),
      { numRuns: 30 },
    )
    // Where the mean is what is left, about half of them are lucky.
    expect(chanceOfStock(40_000, 100_000, 0.4)).toBeCloseTo(0.5, 1)
    expect(chanceOfStock(97, 300_000, 0.4)).toBe(0)
  })
})
