import { describe, expect, test } from 'vitest'
import { signTicket } from '../../lib/queue/tokens/ticket.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const GATHERING = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T06:01:00Z' }

async function openRoom(world: World, config: object = {}) {
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ...config })
}

describe('bad input', () => {
  test.each([
    ['an unknown field', { attempt: 1, colour: 'red' }, 'bad-request', /colour: no such field/],
    ['a wrong type', { attempt: 'one' }, 'bad-request', /attempt/],
    ['zero attempts', { attempt: 0 }, 'bad-request', /attempt/],
    ['a list', [], 'bad-request', /body/],
    ['broken JSON', '{"attempt":', 'bad-json', /JSON/],
  ])('failure mode 1: a join with %s burns no place', async (_, body, code, message) => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const answer = await createVisitor(world.visitors).post('/tickets', body)
    expect(answer.status).toBe(400)
    expect(codeOf(answer)).toBe(code)
    expect(answer.text).toMatch(message)
    expect(await world.store.sizes('demo', 0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  test('a body over 4,096 bytes is 413, one of 4,096 bytes is read; another media type is 415', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    const body = (bytes: number) => `{"attempt":1${' '.repeat(bytes - 13)}}`
    expect(codeOf(await visitor.post('/tickets', body(4_097)))).toBe('too-large')
    expect((await visitor.post('/tickets', body(4_096))).status).toBe(201)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(codeOf(await visitor.post('/passes', 'a=b', form))).toBe('wrong-media-type')
  })

  test('an unknown room is 404 on every route, whatever its name', async () => {
    const world = await createWorld()
    for (const room of ['nowhere', 'UPPER', '%2e%2e%2f', 'a'.repeat(200), '__proto__']) {
      expect(codeOf(await world.visitor(`/r/${room}/status`))).toBe('unknown-room')
    }
    const visitor = createVisitor(world.visitors, 'nowhere')
    for (const path of ['/cohorts/0', '/ticket', '/place', '/jwks.json']) {
      expect(codeOf(await visitor.get(path))).toBe('unknown-room')
    }
    expect(codeOf(await visitor.post('/tickets'))).toBe('unknown-room')
    expect(codeOf(await visitor.post('/passes'))).toBe('unknown-room')
    expect(codeOf(await world.visitor('/r/demo/nothing'))).toBe('not-found')
    const nothing = await world.visitor('/')
    expect(codeOf(nothing)).toBe('not-found')
    expect(JSON.stringify(nothing.body)).toContain('a room is at /r/ROOM')
  })

  test('forged, truncated, expired, foreign-room and unsigned tickets are bad-ticket, and never come back', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const good = (await createVisitor(world.visitors).post('/tickets')).body as Record<
      string,
      string
    >
    const ticket = { room: 'demo', id: '0.0.0', cohort: 0, shard: 0, index: 0, commitment: 'c' }
    const [key] = world.keys.ticketKeys
    if (key === undefined) throw new Error('no key')
    const [header = '', payload = ''] = (good.ticket ?? '').split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const bad = {
      forged: signTicket(ticket, world.now(), { id: 'k1', secret: new Uint8Array(32) }),
      truncated: (good.ticket ?? '').slice(0, -1),
      unsigned: `${none}.${payload}.`,
      headless: `${header}.${payload}.`,
      foreign: signTicket({ ...ticket, room: 'other' }, world.now(), key),
      expired: signTicket(ticket, world.now() - 31 * 86_400_000, key),
      huge: 'x'.repeat(10_000),
    }
    for (const [kind, token] of Object.entries(bad)) {
      const visitor = createVisitor(world.visitors)
      visitor.jar.set('antichambre.ticket', token)
      const answer = await visitor.get('/place')
      expect([kind, answer.status, codeOf(answer)]).toEqual([kind, 401, 'bad-ticket'])
      expect(answer.text).not.toContain(token.slice(-20))
      expect(codeOf(await visitor.post('/passes'))).toBe('bad-ticket')
      expect(codeOf(await visitor.get('/ticket'))).toBe('no-ticket')
      expect((await visitor.post('/tickets')).status).toBe(201)
    }
  })

  test('failure mode 34: foreign and broken cookies beside ours do no harm', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const visitor = createVisitor(world.visitors)
    const { body } = await visitor.post('/tickets')
    const cookie = `a=%E0%A4%A; =; antichambre.ticket=forged; antichambre.ticket=${body.ticket}; b="x`
    const answer = await world.visitor('/r/demo/ticket', { headers: { cookie } })
    expect(answer.body).toEqual(body)
  })

  test('failure mode 42: no error text or log holds a token or an address', async () => {
    const world = await createWorld()
    await openRoom(world, GATHERING)
    const answer = await world.visitor('/r/demo/passes', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'antichambre.ticket=secret-token' },
      body: JSON.stringify({ to: 'https://secret.example/' }),
    })
    expect(answer.text).not.toMatch(/secret/)
  })
})
