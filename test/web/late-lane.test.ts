import { describe, expect, test } from 'vitest'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const TURN_SECONDS = 10

/** So many visitors who joined, and whose sale is open. */
async function crowd(count: number, config: object = {}) {
  const world = await createWorld()
  await world.operator('PUT', '/demo', {
    showroomUrl: SHOWROOM,
    opensAt: '2026-12-01T06:00:05Z',
    turnSeconds: TURN_SECONDS,
    ...config,
  })
  const visitors = Array.from({ length: count }, () => createVisitor(world.visitors))
  await Promise.all(visitors.map(visitor => visitor.post('/tickets')))
  await world.run('demo', 6)
  return { world, visitors }
}

/** One visitor who missed the turn. */
async function late(config: object = {}) {
  const { world, visitors } = await crowd(1, config)
  const [visitor] = visitors
  if (visitor === undefined) throw new Error('nobody came')
  await world.run('demo', TURN_SECONDS + 8)
  return { world, visitor }
}

const isMissed = async (world: World, visitor: ReturnType<typeof createVisitor>) => {
  world.pass(1_001)
  return (await visitor.get('/place')).body
}

describe('whoever missed the turn', () => {
  test('walks in by the late lane as soon as it has a seat, once, and keeps place and ticket', async () => {
    const { world, visitor } = await late()
    expect(await isMissed(world, visitor)).toEqual({
      status: 'missed',
      place: 1,
      lateSeats: expect.any(Number),
    })
    expect((await world.statusOf('demo')).lateSeats).toBeGreaterThan(0)
    const [first, again] = [await visitor.post('/passes'), await visitor.post('/passes')]
    expect([first.status, codeOf(again)]).toEqual([200, 'already-entered'])
    const { entered, byTurn } = await world.houseOf('demo')
    expect(entered).toBe(1)
    // Who came late is nobody's show-up.
    expect([...byTurn.values()]).toEqual([])
  })

  test('waits until the share of a slow line comes to a seat, and is told 410 with the place', async () => {
    // A tenth of 6 a minute is a seat in each 100 seconds: the first at 06:01:40.
    const { world, visitors } = await crowd(20, { ratePerMinute: 6 })
    await world.run('demo', 60)
    const places = await Promise.all(visitors.map(visitor => visitor.get('/place')))
    const visitor = visitors.find((_, n) => places[n]?.body.status === 'missed')
    if (visitor === undefined) throw new Error('somebody is late')
    const { place, ...missed } = await isMissed(world, visitor)
    expect(missed).toEqual({ status: 'missed', lateSeats: 0 })
    const answer = await visitor.post('/passes')
    expect([answer.status, codeOf(answer), answer.body.place]).toEqual([410, 'turn-missed', place])
    expect((await world.houseOf('demo')).entered).toBe(0)
    await world.run('demo', 40)
    expect(await isMissed(world, visitor)).toMatchObject({ status: 'missed', lateSeats: 1 })
    expect((await visitor.post('/passes')).status).toBe(200)
  })

  test('waits while every seat is taken, and takes the one that is freed', async () => {
    const { world, visitors } = await crowd(1, { capacity: 1 })
    await world.run('demo', TURN_SECONDS + 8)
    // Somebody else came, and has the only seat.
    const other = createVisitor(world.visitors)
    const joined = await other.post('/tickets')
    await world.admit('demo')
    await world.run('demo', 4)
    expect((await other.post('/passes')).status).toBe(200)
    await world.run('demo', 3)
    const [visitor] = visitors
    expect((await visitor?.post('/passes'))?.status).toBe(410)
    await world.tell('departures', 'demo', [{ ticket: joined.body.id, reason: 'left' }])
    await world.hear()
    await world.run('demo', 3)
    expect((await visitor?.post('/passes'))?.status).toBe(200)
  })

  test('sends for a tick where the room sleeps: only that can open the lane', async () => {
    const { world, visitors } = await crowd(2, { capacity: 2 })
    const [inside, missed] = visitors
    expect((await inside?.post('/passes'))?.status).toBe(200)
    await world.operator('PATCH', '/demo', { capacity: 1 })
    await world.run('demo', TURN_SECONDS + 30)
    expect(await world.clock()).toBe(0)
    world.sent.splice(0)
    expect((await missed?.post('/passes'))?.status).toBe(410)
    expect(world.sent).toEqual([{ room: 'demo', dueAtMs: world.now() }])
  })

  test('is over the sale once that is closed, ended or sold out', async () => {
    const closing = await late({ closesAt: '2026-12-01T06:01:00Z' })
    closing.world.setNow(Date.parse('2026-12-01T06:01:00Z') - 1)
    expect((await closing.visitor.get('/place')).body.status).toBe('missed')
    closing.world.setNow(Date.parse('2026-12-01T06:01:00Z'))
    expect(codeOf(await closing.visitor.post('/passes'))).toBe('room-ended')

    const { world, visitor } = await late()
    await world.operator('PATCH', '/demo', { stock: 0 })
    world.pass(1_001)
    expect(codeOf(await visitor.post('/passes'))).toBe('sold-out')
    await world.operator('PATCH', '/demo', { stock: 1 })
    await world.run('demo', 3)
    expect((await visitor.post('/passes')).status).toBe(200)
  })
})

describe('while others wait', () => {
  test('the late lane takes its share and no more', async () => {
    const { world, visitors } = await crowd(350, { ratePerMinute: 300 })
    // Everybody is late: those whose turn is over ask again and again.
    await world.run('demo', 20)
    const { front } = await world.stateOf('demo')
    const places = await Promise.all(visitors.map(visitor => visitor.get('/place')))
    const missed = visitors.filter((_, n) => places[n]?.body.status === 'missed')
    expect(missed.length).toBeGreaterThan(30)
    const askers = missed.slice(0, 30)
    let entered = 0
    for (let second = 0; second < 20; second++) {
      await world.run('demo', 1)
      const answers = await Promise.all(askers.map(visitor => visitor.post('/passes')))
      entered += answers.filter(({ status }) => status === 200).length
    }
    const state = await world.stateOf('demo')
    expect(state.tail - state.front).toBeGreaterThan(0)
    // A tenth of five a second, and the seats that stood ready for five seconds.
    expect(entered).toBeGreaterThanOrEqual(8)
    expect(entered).toBeLessThanOrEqual(10 + 3)
    expect(state.front).toBeGreaterThan(front)
  })
})
