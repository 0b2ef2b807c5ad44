/** Admission as a whole: the tick, its orders, and a house that people walk into and leave. */
import { describe, expect, it } from 'vitest'
import { act, letInByHand } from '../../../lib/queue/room/actions.ts'
import { OPENS_MS, openState, roomConfig, time } from '../rooms.ts'
import { createShop } from '../shop.ts'

const MINUTE = 60

describe('rate', () => {
  it('is met by those who enter, whoever does not show up', () => {
    const shop = createShop({ ratePerMinute: 600, turnSeconds: 60 }, { line: 1e6, showUp: 0.6 })
    shop.run(5 * MINUTE)
    for (let stretch = 0; stretch < 6; stretch++) {
      const before = shop.house().entered
      shop.run(5 * MINUTE)
      const entered = shop.house().entered - before
      expect(entered).toBeGreaterThan(3_000 * 0.97)
      expect(entered).toBeLessThan(3_000 * 1.03)
    }
  })

  it('is not over-booked before turns are a minute old', () => {
    const shop = createShop({ ratePerMinute: 600, turnSeconds: 600 }, { line: 1e6, showUp: 0.6 })
    shop.run(MINUTE)
    expect(shop.state().front).toBeLessThanOrEqual(600 + 20)
  })

  it('is met long before the first turns are over, though people get slower all the time', () => {
    const crowd = { line: 1e6, showUp: 0.6, comeMs: [500, 4_000] as [number, number] }
    const shop = createShop({ ratePerMinute: 600, turnSeconds: 3_600 }, crowd)
    shop.run(2 * MINUTE)
    for (let stretch = 1; stretch < 8; stretch++) {
      const before = shop.house().entered
      crowd.comeMs[1] = 4_000 + stretch * 15_000
      shop.run(5 * MINUTE)
      const entered = shop.house().entered - before
      expect(entered).toBeGreaterThan(3_000 * 0.97)
      expect(entered).toBeLessThan(3_000 * 1.03)
    }
  })

  it('is over-booked to twice the places at most, though nobody comes', () => {
    const shop = createShop({ ratePerMinute: 600, turnSeconds: 10 }, { line: 1e6, showUp: 0 })
    shop.run(MINUTE)
    const before = shop.state().front
    shop.run(10 * MINUTE)
    expect(shop.state().front - before).toBeLessThanOrEqual(2 * 6_000 + 40)
  })

  it('follows the plan from its very moment on', () => {
    const at = time(OPENS_MS + 60_000)
    const shop = createShop(
      { ratePerMinute: 600, batchSeconds: 1, ratePlan: [{ at, ratePerMinute: 60 }] },
      { line: 1e6 },
    )
    shop.run(60)
    expect(shop.state()).toMatchObject({ front: 600, binding: 'rate' })
    shop.run(60)
    // By the new rate, but for those who were on their way, and those who will be less of them.
    expect(shop.state()).toMatchObject({ binding: 'plan' })
    expect(Math.abs(shop.state().front - 660)).toBeLessThanOrEqual(10)
  })

  it('counts a quiet time by the rate that was in force then', () => {
    const shop = createShop({ ratePerMinute: 6, batchSeconds: 1 }, { line: 1 })
    shop.run(3 * MINUTE)
    expect(shop.house().entered).toBe(1)
    shop.configure({ ratePerMinute: 600 })
    shop.run(1)
    // A minute of the old rate, a second and one batch of the new one.
    expect(shop.house().limit - 1).toBeLessThanOrEqual(6 + 10 + 10)
    shop.run(30)
    expect(shop.house().limit - 1).toBeGreaterThanOrEqual(300)
    expect(shop.house().limit - 1).toBeLessThanOrEqual(6 + 10 + 310)
  })

  it('counts the time in which all was sold by the health of then', () => {
    const shop = createShop(
      {
        ratePerMinute: 600,
        batchSeconds: 1,
        stock: 3,
        health: { floorPercent: 0 },
      },
      { line: 1_000 },
    )
    shop.run(10)
    const { entered } = shop.house()
    shop.configure({ stock: 0 })
    const health = { share: 0, changedAtMs: 0, isBad: true, reportedAtMs: null }
    shop.change(state => ({ ...state, health }))
    shop.run(2 * MINUTE)
    shop.change(state => ({ ...state, health: { ...health, isBad: false } }))
    shop.run(35)
    expect(shop.state().health?.share).toBe(0.4)
    shop.configure({ stock: 3 })
    shop.run(1)
    // Nothing was allowed at first in this minute; then the rate grew by tenths.
    const allowed = (10 * (60 + 120 + 180) + 6 * 240) / 60
    expect(shop.house().limit - entered).toBeLessThanOrEqual(allowed + 4)
  })
})

describe('capacity', () => {
  it('is never passed, and the seats stay filled, though four of ten do not show up', () => {
    const shop = createShop(
      { ratePerMinute: 6_000, capacity: 400, turnSeconds: 300 },
      { line: 1e6, showUp: 0.6, stayMs: [300_000, 900_000] },
    )
    let [filled, seconds] = [0, 0]
    let before = { claimed: 0, metFullHouse: 0 }
    for (let second = 0; second < 40 * MINUTE; second++) {
      shop.run(1)
      expect(shop.inside()).toBeLessThanOrEqual(400)
      if (second < 10 * MINUTE) {
        before = { claimed: shop.claimed(), metFullHouse: shop.metFullHouse() }
        continue
      }
      filled += shop.inside()
      seconds++
    }
    expect(filled / seconds / 400).toBeGreaterThan(0.97)
    const met = shop.metFullHouse() - before.metFullHouse
    expect(met / (shop.claimed() - before.claimed)).toBeLessThan(0.02)
  })

  it('before show-up is measured counts every open turn as somebody inside', () => {
    const shop = createShop(
      { ratePerMinute: 6_000, capacity: 50, turnSeconds: 600 },
      { line: 1e6, showUp: 0.5, stayMs: [30_000, 60_000] },
    )
    for (let second = 0; second < 9 * MINUTE; second++) {
      shop.run(1)
      expect(shop.inside() + shop.openTurns()).toBeLessThanOrEqual(50)
    }
  })

  it('names itself where it binds', () => {
    const shop = createShop({ capacity: 5 }, { line: 100 })
    shop.run(10)
    expect(shop.state()).toMatchObject({ front: 5, binding: 'capacity' })
  })

  it('binds nobody once everybody is in', () => {
    const shop = createShop({}, { line: 10 })
    shop.run(10)
    expect(shop.state()).toMatchObject({ front: 10, binding: null })
  })
})

describe('stock', () => {
  it('lets in only as many as can still hope, three for each article', () => {
    const shop = createShop({ ratePerMinute: 60_000, stock: 97 }, { line: 1e6 })
    shop.run(10)
    expect(shop.state()).toMatchObject({ front: 291, binding: 'stock' })
  })

  it('lets in what it takes to sell the rest once it is measured who buys', () => {
    const shop = createShop(
      { ratePerMinute: 60_000, stock: 97 },
      { line: 1e6, stayMs: [5_000, 40_000], buyers: 0.4 },
    )
    shop.run(30 * MINUTE)
    expect(shop.house().bought).toBeGreaterThanOrEqual(97)
    expect(shop.state().soldOutAtMs).not.toBeNull()
    expect(shop.state().front).toBeLessThanOrEqual(330)
  })

  it.each([0, 0.5, 1])(
    'sells as soon where the showroom tells of %d of those who do not buy',
    told => {
      for (let seed = 1; seed <= 5; seed++) {
        const shop = createShop(
          { ratePerMinute: 60, stock: 97 },
          { line: 10_000, stayMs: [4_000, 40_000], buyers: 0.4, told, seed },
        )
        // at a rate of 60 it takes four minutes to let in those who buy 97
        shop.run(9 * MINUTE)
        expect([seed, shop.house().bought >= 97]).toEqual([seed, true])
        expect(shop.state().front).toBeLessThanOrEqual(400)
      }
    },
  )

  it('says of whom it counts that they will not buy any more', () => {
    const crowd = { line: 10_000, stayMs: [4_000, 40_000], buyers: 0.4, told: 0 } as const
    const shop = createShop({ ratePerMinute: 60, stock: 1_000 }, crowd)
    shop.run(5 * MINUTE)
    const { bought, left, settled, hopeful } = shop.state()
    expect(left).toBe(0)
    expect(bought / (bought + settled)).toBeGreaterThan(0.3)
    expect(bought / (bought + settled)).toBeLessThan(0.55)
    // those of the last minute, and those who are on their way
    expect(hopeful).toBeLessThan(100)
    shop.configure({ ratePerMinute: 60, stock: null })
    shop.run(1)
    expect(shop.state()).toMatchObject({ settled: 0, hopeful: 0 })
  })

  it('holds the turns up while nothing is left, and lets nobody in', () => {
    const shop = createShop({ stock: 50 }, { line: 1_000, showUp: 0 })
    shop.run(4)
    const { front } = shop.state()
    shop.configure({ stock: 0 })
    shop.run(3 * MINUTE)
    expect(shop.state().front).toBe(front)
    shop.configure({ stock: 50 })
    shop.run(1)
    expect(shop.state().batches[0]?.heldMs).toBe(3 * MINUTE * 1_000)
  })
})

describe('the late lane', () => {
  it.each([
    [6, 1],
    [360, 3],
    [361, 4],
    [600, 5],
  ])(
    'at %i a minute has %i seats at most while people wait: of a tenth, five seconds',
    (ratePerMinute, seats) => {
      const shop = createShop({ ratePerMinute, turnSeconds: 10 }, { line: 1e6, showUp: 0 })
      shop.run(4 * MINUTE)
      expect(shop.state().lateSeats).toBe(seats)
    },
  )
})

describe('places let in by hand', () => {
  it('come at once, besides the rate', () => {
    const shop = createShop({ ratePerMinute: 60, batchSeconds: 60 }, { line: 1_000 })
    shop.run(5)
    const { front } = shop.state()
    shop.change((state, config, nowMs) => letInByHand({ config, state }, 50, nowMs))
    shop.run(1)
    expect(shop.state()).toMatchObject({ front: front + 50, manual: 0 })
    shop.run(6)
    expect(shop.house().entered).toBe(front + 50)
  })

  it('wait for seats, and are not forgotten', () => {
    const shop = createShop(
      { capacity: 10, ratePerMinute: 0 },
      { line: 1_000, stayMs: [20_000, 20_000] },
    )
    shop.change((state, config, nowMs) => letInByHand({ config, state }, 25, nowMs))
    shop.run(10)
    expect(shop.state()).toMatchObject({ front: 10, manual: 15 })
    shop.run(2 * MINUTE)
    expect(shop.state()).toMatchObject({ front: 25, manual: 0 })
  })
})

describe('a pause', () => {
  it('lets nobody in, holds the turns, and goes on where it was', () => {
    const shop = createShop({ turnSeconds: 60 }, { line: 1_000, showUp: 0 })
    shop.run(4)
    const before = shop.state()
    shop.change((state, config, nowMs) => act({ config, state }, 'pause', nowMs))
    shop.run(5 * MINUTE)
    expect(shop.state().front).toBe(before.front)
    expect(shop.state().batches).toHaveLength(before.batches.length)
  })
})

describe('health', () => {
  const bad = { share: 1, changedAtMs: 0, isBad: true, reportedAtMs: null }

  it('halves the rate each hold down to the floor, and lets it grow back by tenths', () => {
    const shop = createShop({ ratePerMinute: 600 }, { line: 1e6 })
    shop.change(state => ({ ...state, health: bad }))
    const shares: (number | undefined)[] = []
    for (let hold = 0; hold < 5; hold++) {
      shop.run(10)
      shares.push(shop.state().health?.share)
    }
    expect(shares).toEqual([0.5, 0.25, 0.125, 0.1, 0.1])
    expect(shop.state().binding).toBe('health')
    shop.change(state => ({ ...state, health: { ...bad, share: 0.1, isBad: false } }))
    shop.run(95)
    expect(shop.state().health?.share).toBe(1)
    expect(shop.state().binding).toBe('rate')
  })
})

describe('a restart of the tick in another process', () => {
  it('needs nothing but state, configuration and house', () => {
    const shop = createShop({ capacity: 20, turnSeconds: 30 }, { line: 500, showUp: 0.7 })
    shop.run(MINUTE)
    const copied = structuredClone(shop.state())
    expect(copied).toEqual(JSON.parse(JSON.stringify(shop.state())))
    expect(openState(0)).toMatchObject({ pace: [], manual: 0 })
    expect(roomConfig().mode).toBe('line')
  })
})
