import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { insideOf } from '../../lib/queue/house/house.ts'
import { countDepartures, hearShowroom } from '../../lib/service/departures.ts'
import { departuresHandler } from '../../lib/service/events.ts'
import type { DepartureReason } from '../../lib/store/port.ts'
import { StoreBusyError } from '../../lib/store/port.ts'
import { createVisitor, createWorld, SHOWROOM } from '../support/world.ts'

/** So many who have walked in. */
async function inside(count: number, config: object = {}) {
  const world = await createWorld()
  const opensAt = '2026-12-01T06:00:05Z'
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt, ...config })
  const visitors = Array.from({ length: count }, () => createVisitor(world.visitors))
  const joined = await Promise.all(visitors.map(visitor => visitor.post('/tickets')))
  await world.run('demo', 8)
  const passes = await Promise.all(visitors.map(visitor => visitor.post('/passes')))
  expect(passes.map(({ status }) => status)).toEqual(visitors.map(() => 200))
  return { world, visitors, ids: joined.map(({ body }) => String(body.id)) }
}

const told = (tickets: readonly (string | undefined)[], reason: DepartureReason = 'left') =>
  tickets.map(ticket => ({ ticket: ticket ?? '', reason }))

describe('departures', () => {
  test('of strangers, repeated ones and forged ids stop none of those beside them', async () => {
    const { world, ids } = await inside(3)
    const strange = ['9.9.9', '0.999.5', '4000000000.3.41', `${ids[0]?.split('.')[0]}.0.9999999999`]
    const departures = told([
      strange[0],
      ids[0],
      strange[1],
      ids[0],
      strange[2],
      ids[1],
      strange[3],
    ])
    expect(await countDepartures(world, { room: 'demo', departures })).toEqual({
      counted: 2,
      repeated: 1,
      'never-entered': 4,
    })
    expect(insideOf(await world.houseOf('demo'))).toBe(1)
  })

  test('count in no other room than the one where the ticket entered', async () => {
    const { world, ids } = await inside(1)
    await world.operator('PUT', '/other', { showroomUrl: SHOWROOM })
    for (const room of ['other', 'nowhere']) {
      const outcomes = await countDepartures(world, { room, departures: told(ids) })
      expect(outcomes).toEqual({ counted: 0, repeated: 0, 'never-entered': 1 })
    }
    expect(insideOf(await world.houseOf('demo'))).toBe(1)
  })

  test('of a ticket that has a turn and did not use it yet count nothing, and take nothing from it', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, capacity: 5 })
    const visitor = createVisitor(world.visitors)
    const id = String((await visitor.post('/tickets')).body.id)
    await world.run('demo', 4)
    const early = await countDepartures(world, { room: 'demo', departures: told([id]) })
    expect(early['never-entered']).toBe(1)
    expect((await visitor.post('/passes')).status).toBe(200)
    const now = await countDepartures(world, { room: 'demo', departures: told([id]) })
    expect(now.counted).toBe(1)
  })

  test('told in any order, however often, are counted once each, by their first reason', async () => {
    const { world, ids } = await inside(6)
    const messages = [
      told(ids.slice(0, 3), 'bought'),
      told(ids.slice(2, 5)),
      told(ids.slice(0, 5).reverse(), 'bought'),
      told(ids.slice(0, 3)),
    ]
    for (const departures of messages) await countDepartures(world, { room: 'demo', departures })
    await Promise.all(
      Array.from({ length: 10 }, () =>
        countDepartures(world, { room: 'demo', departures: told([ids[5]], 'bought') }),
      ),
    )
    expect(await world.houseOf('demo')).toMatchObject({ bought: 4, left: 2, gone: 6 })
  })

  test('may say when they were said, in whatever order, and are counted as without that', async () => {
    const { world, ids } = await inside(2)
    const at = (ms: number) => new Date(world.now() + ms).toISOString()
    const [one = '', two = ''] = ids
    await world.tell('departures', 'demo', [
      { ticket: one, reason: 'left', at: at(0) },
      { ticket: one, reason: 'bought', at: at(60_000) },
      { ticket: two, reason: 'bought', at: at(-86_400_000) },
    ])
    await world.hear()
    expect(await world.houseOf('demo')).toMatchObject({ left: 1, bought: 1, gone: 2 })
  })

  test('after the session is over by itself free no second seat', async () => {
    const { world, ids } = await inside(2, { sessionSeconds: 30, capacity: 2 })
    await createVisitor(world.visitors).post('/tickets')
    await world.run('demo', 60)
    expect(insideOf(await world.houseOf('demo'))).toBe(0)
    const { counted } = await countDepartures(world, {
      room: 'demo',
      departures: told(ids, 'bought'),
    })
    expect(counted).toBe(2)
    expect(await world.houseOf('demo')).toMatchObject({ entered: 2, gone: 2, bought: 2 })
  })
})

describe('a purchase', () => {
  test('of a counted stock sends one tick, whatever else the message says', async () => {
    const { world, ids } = await inside(3, { stock: 97 })
    world.sent.splice(0)
    await countDepartures(world, { room: 'demo', departures: told(ids, 'bought') })
    expect(world.sent).toEqual([{ room: 'demo', dueAtMs: world.now() }])
    world.sent.splice(0)
    await countDepartures(world, { room: 'demo', departures: told(['9.9.9'], 'bought') })
    await countDepartures(world, { room: 'demo', departures: told(ids) })
    expect(world.sent).toEqual([])
  })

  test.each([
    ['nothing is counted', {}],
    ['what is left is told', { stock: 97, stockLeft: 40 }],
  ])('sends none where %s', async (_, config) => {
    const { world, ids } = await inside(1, config)
    world.sent.splice(0)
    await countDepartures(world, { room: 'demo', departures: told(ids, 'bought') })
    expect(world.sent).toEqual([])
  })

  test('whose message failed in the middle is told by a tick when the message comes again', async () => {
    const { world, ids } = await inside(2, { stock: 97 })
    let departs = 0
    const depart: typeof world.store.depart = (...values) => {
      if (departs++ === 1) return Promise.reject(new StoreBusyError('busy'))
      return world.store.depart(...values)
    }
    world.sent.splice(0)
    const message = { room: 'demo', departures: told(ids, 'bought') }
    const failing = { ...world, store: { ...world.store, depart } }
    await expect(countDepartures(failing, message)).rejects.toThrow(StoreBusyError)
    expect(world.sent).toEqual([])
    await countDepartures(world, message)
    expect(world.sent).toHaveLength(1)
    expect((await world.houseOf('demo')).bought).toBe(2)
  })
})

describe('the queue of what showrooms say', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => void vi.restoreAllMocks())

  const event = (...bodies: unknown[]) => ({
    Records: bodies.map((body, n) => ({ messageId: `m${n}`, body: JSON.stringify(body) })),
  })

  test('gives back what has a wrong form, alone; the others are taken up', async () => {
    const { world, ids } = await inside(1, { stock: 97 })
    const atMs = world.now()
    const good = [
      { room: 'demo', departures: told(ids) },
      { room: 'demo', stockLeft: 40, atMs },
      { room: 'nowhere', stockLeft: 40, atMs },
      { room: 'nowhere', departures: told(ids) },
    ]
    const bad = [
      { room: 'demo' },
      { room: 'demo', stockLeft: -1, atMs },
      { room: 'demo', stockLeft: 1.5, atMs },
      { room: 'demo', stockLeft: 5, atMs: 'now' },
      { room: 'demo', departures: [], stockLeft: 5, atMs },
      { room: 7, departures: told(ids) },
    ]
    const handled = await departuresHandler(world)(event(...bad, ...good) as never)
    expect(handled.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
      bad.map((_, n) => `m${n}`),
    )
    expect(insideOf(await world.houseOf('demo'))).toBe(0)
    expect(await world.statusOf('demo')).toMatchObject({ stock: 40 })
  })

  test('gives back what its function has no time for, and counts each once when it comes again', async () => {
    const { world, ids } = await inside(3)
    const message = { room: 'demo', departures: told(ids) }
    // each takes ten seconds, and the function has 20 for the last that it begins
    let passedMs = 0
    const depart: typeof world.store.depart = (...values) => {
      passedMs += 10_000
      return world.store.depart(...values)
    }
    const slow = {
      ...world,
      now: () => world.now() + passedMs,
      store: { ...world.store, depart },
    }
    const run = (leftMs: number) => {
      passedMs = 0
      const context = { getRemainingTimeInMillis: () => leftMs }
      return departuresHandler(slow)(event(message) as never, context)
    }
    const failed = { batchItemFailures: [{ itemIdentifier: 'm0' }] }
    expect(await run(19_999)).toEqual(failed)
    expect(insideOf(await world.houseOf('demo'))).toBe(3)
    expect(await run(39_999)).toEqual(failed)
    expect(insideOf(await world.houseOf('demo'))).toBe(1)
    expect(await run(40_000)).toEqual({ batchItemFailures: [] })
    expect(insideOf(await world.houseOf('demo'))).toBe(0)
  })

  test('gives back what the database had no time for', async () => {
    const { world, ids } = await inside(1)
    const depart = () => Promise.reject(new StoreBusyError('busy'))
    const busy = { ...world, store: { ...world.store, depart } }
    const message = { room: 'demo', departures: told(ids) }
    await expect(hearShowroom(busy, message)).rejects.toThrow(StoreBusyError)
    const { batchItemFailures } = await departuresHandler(busy)(event(message) as never)
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm0' }])
  })
})
