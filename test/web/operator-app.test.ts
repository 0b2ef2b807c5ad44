import { describe, expect, test } from 'vitest'
import {
  codeOf,
  createVisitor,
  createWorld,
  OPERATOR_TOKEN,
  request,
  SHOWROOM,
} from '../support/world.ts'

const ROUTES: [string, string][] = [
  ['GET', ''],
  ['GET', '/demo'],
  ['PUT', '/demo'],
  ['PATCH', '/demo'],
  ['DELETE', '/demo'],
  ['POST', '/demo/open'],
  ['POST', '/demo/pause'],
  ['POST', '/demo/resume'],
  ['POST', '/demo/end'],
  ['POST', '/demo/let-in'],
  ['POST', '/demo/health'],
  ['POST', '/demo/invitations'],
  ['GET', '/demo/history'],
  ['GET', '/demo/nothing'],
]

describe('who may operate', () => {
  test('failure mode 41: every operator route is closed without the token, with a wrong one, and changes nothing', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    const headers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${OPERATOR_TOKEN}` },
      { authorization: `Bearer ${OPERATOR_TOKEN}x` },
      { authorization: `Bearer ${OPERATOR_TOKEN}`, 'x-viewer-authorization': 'Bearer wrong' },
      { cookie: `token=${OPERATOR_TOKEN}` },
    ]
    for (const [method, path] of ROUTES) {
      for (const sent of headers) {
        const answer = await request(
          world.operators,
          `/operator/api/rooms${path}?token=${OPERATOR_TOKEN}`,
          {
            method,
            headers: { 'content-type': 'application/json', ...sent },
          },
        )
        expect([method, path, answer.status]).toEqual([method, path, 401])
        expect(answer.text).not.toContain(OPERATOR_TOKEN)
      }
    }
    expect((await world.operator('GET', '/demo')).body).toMatchObject({
      version: 0,
      phase: 'gathering',
    })
  })

  test('the copied header counts before Authorization, which CloudFront replaces', async () => {
    const world = await createWorld()
    const answer = await request(world.operators, '/operator/api/rooms', {
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=…'.replace('…', 'x'),
        'x-viewer-authorization': `Bearer ${OPERATOR_TOKEN}`,
      },
    })
    expect(answer.status).toBe(200)
  })
})

describe('putting a room', () => {
  test('makes it with its defaults, replaces it, lists it, and removes it', async () => {
    const world = await createWorld()
    const made = await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      room: 'demo',
      config: {
        showroomUrl: SHOWROOM,
        allowedOrigins: ['https://shop.example'],
        opensAt: '2026-12-01T06:00:00.000Z',
        arrivalWindowSeconds: 5,
        batchSeconds: 2,
        ratePerMinute: 600,
        capacity: null,
        stock: null,
        turnSeconds: 600,
        sessionSeconds: 900,
      },
    })
    const again = await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, capacity: 400 })
    expect([again.status, again.body.version]).toEqual([200, 1])
    expect((await world.operator('GET', '')).body).toMatchObject({ rooms: [{ room: 'demo' }] })
    expect((await world.operator('DELETE', '/demo')).status).toBe(204)
    expect(codeOf(await world.operator('GET', '/demo'))).toBe('unknown-room')
    expect(codeOf(await world.operator('DELETE', '/demo'))).toBe('unknown-room')
    expect((await world.operator('GET', '')).body).toEqual({ rooms: [] })
  })

  test('with two mistakes names both, what came and what is allowed, and makes no room', async () => {
    const world = await createWorld()
    const answer = await world.operator('PUT', '/demo', {
      showroomUrl: SHOWROOM,
      batchSeconds: 0,
      color: 'red',
    })
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request'])
    const { message } = answer.body.error as { message: string }
    expect(message).toContain('batchSeconds: 0 came, a whole number from 1 to 60 is allowed')
    expect(message).toContain('color: no such field')
    expect(codeOf(await world.operator('GET', '/demo'))).toBe('unknown-room')
  })

  test('refuses bad ids, broken JSON, other media types and bodies over the bound', async () => {
    const world = await createWorld()
    for (const id of ['UPPER', 'a_b', '-a', 'a'.repeat(64), '%2e%2e%2f']) {
      expect(codeOf(await world.operator('PUT', `/${id}`, { showroomUrl: SHOWROOM }))).toBe(
        'bad-room-id',
      )
    }
    const put = (body: string, type = 'application/json') =>
      request(world.operators, '/operator/api/rooms/demo', {
        method: 'PUT',
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': type },
        body,
      })
    expect(codeOf(await put('{'))).toBe('bad-json')
    expect(codeOf(await put('{}', 'text/plain'))).toBe('wrong-media-type')
    const padded = (bytes: number) => {
      const json = JSON.stringify({ showroomUrl: SHOWROOM })
      return `${json}${' '.repeat(bytes - json.length)}`
    }
    expect(codeOf(await put(padded(32_769)))).toBe('too-large')
    expect((await put(padded(32_768))).status).toBe(201)
  })

  test('eight at once make one room', async () => {
    const world = await createWorld()
    const puts = Array.from({ length: 8 }, () =>
      world.operator('PUT', '/demo', { showroomUrl: SHOWROOM }),
    )
    const statuses = (await Promise.all(puts)).map(answer => answer.status)
    expect(statuses.filter(status => status === 201)).toHaveLength(1)
    expect(statuses.every(status => [200, 201, 409].includes(status))).toBe(true)
  })
})

describe('running a room', () => {
  test('open opens at once, pause holds, resume goes on, end ends; each is in the history', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', {
      showroomUrl: SHOWROOM,
      opensAt: null,
      ratePerMinute: 30,
    })
    for (let visitor = 0; visitor < 10; visitor++)
      await createVisitor(world.visitors).post('/tickets')
    expect((await world.operator('POST', '/demo/open')).body.phase).toBe('open')
    await world.run('demo', 4)
    const front = async () => {
      world.pass(1_001)
      return (await world.visitor('/r/demo/status')).body.front
    }
    expect(await front()).toBeGreaterThan(1)
    const held = await front()
    expect((await world.operator('POST', '/demo/pause')).body.phase).toBe('paused')
    await world.run('demo', 30)
    expect(await front()).toBe(held)
    await world.operator('POST', '/demo/resume')
    await world.run('demo', 3)
    // The pause earned nothing: a batch or two, not the fifteen that it lasted (failure mode 10).
    expect(Number(await front()) - Number(held)).toBeLessThanOrEqual(3)
    expect((await world.operator('POST', '/demo/end')).body.phase).toBe('ended')
    expect(codeOf(await world.operator('POST', '/demo/open'))).toBe('room-ended')
    const { entries } = (await world.operator('GET', '/demo/history')).body as {
      entries: { kind: string }[]
    }
    const kinds = entries.map(entry => entry.kind).filter(kind => kind !== 'minute')
    expect(kinds).toEqual(['end', 'resume', 'pause', 'open', 'made'])
  })

  test('an action done twice is done once', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt: null })
    const state = (answer: { body: Record<string, unknown> }) => answer.body.state
    const first = await world.operator('POST', '/demo/pause')
    world.pass(5_000)
    expect(state(await world.operator('POST', '/demo/pause'))).toEqual(state(first))
  })

  test('patching changes what it names and nothing else; what cannot be patched is refused by name', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, capacity: 7 })
    const patched = await world.operator('PATCH', '/demo', { ratePerMinute: 60, message: 'Hello' })
    expect(patched.body.config).toMatchObject({ ratePerMinute: 60, message: 'Hello', capacity: 7 })
    const refused = await world.operator('PATCH', '/demo', { turnSeconds: 60, ratePerMinute: -1 })
    const { message } = refused.body.error as { message: string }
    expect(message).toMatch(/turnSeconds: no such field/)
    expect(message).toMatch(/ratePerMinute: -1 came/)
    expect((await world.operator('PATCH', '/demo', { capacity: null })).body.config).toMatchObject({
      capacity: null,
      ratePerMinute: 60,
    })
  })

  test('the opening earlier or later moves nobody: those who joined keep their tickets', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt: '2026-12-01T07:00:00Z' })
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    await world.operator('PATCH', '/demo', { opensAt: '2026-12-01T06:00:10Z' })
    await world.run('demo', 11)
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted', place: 1 })
  })

  test('capacity is never exceeded by people inside and open turns together', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', {
      showroomUrl: SHOWROOM,
      opensAt: null,
      capacity: 5,
      ratePerMinute: 6_000,
      turnSeconds: 60,
    })
    const visitors = Array.from({ length: 30 }, () => createVisitor(world.visitors))
    for (const visitor of visitors) {
      await visitor.post('/tickets')
      world.pass(1_000)
    }
    await world.operator('POST', '/demo/open')
    const entered = async () => (await world.houseOf('demo')).entered
    let front = 0
    for (let round = 0; round < 40 && (await entered()) < 5; round++) {
      await world.run('demo', 5)
      for (const visitor of visitors) await visitor.post('/passes')
      world.pass(1_001)
      front = Number((await world.visitor('/r/demo/status')).body.front)
      expect(await entered()).toBeLessThanOrEqual(5)
    }
    expect(await entered()).toBe(5)
    // Five are inside and stay: the others' turns are over by now, and still nobody else is let in.
    await world.run('demo', 61)
    world.pass(1_001)
    expect((await world.visitor('/r/demo/status')).body.front).toBe(front)
  })
})
