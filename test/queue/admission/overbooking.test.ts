/** How the rate is kept though some never come: what is held against it, and what is not. */
import { describe, expect, it } from 'vitest'
import { letInByHand } from '../../../lib/queue/room/actions.ts'
import { createShop } from '../shop.ts'

const MINUTE = 60
const GROUP = 'members'

describe('a low rate', () => {
  it.each([
    [1, 1],
    [6, 2],
    [45, 1],
    [100, 2],
  ])(
    'of %i a minute is doubled at most, in batches of %i s, though nobody comes',
    (ratePerMinute, batchSeconds) => {
      const shop = createShop({ ratePerMinute, batchSeconds }, { line: 1e6, showUp: 0 })
      shop.run(30 * MINUTE)
      const { front } = shop.state()
      shop.run(10 * MINUTE)
      expect(shop.state().front - front).toBeLessThanOrEqual(10 * 2 * ratePerMinute + 1)
    },
  )
})

describe('places let in besides what the rate owes the main line', () => {
  it.each([0, 1])('by hand, %i s after a batch, are not taken off the rate', afterSeconds => {
    const fronts = [0, 50].map(places => {
      const shop = createShop({ ratePerMinute: 600, batchSeconds: 2 }, { line: 1e6 })
      shop.run(5 * MINUTE + afterSeconds)
      if (places > 0)
        shop.change((state, config, nowMs) => letInByHand({ config, state }, places, nowMs))
      shop.run(2 * MINUTE)
      return shop.state().front
    })
    // By chance the one is ahead of the other by half a batch.
    const [without = 0, withThem = 0] = fronts
    expect(withThem - without).toBeGreaterThan(30)
    expect(withThem - without).toBeLessThan(70)
  })

  it('by hand, of people who take their time, do not make a slow line stand still later on', () => {
    const crowd = { line: 1e6, comeMs: [500, 60_000] as [number, number] }
    const shop = createShop({ ratePerMinute: 8, batchSeconds: 1 }, crowd)
    shop.run(30 * MINUTE)
    shop.change((state, config, nowMs) => letInByHand({ config, state }, 100, nowMs))
    shop.run(1)
    for (let minute = 0; minute < 8; minute++) {
      const { front } = shop.state()
      shop.run(MINUTE)
      expect(shop.state().front - front).toBeGreaterThanOrEqual(4)
    }
  })

  it('in the line of a group, between its batches, leave it its own share', () => {
    const groups = [{ name: GROUP, sharePercent: 30 }]
    const shop = createShop({ ratePerMinute: 600, batchSeconds: 2, groups }, { line: 1e6 })
    shop.run(1)
    // The one line's batches fall between the other's.
    shop.run(MINUTE)
    shop.join(1e6, GROUP)
    shop.run(2 * MINUTE)
    const [before, enteredBefore] = [shop.state(), shop.house().entered]
    shop.run(5 * MINUTE)
    const [after, entered] = [shop.state(), shop.house().entered]
    expect((after.front - before.front) / (5 * 420)).toBeCloseTo(1, 1)
    const letIn = (after.groups[GROUP]?.front ?? 0) - (before.groups[GROUP]?.front ?? 0)
    expect(letIn / (5 * 180)).toBeCloseTo(1, 1)
    expect((entered - enteredBefore) / (5 * 600)).toBeCloseTo(1, 1)
  })
})

describe('a line that forms again', () => {
  it('is not held up by those who took the open way while nobody waited', () => {
    const config = { mode: 'auto', ratePerMinute: 600, batchSeconds: 1, turnSeconds: 60 }
    const shop = createShop(config, { line: 3_000 })
    shop.run(7 * MINUTE)
    for (let round = 0; round < 4; round++) {
      shop.join(20)
      shop.run(4)
      for (let second = 0; second < 9; second++) {
        expect(shop.goThrough(10)).toBe(10)
        shop.run(1)
      }
      const { front } = shop.state()
      shop.join(200)
      shop.run(2)
      expect(shop.state().front - front).toBeGreaterThanOrEqual(10)
      shop.run(25)
    }
  })

  it('is not held up by what the line before it was let in too much, a quiet hour ago', () => {
    const shop = createShop({ ratePerMinute: 60, batchSeconds: 1, turnSeconds: 60 }, { line: 300 })
    shop.run(8 * MINUTE)
    shop.change(state => ({ ...state, carry: -3_600_000 }))
    shop.run(60 * MINUTE)
    const { front } = shop.state()
    shop.join(100)
    shop.run(2)
    expect(shop.state().front - front).toBeGreaterThanOrEqual(1)
  })
})
