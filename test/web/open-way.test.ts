import { describe, expect, test } from 'vitest'
import { insideOf } from '../../lib/queue/house/house.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import { StoreBusyError } from '../../lib/store/port.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import {
  codeOf,
  createVisitor,
  createWorld,
  request,
  SHOWROOM,
  type World,
} from '../support/world.ts'

const NONCE = 'n'.repeat(43)
const TO = 'https://shop.example/sale?a=1'
const THROUGH = `/r/demo/through?${new URLSearchParams({ to: TO, nonce: NONCE })}`

/** A room whose open way has stood for a while. */
async function autoRoom(config: object = {}): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'auto', ...config })
  await world.run('demo', 12)
  return world
}

const go = (world: World, path = THROUGH) =>
  createVisitor(world.visitors).get(path.slice('/r/demo'.length))
const locationOf = (answer: { headers: Headers }) => answer.headers.get('location') ?? ''

describe('a room with an open way', () => {
  test('costs one redirect there and one back, and one write, while nobody waits', async () => {
    const world = await autoRoom()
    for (let visitor = 1; visitor <= 5; visitor++) {
      const writes = world.writes()
      const answer = await go(world)
      expect(world.writes() - writes).toBe(1)
      expect(answer.status).toBe(302)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.getSetCookie()).toEqual([])
      const location = new URL(locationOf(answer))
      expect(location.href).toMatch(/^https:\/\/shop\.example\/sale\?a=1&antichambre=/)
      const pass = location.searchParams.get('antichambre') ?? ''
      const outcome = verifyPass(pass, {
        room: 'demo',
        nonceHashes: [NONCE],
        nowMs: world.now(),
        keys: world.keys.gateKeys('demo'),
      })
      expect(outcome).toMatchObject({ status: 'valid' })
      expect(insideOf(await world.houseOf('demo'))).toBe(visitor)
      world.pass(1_001)
    }
  })

  test('reads nothing anew within a second of the last visitor', async () => {
    const world = await autoRoom()
    await go(world)
    const before = world.commands.length
    await go(world)
    expect(world.commands.slice(before)).toEqual(['UpdateItemCommand'])
  })

  test('sends everybody to the page as soon as somebody waits, and keeps their address', async () => {
    const world = await autoRoom()
    await createVisitor(world.visitors).post('/tickets')
    world.pass(1_001)
    const writes = world.writes()
    const answer = await go(world)
    expect([answer.status, world.writes() - writes]).toEqual([302, 0])
    const page = new URL(locationOf(answer), 'https://room.example')
    expect(page.origin + page.pathname).toBe('https://room.example/r/demo')
    expect(Object.fromEntries(page.searchParams)).toEqual({ to: TO, nonce: NONCE, tried: '1' })
  })

  test('lets nobody overtake the line of a group, nor the line by a group', async () => {
    const groups = [{ name: 'vip', sharePercent: 10 }]
    const world = await autoRoom({ groups, ratePerMinute: 60 })
    const { body } = await world.operator('POST', '/demo/invitations', { group: 'vip' })
    const [{ token } = { token: '' }] = body.invitations as { token: string }[]
    await createVisitor(world.visitors, 'demo~vip').post('/tickets', { invitation: token })
    world.pass(1_001)
    expect(locationOf(await go(world))).toMatch(/^\/r\/demo\?/)
    await world.run('demo', 20)
    expect(locationOf(await go(world))).toMatch(/^https:\/\/shop\.example\//)
    await createVisitor(world.visitors).post('/tickets')
    world.pass(1_001)
    const byGroup = await createVisitor(world.visitors, 'demo~vip').get('/through')
    expect(locationOf(byGroup)).toBe('/r/demo~vip?tried=1')
  })

  test.each([
    ['HEAD', {}],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ['GET', { purpose: 'preview' }],
  ])('failure mode 41: %s %j takes no seat and leads nowhere', async (method, headers) => {
    const world = await autoRoom()
    const writes = world.writes()
    const answer = await world.visitor(THROUGH, { method, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([204, null])
    expect(world.writes()).toBe(writes)
  })

  test.each([
    '//evil.example/x',
    '/\\evil.example',
    'https://shop.example@evil.example/',
    'https://shop.example.evil.example/',
    'http://shop.example/',
    'javascript:alert(1)',
    'https://shop.example/\r\nset-cookie:a=b',
    'x'.repeat(2_001),
  ])(
    'failure mode 27: the return address %j takes no seat and never becomes a redirect',
    async to => {
      const world = await autoRoom()
      const answer = await go(world, `/r/demo/through?${new URLSearchParams({ to })}`)
      expect(answer.status).toBe(302)
      expect(locationOf(answer)).toMatch(/^\/r\/demo\?to=[^/]*&tried=1$/)
      expect((await world.houseOf('demo')).entered).toBe(0)
    },
  )

  test('gives a pass that no gate asked for to a browser whose nonce is none', async () => {
    const world = await autoRoom()
    const answer = await go(world, '/r/demo/through?nonce=short')
    const pass = new URL(locationOf(answer)).searchParams.get('antichambre') ?? ''
    expect(
      verifyPass(pass, {
        room: 'demo',
        nonceHashes: ['short'],
        nowMs: world.now(),
        keys: world.keys.gateKeys('demo'),
      }),
    ).toEqual({
      status: 'invalid',
      reason: 'foreign-browser',
    })
  })

  test('sends to the page, with nothing lost, while the database is busy', async () => {
    const world = await autoRoom()
    const leaseOpenWay = () => Promise.reject(new StoreBusyError('busy'))
    const app = visitorApp({ ...world, store: { ...world.store, leaseOpenWay } })
    const answer = await request(app, THROUGH)
    expect([answer.status, locationOf(answer).slice(0, 8)]).toEqual([302, '/r/demo?'])
  })

  test('is not open before the sale, in a pause, when sold out, and after the end', async () => {
    const world = await createWorld()
    const opensAt = '2026-12-01T06:00:05Z'
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'auto', stock: 9, opensAt })
    const isOpen = async () => {
      world.pass(1_001)
      return locationOf(await go(world)).startsWith('https://shop.example/')
    }
    expect(await isOpen()).toBe(false)
    await world.run('demo', 10)
    expect(await isOpen()).toBe(true)
    await world.operator('POST', '/demo/pause')
    expect(await isOpen()).toBe(false)
    await world.operator('POST', '/demo/resume')
    expect(await isOpen()).toBe(true)
    await world.operator('PATCH', '/demo', { stock: 0 })
    expect(await isOpen()).toBe(false)
    await world.operator('POST', '/demo/end')
    expect(await isOpen()).toBe(false)
  })

  test('is none of an unknown room', async () => {
    const world = await createWorld()
    expect(codeOf(await world.visitor('/r/nowhere/through'))).toBe('unknown-room')
    await autoRoom()
    expect(codeOf(await world.visitor('/r/demo~nobody/through'))).toBe('unknown-room')
  })
})

describe('the other modes', () => {
  test('a room with a line sends everybody to the page', async () => {
    const world = await autoRoom({ mode: 'line' })
    expect(locationOf(await go(world))).toMatch(/^\/r\/demo\?/)
  })

  test('a room that is switched off lets everybody through, without a write, and never counts them', async () => {
    const world = await autoRoom({ mode: 'off', ratePerMinute: 1, capacity: 1 })
    const writes = world.writes()
    for (let visitor = 0; visitor < 20; visitor++) {
      expect(locationOf(await go(world))).toMatch(
        /^https:\/\/shop\.example\/sale\?a=1&antichambre=/,
      )
    }
    expect(world.writes()).toBe(writes)
    expect(insideOf(await world.houseOf('demo'))).toBe(0)
  })

  test('a room that is switched off with people in line lets each of them walk in at once', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 1 })
    const visitors = Array.from({ length: 5 }, () => createVisitor(world.visitors))
    for (const visitor of visitors) await visitor.post('/tickets')
    await world.run('demo', 3)
    expect((await world.stateOf('demo')).front).toBeLessThan(5)
    await world.operator('PATCH', '/demo', { mode: 'off' })
    world.pass(1_001)
    for (const visitor of visitors) expect((await visitor.post('/passes')).status).toBe(200)
  })

  test('a room that is switched off opens at its time all the same', async () => {
    const world = await createWorld()
    const opensAt = '2026-12-01T06:00:30Z'
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'off', opensAt })
    expect(locationOf(await go(world))).toMatch(/^\/r\/demo\?/)
    world.sent.splice(0)
    expect(await world.clock()).toBeGreaterThan(0)
    expect(world.sent[0]?.dueAtMs).toBe(Date.parse(opensAt))
    world.setNow(Date.parse(opensAt))
    await world.admit('demo')
    world.pass(1_001)
    expect(locationOf(await go(world))).toMatch(/^https:\/\/shop\.example\//)
    // And then it needs no ticks.
    await world.run('demo', 30)
    expect(await world.clock()).toBe(0)
  })

  test('a room that is closed tells so to all: those who join, those with a turn, and the page', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.run('demo', 4)
    await world.operator('PATCH', '/demo', { mode: 'closed' })
    world.pass(1_001)
    expect(codeOf(await createVisitor(world.visitors).post('/tickets'))).toBe('room-closed')
    const pass = await visitor.post('/passes')
    expect([pass.status, codeOf(pass)]).toEqual([409, 'room-closed'])
    expect((await visitor.get('/place')).body).toEqual({ status: 'closed', place: 1 })
    expect(await world.statusOf('demo')).toMatchObject({ phase: 'closed', mode: 'closed' })
    expect(locationOf(await go(world))).toMatch(/^\/r\/demo\?/)
    // Longer than the turn: it stands still meanwhile, and goes on at once.
    await world.admit('demo')
    world.pass(3_600_000)
    await world.operator('PATCH', '/demo', { mode: 'line' })
    world.pass(1_001)
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })
    await world.run('demo', 2)
    expect((await visitor.post('/passes')).status).toBe(200)
  })

  test('a closed room keeps its line: whoever had a ticket is let in after it', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 60 })
    const visitors = Array.from({ length: 8 }, () => createVisitor(world.visitors))
    for (const visitor of visitors) await visitor.post('/tickets')
    await world.run('demo', 3)
    const { front } = await world.stateOf('demo')
    await world.operator('PATCH', '/demo', { mode: 'closed' })
    await world.run('demo', 30)
    expect((await world.stateOf('demo')).front).toBe(front)
    await world.operator('PATCH', '/demo', { mode: 'line' })
    await world.run('demo', 12)
    expect((await world.stateOf('demo')).front).toBe(8)
  })
})
