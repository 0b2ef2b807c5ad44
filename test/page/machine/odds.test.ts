import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Facts, Odds } from '../../../lib/page/machine/facts.ts'
import { ODDS_STOCK_MAX } from '../../../lib/page/machine/limits.ts'
import { oddsOf, shownOdds } from '../../../lib/page/machine/odds.ts'
import { viewOf } from '../../../lib/page/machine/view.ts'
import { chanceOfStock } from '../../../lib/queue/stock/odds.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import { having, inLine, later, placeOf, recordOf, statusAt } from '../walk.ts'

const AHEAD = placeOf(recordOf()) - 1
const RATE = { buyShare: 0.4, low: 0.3, high: 0.5, before: 10 }
const inSale = (change: Partial<Status>) => inLine({ ratePerMinute: 6, odds: RATE, ...change })
const outlook = (facts: Facts) => {
  const view = viewOf(facts)
  return view.state === 'waiting' ? view.outlook : undefined
}

describe('what a place is worth', () => {
  test('counts those ahead and those inside, and who of them buys at best and at worst', () => {
    expect(inSale({ stock: 9 }).odds).toEqual({
      low: chanceOfStock(9, AHEAD + 10, 0.5),
      chance: chanceOfStock(9, AHEAD + 10, 0.4),
      high: chanceOfStock(9, AHEAD + 10, 0.3),
    })
  })

  test('is as of the last status, not of the counting down in between', () => {
    const facts = inSale({ stock: 9 })
    expect(later(facts, 60_000).odds).toEqual(facts.odds)
    const status = statusAt(facts.nowMs + 1000, {
      openCohort: 1,
      tail: 40,
      front: 3,
      stock: 9,
      odds: RATE,
    })
    const nearer = having(facts, { type: 'status', status })
    expect(nearer.odds?.chance).toBe(chanceOfStock(9, AHEAD + 10 - 3, 0.4))
  })

  test('is not known without stock, without buyers, or before the draw', () => {
    expect(inSale({ stock: null }).odds).toBeNull()
    expect(inSale({ stock: 9, odds: null }).odds).toBeNull()
    expect(oddsOf({ ...inSale({ stock: 9 }), drawn: null })).toBeNull()
  })

  test('takes the place of the word about the stock, which stays where nobody knows who buys', () => {
    expect(outlook(inSale({ stock: 1 }))).toBeNull()
    expect(outlook(inSale({ stock: 1, odds: null }))).toEqual({ kind: 'stock', left: 1 })
    const soon = { closesAtMs: statusAt(inLine().nowMs).nowMs + 1000 }
    expect(outlook(inSale({ stock: 1, ...soon }))).toMatchObject({ kind: 'closing' })
  })

  test('is not counted where the goods are too many for it: the word about the stock stays', () => {
    expect(inSale({ stock: ODDS_STOCK_MAX }).odds).not.toBeNull()
    expect(inSale({ stock: ODDS_STOCK_MAX + 1 }).odds).toBeNull()
  })

  test('is counted in a moment, however long the line', () => {
    const facts = inSale({ stock: ODDS_STOCK_MAX, odds: { ...RATE, before: 250_000 } })
    expect(facts.odds?.chance).toBeGreaterThan(0)
    expect(facts.odds?.chance).toBeLessThan(1)
  })
})

describe('odds are told', () => {
  const sure = (chance: number) => shownOdds({ low: chance, chance, high: chance })

  test.each([
    [0, { kind: 'none' }],
    [0.0099, { kind: 'none' }],
    [0.01, { kind: 'about', chance: 0.01 }],
    [0.074, { kind: 'about', chance: 0.07 }],
    [0.12, { kind: 'about', chance: 0.1 }],
    [0.41, { kind: 'about', chance: 0.4 }],
    [0.95, { kind: 'about', chance: 0.95 }],
    [0.951, { kind: 'good' }],
    [1, { kind: 'good' }],
  ] as const)('%f as %j', (chance, told) => {
    expect(sure(chance)).toEqual(told)
  })

  test('as a range where the buyers are not yet measured well', () => {
    expect(shownOdds({ low: 0.4, chance: 0.5, high: 0.54 })).toEqual({ kind: 'about', chance: 0.5 })
    expect(shownOdds({ low: 0.3, chance: 0.4, high: 0.6 })).toEqual({
      kind: 'between',
      from: 0.3,
      to: 0.6,
    })
    expect(shownOdds({ low: 0, chance: 0.005, high: 0.31 })).toEqual({
      kind: 'at-most',
      chance: 0.3,
    })
    expect(shownOdds({ low: 0.7, chance: 0.99, high: 1 })).toEqual({
      kind: 'at-least',
      chance: 0.7,
    })
  })

  test('never as none or good while the measurement leaves it open', () => {
    const odds = fc
      .tuple(...[0, 1, 2].map(() => fc.double({ min: 0, max: 1, noNaN: true })))
      .map(all => all.sort((a, b) => a - b))
      .map(([low = 0, chance = 0, high = 0]): Odds => ({ low, chance, high }))
    fc.assert(
      fc.property(odds, one => {
        const told = shownOdds(one)
        if (told.kind === 'none') expect(one.high).toBeLessThan(0.17)
        if (told.kind === 'good') expect(one.low).toBeGreaterThan(0.79)
        if (told.kind === 'between') expect(told.from).toBeLessThan(told.to)
        const percents = Object.values(told).filter(value => typeof value === 'number')
        for (const percent of percents) expect(percent * 100).toBeCloseTo(Math.round(percent * 100))
      }),
    )
  })
})
