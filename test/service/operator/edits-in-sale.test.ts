import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeIn } from '../../../lib/queue/cohort/place.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

/** A sale that runs at ten a second, with a long line. */
async function running(config: object = {}): Promise<World> {
  const world = await createWorld()
  const opensAt = '2026-12-01T06:00:05Z'
  await world.operator('PUT', '/demo', {
    showroomUrl: SHOWROOM,
    opensAt,
    batchSeconds: 1,
    ...config,
  })
  const joins = Array.from({ length: 300 }, () => createVisitor(world.visitors).post('/tickets'))
  await Promise.all(joins)
  await world.run('demo', 10)
  return world
}

const patch = (world: World, change: object) => world.operator('PATCH', '/demo', change)
const frontOf = async (world: World) => (await world.stateOf('demo')).front
/** How many places the next seconds let in. */
async function letIn(world: World, seconds: number): Promise<number> {
  const before = await frontOf(world)
  await world.run('demo', seconds)
  return (await frontOf(world)) - before
}
const at = (world: World, ms: number) => new Date(world.now() + ms).toISOString()

describe('an edit in the middle of a sale takes effect within two ticks:', () => {
  test.each([
    [1_200, 20],
    [60, 1],
    [0, 0],
  ])('the rate, at %j a minute', async (ratePerMinute, perSecond) => {
    const world = await running()
    await patch(world, { ratePerMinute })
    expect(await world.statusOf('demo')).toMatchObject({ ratePerMinute })
    await world.run('demo', 2)
    const placed = await letIn(world, 5)
    expect(placed).toBeGreaterThanOrEqual(perSecond * 5 - perSecond)
    expect(placed).toBeLessThanOrEqual(perSecond * 5 + perSecond)
  })

  test('a plan of rates, from each of its times on', async () => {
    const world = await running()
    const ratePlan = [
      { at: at(world, 0), ratePerMinute: 0 },
      { at: at(world, 10_000), ratePerMinute: 1_200 },
    ]
    await patch(world, { ratePlan })
    await world.run('demo', 2)
    expect(await letIn(world, 6)).toBe(0)
    await world.run('demo', 4)
    expect(await letIn(world, 5)).toBeGreaterThanOrEqual(80)
    expect((await world.statusOf('demo')).binding).toBe('plan')
  })

  test('the capacity: fewer seats let nobody else in, more of them do', async () => {
    const world = await running({ capacity: 100, ratePerMinute: 60_000 })
    expect(await frontOf(world)).toBe(100)
    await patch(world, { capacity: 50 })
    await world.run('demo', 2)
    expect(await letIn(world, 5)).toBe(0)
    expect((await world.houseOf('demo')).limit).toBeLessThanOrEqual(50)
    await patch(world, { capacity: 160 })
    expect(await letIn(world, 2)).toBe(60)
    await patch(world, { capacity: null })
    expect(await letIn(world, 2)).toBeGreaterThan(60)
  })

  test('the stock: none is told at once, more lets more of those in line hope', async () => {
    const world = await running({ stock: 10, ratePerMinute: 60_000 })
    expect(await frontOf(world)).toBe(30)
    await patch(world, { stock: 0 })
    expect((await world.statusOf('demo')).phase).toBe('soldOut')
    expect(await letIn(world, 3)).toBe(0)
    await patch(world, { stock: 30 })
    expect(await letIn(world, 2)).toBe(60)
  })

  test('places by hand come besides the rate, and only once', async () => {
    const world = await running({ ratePerMinute: 60 })
    await world.operator('POST', '/demo/let-in', { places: 50 })
    const placed = await letIn(world, 2)
    expect(placed).toBeGreaterThanOrEqual(50)
    expect(placed).toBeLessThanOrEqual(53)
    expect(await letIn(world, 10)).toBeLessThanOrEqual(11)
  })

  test('an opening that is earlier, and one that is later', async () => {
    const world = await createWorld()
    const opensAt = '2026-12-01T07:00:00Z'
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt })
    await createVisitor(world.visitors).post('/tickets')
    await patch(world, { opensAt: at(world, 3_600_000 * 2) })
    world.setNow(Date.parse(opensAt))
    await world.run('demo', 2)
    expect((await world.statusOf('demo')).phase).toBe('gathering')
    await patch(world, { opensAt: at(world, -1) })
    await world.run('demo', 2)
    expect(await world.statusOf('demo')).toMatchObject({ phase: 'open', front: 1 })
  })

  test('the opening of an earlier sale is refused for a new one, which would open at once', async () => {
    const world = await createWorld()
    const put = (opensAtMs: number) =>
      world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt: at(world, opensAtMs) })
    const day = 86_400_000
    const refused = await put(-day - 1)
    expect([refused.status, codeOf(refused)]).toEqual([400, 'bad-request'])
    expect(refused.text).toMatch(/opensAt: .+ came, a time that is not more than a day past/)
    expect((await put(-day)).status).toBe(201)
    // A room that runs for weeks may be put as it is.
    expect((await put(-7 * day)).status).toBe(200)
    await world.operator('POST', '/demo/end')
    expect((await put(-7 * day)).status).toBe(400)
    expect((await put(day)).status).toBe(200)
  })

  test('an opening that is to be later than the one that was: what is open stays open, and is told so', async () => {
    const world = await createWorld()
    const config = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T07:00:00Z' }
    await world.operator('PUT', '/demo', config)
    await world.operator('POST', '/demo/open')
    const later = at(world, 7_200_000)
    for (const refused of [
      await patch(world, { opensAt: later }),
      await world.operator('PUT', '/demo', { ...config, opensAt: later }),
    ]) {
      expect([refused.status, codeOf(refused)]).toEqual([400, 'bad-request'])
      expect(refused.text).toMatch(/opensAt: .+ came, no other time to come is allowed .*`pause`/)
    }
    // The one that it was opened before by hand, none, and one that is past are no such promise.
    for (const opensAt of [config.opensAt, null, at(world, -1)]) {
      expect((await world.operator('PUT', '/demo', { ...config, opensAt })).status).toBe(200)
    }
    expect((await world.statusOf('demo')).phase).toBe('open')
  })

  test('a closing, to the millisecond, and one that is taken back', async () => {
    const world = await running()
    const closesAt = at(world, 5_000)
    await patch(world, { closesAt })
    world.setNow(Date.parse(closesAt) - 1)
    expect((await world.statusOf('demo')).phase).toBe('open')
    await patch(world, { closesAt: null })
    world.pass(1)
    expect((await world.statusOf('demo')).phase).toBe('open')
    await patch(world, { closesAt: at(world, 1_000) })
    world.pass(1_000)
    expect((await world.statusOf('demo')).phase).toBe('ended')
    await world.run('demo', 1)
    world.sent.splice(0)
    expect(await world.clock()).toBe(0)
  })

  test('a message is in the next status, whatever it holds', async () => {
    const world = await running()
    for (const message of ['Ça va commencer', '<b>', '', null]) {
      await patch(world, { message })
      expect((await world.statusOf('demo')).message).toBe(message)
    }
  })

  test('a pause lets nobody in, and goes on where it stood, without a rush', async () => {
    const world = await running()
    await world.operator('POST', '/demo/pause')
    expect(await letIn(world, 20)).toBe(0)
    expect((await world.statusOf('demo')).binding).toBe('pause')
    await world.operator('POST', '/demo/resume')
    expect(await letIn(world, 5)).toBeLessThanOrEqual(60)
    expect(await frontOf(world)).toBeGreaterThan(0)
  })
})

describe('whatever operators edit in the middle of a sale', () => {
  type Act = (world: World) => Promise<unknown>
  const edit =
    (change: object): Act =>
    world =>
      patch(world, change)
  const act =
    (path: string, body?: object): Act =>
    world =>
      world.operator('POST', `/demo/${path}`, body)
  const edits: [string, Act][] = [
    ['rate 0', edit({ ratePerMinute: 0 })],
    ['rate 6000', edit({ ratePerMinute: 6_000 })],
    ['capacity 3', edit({ capacity: 3 })],
    ['no capacity', edit({ capacity: null })],
    ['stock 0', edit({ stock: 0 })],
    ['stock 50', edit({ stock: 50 })],
    ['no stock', edit({ stock: null })],
    ['opening later', world => patch(world, { opensAt: at(world, 600_000) })],
    ['opening now', world => patch(world, { opensAt: at(world, 0) })],
    ['closed', edit({ mode: 'closed' })],
    ['line', edit({ mode: 'line' })],
    ['auto', edit({ mode: 'auto' })],
    ['plan', world => patch(world, { ratePlan: [{ at: at(world, 2_000), ratePerMinute: 90 }] })],
    ['pause', act('pause')],
    ['resume', act('resume')],
    ['by hand', act('let-in', { places: 5 })],
    ['bad health', act('health', { alarm: true })],
    ['good health', act('health', { alarm: false })],
    ['message', edit({ message: 'Hello' })],
  ]

  test('moves nobody’s place, never moves the front back, and loses no ticket', async () => {
    const step = fc.record({
      edit: fc.constantFrom(...edits.map(([name]) => name)),
      joins: fc.nat(6),
      seconds: fc.integer({ min: 1, max: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async steps => {
        const world = await createWorld()
        await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, arrivalWindowSeconds: 1 })
        const tickets: Record<string, unknown>[] = []
        const places = new Map<string, number>()
        let front = 0
        const look = async () => {
          const state = await world.stateOf('demo')
          expect(state.front).toBeGreaterThanOrEqual(front)
          expect(state.front).toBeLessThanOrEqual(state.tail)
          front = state.front
          for (const { id, cohort, shard, index } of tickets) {
            const record = await world.store.loadRecord('demo', Number(cohort))
            if (record === undefined) {
              expect(places.has(String(id))).toBe(false)
              continue
            }
            const place = placeIn(record, Number(shard), Number(index))
            expect(places.get(String(id)) ?? place).toBe(place)
            places.set(String(id), place)
          }
          expect(new Set(places.values()).size).toBe(places.size)
        }
        for (const { edit: name, joins, seconds } of steps) {
          await edits.find(([known]) => known === name)?.[1](world)
          for (let join = 0; join < joins; join++) {
            const { status, body } = await createVisitor(world.visitors).post('/tickets')
            if (status === 201) tickets.push(body)
          }
          await world.run('demo', seconds)
          await look()
        }
        // Let everything run: everybody who holds a ticket is let in.
        const all = {
          ratePerMinute: 60_000,
          ratePlan: [],
          capacity: null,
          stock: null,
          mode: 'line',
        }
        await patch(world, all)
        await world.operator('POST', '/demo/open')
        await world.operator('POST', '/demo/health', { alarm: false })
        await world.run('demo', 20)
        await look()
        expect(places.size).toBe(tickets.length)
        for (const place of places.values()) expect(place).toBeLessThanOrEqual(front)
      }),
      { numRuns: 6 },
    )
  })
})
