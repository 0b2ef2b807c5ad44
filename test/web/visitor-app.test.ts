import { describe, expect, test } from 'vitest'
import { placeIn } from '../../lib/queue/cohort/place.ts'
import { commitmentOf } from '../../lib/queue/cohort/record.ts'
import { insideOf } from '../../lib/queue/house/house.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const GATHERING = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T06:01:00Z' }
const NONCE = 'n'.repeat(43)

async function openRoom(world: World, config: object = {}) {
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ...config })
}

describe('a visitor walks the whole way', () => {
  test('joins, is drawn when the sale opens, takes the turn, and the pass is good at the gate', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)

    const joined = await visitor.post('/tickets')
    expect(joined.status).toBe(201)
    expect(joined.body.id).toMatch(/^0\.\d\.0$/)
    expect(joined.headers.getSetCookie()[0]).toMatch(
      /antichambre.ticket=[\w.-]+; Max-Age=\d+; Path=\/r\/demo; HttpOnly; Secure; SameSite=Lax/,
    )
    expect((await visitor.get('/place')).body).toEqual({ status: 'drawing' })
    expect(codeOf(await visitor.post('/passes'))).toBe('not-yet')
    expect(codeOf(await visitor.get('/cohorts/0'))).toBe('cohort-open')

    await world.run('demo', 61)
    const record = await visitor.get('/cohorts/0')
    expect(record.status).toBe(200)
    expect(record.body.commitment).toBe(joined.body.commitment)
    expect(commitmentOf(Buffer.from(String(record.body.seed), 'base64url'))).toBe(
      joined.body.commitment,
    )
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })

    const taken = await visitor.post('/passes', {
      nonce: NONCE,
      to: 'https://shop.example/sale?a=1',
    })
    expect(taken.status).toBe(200)
    const location = new URL(String(taken.body.location))
    expect(location.href).toMatch(/^https:\/\/shop\.example\/sale\?a=1&antichambre=/)
    const pass = location.searchParams.get('antichambre') ?? ''
    const outcome = verifyPass(pass, {
      room: 'demo',
      nonceHashes: [NONCE],
      nowMs: world.now(),
      keys: world.keys.gateKeys('demo'),
    })
    expect(outcome).toMatchObject({ status: 'valid', pass: { sub: joined.body.id } })
    expect(taken.body.expiresAtMs).toBe(world.now() + 60_000)
  })

  test('a second join of the same browser gives the same ticket with 200', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    const first = await visitor.post('/tickets')
    const second = await visitor.post('/tickets', { attempt: 2 })
    expect(second.status).toBe(200)
    expect(second.body).toEqual(first.body)
    expect((await visitor.get('/ticket')).body).toEqual(first.body)
    expect((await visitor.get('/status')).body.waiting).toBe(1)
  })

  test('many who come at once, on several instances, get places 1 .. n', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const apps = [world.visitors, world.anotherInstance(), world.anotherInstance()]
    const joins = Array.from({ length: 300 }, (_, index) =>
      createVisitor(apps[index % 3] ?? world.visitors).post('/tickets'),
    )
    const tickets = (await Promise.all(joins)).map(answer => answer.body)
    await world.run('demo', 62)
    const record = (await world.visitor('/r/demo/cohorts/0')).body as never
    const places = tickets.map(({ shard, index }) => placeIn(record, Number(shard), Number(index)))
    expect(new Set(places).size).toBe(300)
    const status = (await world.visitor('/r/demo/status')).body
    expect(Math.max(...places)).toBeLessThanOrEqual(Number(status.tail))
  })

  test('a visitor who comes after the opening is let in a few seconds later', async () => {
    const world = await createWorld()
    await openRoom(world)
    await world.run('demo', 30)
    const visitor = createVisitor(world.visitors)
    expect((await visitor.post('/tickets')).status).toBe(201)
    await world.admit('demo')
    await world.run('demo', 4)
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })
  })

  test('a join in a sleeping room wakes it, and the room falls asleep again', async () => {
    const world = await createWorld()
    await openRoom(world)
    await world.run('demo', 30)
    expect(await world.clock()).toBe(0)
    world.sent.length = 0
    await createVisitor(world.visitors).post('/tickets')
    expect(world.sent).toHaveLength(1)
    await world.admit('demo')
    expect(world.sent.length).toBeGreaterThan(60)
    expect(await world.clock()).toBeGreaterThan(60)
    await world.run('demo', 30)
    expect(await world.clock()).toBe(0)
  })
})

describe('taking a turn', () => {
  async function admitted(config: object = {}) {
    const world = await createWorld()
    await openRoom(world, { ...GATHERING, ...config })
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.run('demo', 61)
    return { world, visitor }
  }

  test('asked for again it is the same entry: same pass id, same end of session, counted once', async () => {
    const { world, visitor } = await admitted()
    const passOf = (answer: { body: Record<string, unknown> }) => {
      const token = new URL(String(answer.body.location)).searchParams.get('antichambre') ?? ''
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    }
    const first = passOf(await visitor.post('/passes', { nonce: NONCE }))
    world.pass(90_000)
    const again = passOf(await visitor.post('/passes', { nonce: NONCE }))
    expect(again).toMatchObject({ jti: first.jti, sessionExp: first.sessionExp })
    expect(again.exp).toBeGreaterThan(first.exp)
    expect((await world.houseOf('demo')).entered).toBe(1)
  })

  test('failure mode 4: parallel claims of one visitor count once', async () => {
    const { world, visitor } = await admitted()
    const claims = Array.from({ length: 20 }, () => visitor.post('/passes', { nonce: NONCE }))
    const statuses = (await Promise.all(claims)).map(answer => answer.status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(insideOf(await world.houseOf('demo'))).toBe(1)
  })

  test('failure mode 25: another browser with the same ticket does not get a pass', async () => {
    const { visitor } = await admitted()
    expect((await visitor.post('/passes', { nonce: NONCE })).status).toBe(200)
    expect(codeOf(await visitor.post('/passes', { nonce: 'o'.repeat(43) }))).toBe('already-entered')
    expect(codeOf(await visitor.post('/passes', {}))).toBe('already-entered')
  })

  test('is possible until the turn ends and not a millisecond longer', async () => {
    const { world, visitor } = await admitted({ turnSeconds: 60 })
    const { turnEndsAtMs } = (await visitor.get('/place')).body as { turnEndsAtMs: number }
    world.setNow(turnEndsAtMs - 1)
    expect((await visitor.get('/place')).body.status).toBe('admitted')
    world.setNow(turnEndsAtMs)
    expect((await visitor.get('/place')).body).toEqual({
      status: 'missed',
      place: 1,
      lateSeats: 0,
    })
    expect(codeOf(await visitor.post('/passes'))).toBe('turn-missed')
    world.setNow(turnEndsAtMs - 1)
    expect((await visitor.post('/passes')).status).toBe(200)
    world.setNow(turnEndsAtMs + 1)
    expect(codeOf(await visitor.post('/passes'))).toBe('already-entered')
  })

  test('is refused with its own code while paused, sold out and after the end; a pause keeps the turn', async () => {
    const { world, visitor } = await admitted({ turnSeconds: 60 })
    await world.operator('POST', '/demo/pause')
    world.pass(300_000)
    expect(codeOf(await visitor.post('/passes'))).toBe('room-paused')
    expect((await visitor.get('/place')).body).toEqual({ status: 'paused', place: 1 })
    await world.admit('demo')
    await world.operator('POST', '/demo/resume')
    world.pass(1_001)
    expect((await visitor.get('/place')).body.status).toBe('admitted')
    await world.operator('PATCH', '/demo', { stock: 0 })
    world.pass(1_001)
    expect(codeOf(await visitor.post('/passes'))).toBe('sold-out')
    expect(codeOf(await createVisitor(world.visitors).post('/tickets'))).toBe('sold-out')
    await world.operator('POST', '/demo/end')
    world.pass(1_001)
    expect(codeOf(await visitor.post('/passes'))).toBe('room-ended')
    expect(codeOf(await createVisitor(world.visitors).post('/tickets'))).toBe('room-ended')
  })

  test.each([
    ['//evil.example/x'],
    ['/\\evil.example'],
    ['https:\\\\evil.example'],
    ['https://shop.example@evil.example/'],
    ['https://shop.example%2eevil.example/'],
    ['https://user:password@shop.example/'],
    ['https://shop.example.evil.example/'],
    ['http://shop.example/'],
    ['https://shop.example:8443/'],
    ['javascript:alert(1)'],
    ['https://shop.example/\t//evil.example'],
    ['https://shop.example/\r\nset-cookie:a=b'],
  ])('failure mode 27: the return address %j is refused, and nobody is entered by it', async to => {
    const { world, visitor } = await admitted()
    const answer = await visitor.post('/passes', { to })
    expect(codeOf(answer)).toBe('bad-return-address')
    expect(answer.text).not.toContain('evil')
    expect((await world.houseOf('demo')).entered).toBe(0)
  })
})

describe('caching', () => {
  test('failure modes 37 and 38: shared answers are cacheable and carry no cookie, own answers are not', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    const joined = await visitor.post('/tickets')
    await world.run('demo', 61)
    const cacheControl = async (path: string) => {
      const answer = await visitor.get(path)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.headers.get('vary')).toBeNull()
      return answer.headers.get('cache-control')
    }
    expect(await cacheControl('/status')).toBe('public, max-age=1')
    expect(await cacheControl('/cohorts/0')).toBe('public, max-age=31536000, immutable')
    expect(await cacheControl('/cohorts/1')).toBe('no-store')
    expect(await cacheControl('/place')).toBe('no-store')
    expect(await cacheControl('/ticket')).toBe('no-store')
    expect(joined.headers.get('cache-control')).toBe('no-store')
    expect((await visitor.post('/passes')).headers.get('cache-control')).toBe('no-store')
  })

  test('no GET but the plain page and the open way changes anything (failure mode 41)', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.run('demo', 61)
    const send = world.client.send.bind(world.client)
    const commands: string[] = []
    world.client.send = ((command: { constructor: { name: string } }, ...rest: []) => {
      commands.push(command.constructor.name)
      return send(command as never, ...rest)
    }) as never
    for (const path of ['/status', '/cohorts/0', '/ticket', '/place', '/jwks.json']) {
      await visitor.get(path)
    }
    world.pass(2_000)
    for (const path of ['/status', '/cohorts/0', '/ticket', '/place', '/jwks.json']) {
      await createVisitor(world.anotherInstance()).get(path)
    }
    expect(commands.length).toBeGreaterThan(0)
    expect(commands.filter(name => /Put|Update|Delete|Write/.test(name))).toEqual([])
  })
})
