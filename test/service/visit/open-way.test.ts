import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { insideOf } from '../../../lib/queue/house/house.ts'
import { OPEN_WAY_LEASE_MAX } from '../../../lib/queue/limits.ts'
import type { Room } from '../../../lib/queue/room/state.ts'
import { createOpenWay } from '../../../lib/service/visit/open-way.ts'
import { createRooms } from '../../../lib/service/visit/room-cache.ts'
import { createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

interface Rush {
  world: World
  /** So many come at once to one of the instances; gives how many went through. */
  rush(count: number, instance?: number): Promise<number>
  /** The ids of those who went through, in their order. */
  ids: string[]
}

/** The open way of a room, on several instances that share the database alone. */
async function openWay(config: object, instances = 1): Promise<Rush> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'auto', ...config })
  await world.run('demo', 12)
  const ids: string[] = []
  const desks = Array.from({ length: instances }, () => {
    const rooms = createRooms(world.store, world.now)
    return { rooms, goIn: createOpenWay({ ...world, rooms }) }
  })
  return {
    world,
    ids,
    async rush(count, instance = 0) {
      const desk = desks[instance]
      if (desk === undefined) throw new Error('no such instance')
      const room: Room = await desk.rooms.get('demo')
      const ways = Array.from({ length: count }, () => desk.goIn(room, {}))
      const through = (await Promise.all(ways)).filter(location => location !== undefined)
      ids.push(...through.map(subjectOf))
      return through.length
    },
  }
}

function subjectOf(location: string): string {
  const pass = new URL(location).searchParams.get('antichambre') ?? ''
  return JSON.parse(Buffer.from(pass.split('.')[1] ?? '', 'base64url').toString()).sub
}

const free = async (world: World) => {
  const { limit, entered } = await world.houseOf('demo')
  return limit - entered
}

describe('leases of the open way', () => {
  test('are of one seat each in a trickle: one write for one visitor, and none too many', async () => {
    const { world, rush } = await openWay({})
    for (let visitor = 1; visitor <= 10; visitor++) {
      const writes = world.writes()
      expect(await rush(1)).toBe(1)
      expect(world.writes() - writes).toBe(1)
      expect((await world.houseOf('demo')).entered).toBe(visitor)
      world.pass(1_001)
    }
  })

  test('make a rush on one instance cost far fewer writes than visitors', async () => {
    const { world, rush } = await openWay({ ratePerMinute: 60_000 })
    const writes = world.writes()
    expect(await rush(200)).toBe(200)
    expect(world.writes() - writes).toBeLessThanOrEqual(Math.ceil(200 / OPEN_WAY_LEASE_MAX) + 2)
  })

  test('leave no seat empty where seats are counted', async () => {
    const { world, rush } = await openWay({ capacity: 50, ratePerMinute: 60_000 })
    const went = await rush(40)
    expect(went).toBe(40)
    expect((await world.houseOf('demo')).entered).toBe(40)
  })

  test('are given up after two seconds: a later visitor has a session of full length', async () => {
    const { world, rush, ids } = await openWay({ ratePerMinute: 60_000, sessionSeconds: 60 })
    for (let burst = 0; burst < 3; burst++) {
      await rush(20)
      world.pass(2_500)
    }
    for (const id of ids)
      expect(Number(id.split('.')[0]) * 1000).toBeGreaterThan(world.now() + 50_000)
  })
})

describe('the limit of the open way', () => {
  test('holds exactly under 200 at once on three instances', async () => {
    const { world, rush, ids } = await openWay({ capacity: 20, ratePerMinute: 6_000 }, 3)
    expect(await free(world)).toBe(20)
    const went = await Promise.all([rush(70, 0), rush(70, 1), rush(60, 2)])
    expect(went.reduce((sum, count) => sum + count)).toBe(20)
    expect(new Set(ids).size).toBe(20)
    expect(insideOf(await world.houseOf('demo'))).toBe(20)
  })

  test('is kept through any rushes on any instances, and no number is given twice', async () => {
    const burst = fc.record({
      count: fc.integer({ min: 1, max: 40 }),
      instance: fc.nat(2),
      waitMs: fc.constantFrom(0, 500, 1_001, 3_000),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(burst, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        async (bursts, capacity, isCounted) => {
          const seats = isCounted ? { capacity } : {}
          const { world, rush, ids } = await openWay({ ratePerMinute: 600, ...seats }, 3)
          for (const { count, instance, waitMs } of bursts) {
            await rush(count, instance)
            const house = await world.houseOf('demo')
            expect(house.entered).toBeLessThanOrEqual(house.limit)
            expect(ids.length).toBeLessThanOrEqual(house.entered)
            if (isCounted) expect(insideOf(house)).toBeLessThanOrEqual(capacity)
            world.pass(waitMs)
            if (waitMs > 0) await world.admit('demo')
          }
          expect(new Set(ids).size).toBe(ids.length)
        },
      ),
      { numRuns: 10 },
    )
  })

  test('lets in what the rate bears, and in no minute more than that and one batch', async () => {
    const { world, rush } = await openWay({ ratePerMinute: 120 })
    const went = [0]
    for (let second = 0; second < 120; second++) {
      went.push((went.at(-1) ?? 0) + (await rush(5)))
      await world.run('demo', 1)
    }
    for (let second = 60; second <= 120; second++) {
      const inMinute = (went[second] ?? 0) - (went[second - 60] ?? 0)
      // Two a second, and a batch of two seconds.
      expect(inMinute).toBeLessThanOrEqual(120 + 4)
      // What entered between two points of the pace counts as late as may be.
      expect(inMinute).toBeGreaterThanOrEqual(120 - 3 * 4)
    }
  })

  test('is moved by a tick that a visitor sends for, when the room sleeps', async () => {
    const { world, rush } = await openWay({ ratePerMinute: 60 })
    await world.run('demo', 20)
    expect(await world.clock()).toBe(0)
    world.sent.splice(0)
    const first = await rush(30)
    expect(first).toBeLessThan(30)
    expect(world.sent).toEqual([{ room: 'demo', dueAtMs: world.now() }])
    await rush(30)
    expect(world.sent).toHaveLength(1)
    world.pass(5_000)
    await world.admit('demo')
    await world.run('demo', 60)
    world.pass(1_001)
    expect(await rush(1)).toBe(1)
  })

  test('is no error where the tick cannot be sent: the visitor joins the line, which sends for one', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'auto', capacity: 1 })
    await world.run('demo', 20)
    const ticks = { send: () => Promise.reject(new Error('the queue is away')) }
    const rooms = createRooms(world.store, world.now)
    const goIn = createOpenWay({ ...world, ticks, rooms })
    const room = await rooms.get('demo')
    expect(await goIn(room, {})).toBeDefined()
    expect(await goIn(room, {})).toBeUndefined()
  })
})

describe('a line in a room with an open way', () => {
  /** Comes by the way, or joins the line. */
  async function come(world: World) {
    const visitor = createVisitor(world.visitors)
    const answer = await visitor.get('/through')
    const isThrough = answer.headers.get('location')?.startsWith('https://') ?? false
    if (!isThrough) expect((await visitor.post('/tickets')).status).toBe(201)
    return { visitor, isThrough }
  }

  test('forms in a burst, lets everybody in by their turns, dissolves, and the way is open again', async () => {
    const { world } = await openWay({ ratePerMinute: 600 })
    for (let visitor = 0; visitor < 20; visitor++) {
      expect((await come(world)).isThrough).toBe(true)
      await world.run('demo', 1)
    }
    const burst = await Promise.all(Array.from({ length: 200 }, () => come(world)))
    const waiting = burst.filter(({ isThrough }) => !isThrough).map(({ visitor }) => visitor)
    expect(waiting.length).toBeGreaterThan(100)
    expect(waiting.length).toBeLessThan(200)
    await world.run('demo', 2)
    // While they wait nobody overtakes them.
    const newcomer = await come(world)
    expect(newcomer.isThrough).toBe(false)
    let left = [...waiting, newcomer.visitor]
    for (let second = 0; second < 60 && left.length > 0; second++) {
      await world.run('demo', 1)
      const { front } = await world.stateOf('demo')
      const passes = await Promise.all(left.map(visitor => visitor.post('/passes')))
      left = left.filter((_, index) => passes[index]?.status !== 200)
      expect(waiting.length + 1 - left.length).toBeLessThanOrEqual(front)
    }
    expect(left).toEqual([])
    await world.run('demo', 15)
    expect((await come(world)).isThrough).toBe(true)
  })

  test('is not formed by those for whom there is room, though they come by the line’s own door', async () => {
    const { world } = await openWay({ ratePerMinute: 600 })
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.admit('demo')
    await world.run('demo', 4)
    expect((await visitor.post('/passes')).status).toBe(200)
    world.pass(1_001)
    expect((await come(world)).isThrough).toBe(true)
  })
})

describe('a departure from the open way', () => {
  test('frees the seat once, and only for a number that was given out', async () => {
    const { world, rush, ids } = await openWay({ capacity: 3, ratePerMinute: 6_000 })
    expect(await rush(5)).toBe(3)
    const [id = ''] = ids
    const slot = id.split('.')[0]
    const forged = [`${slot}.999.77`, `${slot}.999.3`, '0.0.0']
    for (const ticket of [id, id, ...forged]) {
      await world.tell('departures', 'demo', [{ ticket, reason: 'left' }])
    }
    await world.hear()
    expect(insideOf(await world.houseOf('demo'))).toBe(2)
    await world.run('demo', 3)
    expect(await rush(5)).toBe(1)
  })
})
