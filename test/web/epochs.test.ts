import { describe, expect, test } from 'vitest'
import { insideOf } from '../../lib/queue/house/house.ts'
import { newEpoch } from '../../lib/queue/room/state.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const GATHERING = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T06:01:00Z' }

async function openRoom(world: World, config: object = {}) {
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ...config })
}

describe('a new sale in the same room', () => {
  test('failure mode 23: old tickets answer room-ended, cohorts go on, places start again', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.run('demo', 61)
    await world.operator('POST', '/demo/end')
    await openRoom(world, { opensAt: '2026-12-02T06:00:00Z' })
    world.pass(1_001)
    expect(codeOf(await visitor.get('/place'))).toBe('room-ended')
    expect(codeOf(await visitor.post('/passes'))).toBe('room-ended')
    const joined = await visitor.post('/tickets')
    expect(joined.status).toBe(201)
    expect(Number(joined.body.cohort)).toBeGreaterThan(1)
    world.setNow(Date.parse('2026-12-02T06:00:00Z'))
    await world.run('demo', 2)
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })
  })

  test('failure mode 7: a deleted room made anew never uses a cohort number again', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const before = await createVisitor(world.visitors).post('/tickets')
    expect((await world.operator('DELETE', '/demo')).status).toBe(204)
    world.pass(1_001)
    expect(codeOf(await world.visitor('/r/demo/status'))).toBe('unknown-room')
    await openRoom(world, GATHERING)
    world.pass(1_001)
    const after = await createVisitor(world.visitors).post('/tickets')
    expect(Number(after.body.cohort)).toBeGreaterThan(Number(before.body.cohort))
    expect(after.body.commitment).not.toBe(before.body.commitment)
  })

  test('keeps nothing of the sale before: no counts, no debts, no odds, nobody let in', async () => {
    const world = await createWorld()
    await openRoom(world, { stock: 30, ratePerMinute: 6_000 })
    const { visitors, ids } = await crowd(world, 30)
    await world.run('demo', 8)
    await Promise.all(visitors.map(visitor => visitor.post('/passes')))
    const departures = ids.map(ticket => ({ ticket, reason: 'bought' }))
    await world.tell('departures', 'demo', departures)
    await world.hear()
    await world.operator('POST', '/demo/let-in', { places: 7 })
    await world.operator('POST', '/demo/health', { latencyMs: 90_000, errorRate: 1 })
    await world.run('demo', 2)
    const before = await world.stateOf('demo')
    expect(before.bought).toBeGreaterThan(20)
    await world.operator('POST', '/demo/end')
    await openRoom(world, { stock: 5, opensAt: '2026-12-02T06:00:00Z' })
    const after = await world.stateOf('demo')
    expect(after).toEqual({
      ...newEpoch(before, 'k1', world.now()),
      version: after.version,
      firstCohort: after.firstCohort,
      openCohort: after.firstCohort,
    })
    expect(after.epoch).toBe(before.epoch + 1)
    expect(await world.statusOf('demo')).toMatchObject({
      phase: 'gathering',
      front: 0,
      tail: 0,
      waiting: 0,
      stock: 5,
      odds: null,
      soldOutAtMs: null,
      binding: null,
      lateSeats: 0,
    })
  })

  test('counts no purchase of the sale before, however late it is told', async () => {
    const world = await createWorld()
    await openRoom(world, { stock: 5 })
    const { visitors, ids } = await crowd(world, 2)
    await world.run('demo', 8)
    for (const visitor of visitors) await visitor.post('/passes')
    await world.operator('POST', '/demo/end')
    await openRoom(world, { stock: 5 })
    await world.run('demo', 3)
    await world.tell(
      'departures',
      'demo',
      ids.map(ticket => ({ ticket, reason: 'bought' })),
    )
    await world.hear()
    await world.run('demo', 2)
    expect((await world.statusOf('demo')).stock).toBe(5)
    expect(insideOf(await world.houseOf('demo'))).toBe(0)
  })

  test('finds those of the sale before still inside: they keep their seats until they leave', async () => {
    const world = await createWorld()
    await openRoom(world, { capacity: 1 })
    const { visitors, ids } = await crowd(world, 1)
    await world.run('demo', 4)
    expect((await visitors[0]?.post('/passes'))?.status).toBe(200)
    await world.operator('POST', '/demo/end')
    await openRoom(world, { capacity: 1 })
    world.pass(1_001)
    const next = createVisitor(world.visitors)
    await next.post('/tickets')
    await world.run('demo', 10)
    expect((await next.post('/passes')).status).toBe(425)
    await world.tell('departures', 'demo', [{ ticket: ids[0], reason: 'left' }])
    await world.hear()
    await world.run('demo', 3)
    expect((await next.post('/passes')).status).toBe(200)
    expect(insideOf(await world.houseOf('demo'))).toBe(1)
  })

  test('answers room-ended to the tickets of its groups too, whose places start again', async () => {
    const groups = [{ name: 'vip', sharePercent: 50 }]
    const world = await createWorld()
    await openRoom(world, { groups })
    const guest = await invited(world)
    const first = Number((await guest.get('/ticket')).body.cohort)
    await world.run('demo', 5)
    await world.operator('POST', '/demo/end')
    await openRoom(world, { groups })
    world.pass(1_001)
    expect(codeOf(await guest.get('/place'))).toBe('room-ended')
    expect(codeOf(await guest.post('/passes'))).toBe('room-ended')
    expect(codeOf(await guest.get('/ticket'))).toBe('no-ticket')
    const next = await invited(world)
    expect(Number((await next.get('/ticket')).body.cohort)).toBeGreaterThan(first)
    await world.run('demo', 5)
    expect((await next.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })
  })

  test('gives nobody a number of the open way that was leased in the sale before', async () => {
    const world = await createWorld()
    await openRoom(world, { mode: 'auto', ratePerMinute: 60_000 })
    await world.run('demo', 12)
    const come = () => createVisitor(world.visitors).get('/through')
    // A rush, so that the instance has numbers left over.
    await Promise.all(Array.from({ length: 20 }, come))
    const { openWay: through } = await world.houseOf('demo')
    await world.operator('POST', '/demo/end')
    await openRoom(world, { mode: 'auto', ratePerMinute: 60_000 })
    await world.admit('demo')
    world.pass(1_001)
    await world.admit('demo')
    const location = (await come()).headers.get('location') ?? ''
    const pass = new URL(location).searchParams.get('antichambre') ?? ''
    const { sub } = JSON.parse(Buffer.from(pass.split('.')[1] ?? '', 'base64url').toString())
    expect(Number(String(sub).split('.')[2])).toBeGreaterThanOrEqual(through)
  })
})

/** So many who joined in a trickle. */
async function crowd(world: World, count: number) {
  const visitors = Array.from({ length: count }, () => createVisitor(world.visitors))
  const ids: unknown[] = []
  for (const visitor of visitors) ids.push((await visitor.post('/tickets')).body.id)
  return { visitors, ids }
}

/** A guest of the group, with a ticket. */
async function invited(world: World) {
  const { body } = await world.operator('POST', '/demo/invitations', { group: 'vip' })
  const [{ token } = { token: '' }] = body.invitations as { token: string }[]
  const guest = createVisitor(world.visitors, 'demo~vip')
  expect((await guest.post('/tickets', { invitation: token })).status).toBe(201)
  return guest
}
