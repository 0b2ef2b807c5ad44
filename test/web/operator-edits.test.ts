import { describe, expect, test } from 'vitest'
import { type Answer, codeOf, createWorld, SHOWROOM, type World } from '../support/world.ts'

async function room(config: object = {}): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ...config })
  return world
}

const messageOf = (answer: Answer) => (answer.body.error as { message: string }).message
const edit = (world: World, body: object, version: string) =>
  world.operator('PATCH', '/demo', body, { 'if-match': version })
const versionOf = async (world: World) => (await world.operator('GET', '/demo')).body.version

describe('an edit with the version that its operator saw', () => {
  test('is made when nobody was faster, quoted or not, and says the next version', async () => {
    const world = await room()
    for (const [version, header] of [
      [1, '"0"'],
      [2, '1'],
      [3, '*'],
    ] as const) {
      const answer = await edit(world, { ratePerMinute: 60 + version }, header)
      expect([answer.status, answer.body.version]).toEqual([200, version])
    }
  })

  test('is refused when others changed the room since, and says what, and to what', async () => {
    const world = await room({ capacity: 9 })
    await world.operator('PATCH', '/demo', { ratePerMinute: 60, message: 'Soon' })
    world.pass(1_000)
    await world.operator('PATCH', '/demo', { capacity: 7 })
    world.pass(1_000)
    await world.operator('PATCH', '/demo', { capacity: 8 })
    const answer = await edit(world, { ratePerMinute: 1 }, '"1"')
    expect([answer.status, codeOf(answer)]).toEqual([409, 'edit-conflict'])
    expect(messageOf(answer)).toBe('version 1 came, 3 is there; changed since: capacity')
    expect(answer.body).toMatchObject({ version: 3, changed: { capacity: 8 } })
    const all = await edit(world, { ratePerMinute: 1 }, '"0"')
    expect(all.body.changed).toEqual({ ratePerMinute: 60, message: 'Soon', capacity: 8 })
    expect((await world.operator('GET', '/demo')).body).toMatchObject({
      version: 3,
      config: { ratePerMinute: 60, capacity: 8 },
    })
  })

  test('is refused for a put like for a patch, and what the showroom told is named too', async () => {
    const world = await room({ stock: 97 })
    await world.tell('stock', 'demo', { left: 40, at: '2026-12-01T06:00:00Z' })
    await world.hear()
    const put = await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM }, { 'if-match': '0' })
    expect([put.status, codeOf(put)]).toEqual([409, 'edit-conflict'])
    expect(put.body.changed).toMatchObject({ stockLeft: 40 })
    expect((await world.operator('GET', '/demo')).body.config).toMatchObject({ stock: 97 })
  })

  test('shows lists and objects that changed as JSON', async () => {
    const world = await room()
    const ratePlan = [{ at: '2026-12-01T07:00:00Z', ratePerMinute: 60 }]
    await world.operator('PATCH', '/demo', { ratePlan, health: { latencyMs: 90 } })
    const { changed } = (await edit(world, {}, '0')).body as { changed: Record<string, string> }
    expect(JSON.parse(changed.ratePlan ?? '')).toEqual(ratePlan)
    expect(JSON.parse(changed.health ?? '')).toMatchObject({ latencyMs: 90 })
  })

  test('from the future, or of a room that is not there, is refused too', async () => {
    const world = await room()
    const future = await edit(world, {}, '"7"')
    expect([future.status, messageOf(future)]).toEqual([
      409,
      'version 7 came, 0 is there; changed since: nothing that is kept',
    ])
    const gone = await world.operator(
      'PUT',
      '/gone',
      { showroomUrl: SHOWROOM },
      { 'if-match': '3' },
    )
    expect([gone.status, codeOf(gone)]).toEqual([404, 'unknown-room'])
    expect(codeOf(await world.operator('GET', '/gone'))).toBe('unknown-room')
  })

  test.each(['', 'W/"1"', '"1", "2"', '-1', '1.5', 'abc', '"', '1'.repeat(16)])(
    'is refused with the header %j, and changes nothing',
    async header => {
      const world = await room()
      const answer = await edit(world, { ratePerMinute: 1 }, header)
      expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request'])
      expect(messageOf(answer)).toBe('if-match: a version such as "3" is allowed')
      expect(await versionOf(world)).toBe(0)
    },
  )

  test('of ten at once is made by one, and told to the nine', async () => {
    const world = await room()
    const edits = Array.from({ length: 10 }, (_, n) => edit(world, { ratePerMinute: n }, '"0"'))
    const statuses = (await Promise.all(edits)).map(({ status }) => status)
    expect(statuses.filter(status => status === 200)).toHaveLength(1)
    expect(statuses.filter(status => status === 409)).toHaveLength(9)
    expect(await versionOf(world)).toBe(1)
  })

  test('is guarded against edits alone: ticks, pauses and reports do not stand in its way', async () => {
    const world = await room()
    await world.run('demo', 5)
    await world.operator('POST', '/demo/pause')
    await world.operator('POST', '/demo/health', { alarm: true })
    expect((await edit(world, { ratePerMinute: 1 }, '"0"')).status).toBe(200)
  })
})

describe('letting in by hand', () => {
  const letIn = (world: World, body: unknown) => world.operator('POST', '/demo/let-in', body)

  test('owes the places, and says so in the history', async () => {
    const world = await room()
    const answer = await letIn(world, { places: 50 })
    expect([answer.status, (answer.body.state as { manual: number }).manual]).toEqual([200, 50])
    const { entries } = (await world.operator('GET', '/demo/history')).body as { entries: object[] }
    expect(entries).toContainEqual(
      expect.objectContaining({ kind: 'let-in', facts: { places: 50 } }),
    )
  })

  test.each([0, -1, 1.5, 100_001, '5', null, undefined])(
    'is refused for %j places',
    async places => {
      const world = await room()
      const answer = await letIn(world, { places })
      expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request'])
      expect(messageOf(answer)).toMatch(
        /^places: .+ came, a whole number from 1 to 100000 is allowed$/,
      )
    },
  )

  test('is refused beyond what may be owed, without a body, and with a field that is none', async () => {
    const world = await room()
    expect((await letIn(world, { places: 100_000 })).status).toBe(200)
    expect(messageOf(await letIn(world, { places: 1 }))).toBe(
      'places: 1 came with 100000 owed, together at most 100000 are allowed',
    )
    expect(codeOf(await letIn(world, undefined))).toBe('bad-json')
    expect(messageOf(await letIn(world, { places: 1, who: 'me' }))).toBe('who: no such field')
    expect(codeOf(await world.operator('POST', '/nowhere/let-in', { places: 1 }))).toBe(
      'unknown-room',
    )
    await world.operator('POST', '/demo/end')
    expect(codeOf(await letIn(world, { places: 1 }))).toBe('room-ended')
  })
})

describe('a report of health', () => {
  const report = (world: World, body: unknown) => world.operator('POST', '/demo/health', body)

  test('slows everybody down at the next tick, says why, and lets go again', async () => {
    const world = await room({ ratePerMinute: 600, health: { holdSeconds: 5 } })
    await world.run('demo', 2)
    expect((await report(world, { latencyMs: 9_000, errorRate: 0 })).status).toBe(200)
    await world.run('demo', 1)
    expect((await world.statusOf('demo')).ratePerMinute).toBe(300)
    await report(world, { alarm: false })
    await world.run('demo', 5)
    expect((await world.statusOf('demo')).ratePerMinute).toBe(360)
    await world.run('demo', 20)
    expect((await world.statusOf('demo')).ratePerMinute).toBe(600)
  })

  test.each([
    [{}, /^latencyMs: nothing came, .+; errorRate: nothing came, a number from 0 to 1 is allowed$/],
    [{ latencyMs: -1, errorRate: 0 }, /^latencyMs: -1 came, a number from 0 to 600000 is allowed$/],
    [{ latencyMs: 600_001, errorRate: 0 }, /^latencyMs: 600001 came/],
    [{ latencyMs: 5, errorRate: 1.01 }, /^errorRate: 1.01 came, a number from 0 to 1 is allowed$/],
    [{ latencyMs: 5, errorRate: -0.1 }, /^errorRate: -0.1 came/],
    [{ latencyMs: '5', errorRate: null }, /^latencyMs: a text came, .+; errorRate: null came/],
    [{ latencyMs: 5 }, /^errorRate: nothing came/],
    [{ alarm: 'yes' }, /^alarm: a text came, true or false is allowed$/],
    [{ alarm: 1 }, /^alarm: 1 came/],
    [{ alarm: true, latencyMs: 5 }, /^latencyMs: no such field$/],
    [{ latencyMs: 5, errorRate: 0, cpu: 1 }, /^cpu: no such field$/],
    [[], /^body: a list came, an object is allowed$/],
    [null, /^body: null came, an object is allowed$/],
  ])('is refused by name for %j', async (body, message) => {
    const world = await room()
    const answer = await report(world, body)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'bad-request'])
    expect(messageOf(answer)).toMatch(message)
    expect((await world.stateOf('demo')).health).toBeNull()
  })

  test('of nobody, or of a room that is not there, changes nothing', async () => {
    const world = await room()
    const headers = { authorization: 'Bearer nobody' }
    const answer = await world.operator('POST', '/demo/health', { alarm: true }, headers)
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorized'])
    expect((await world.stateOf('demo')).health).toBeNull()
    expect(codeOf(await world.operator('POST', '/nowhere/health', { alarm: true }))).toBe(
      'unknown-room',
    )
  })

  test('every second sends a tick each time, never a minute of them, and fills no history', async () => {
    const world = await room()
    await world.run('demo', 2)
    world.sent.splice(0)
    for (let second = 0; second < 10; second++) {
      await report(world, { latencyMs: 5, errorRate: 0 })
      await world.run('demo', 1)
    }
    expect(world.sent.length).toBeLessThanOrEqual(10)
    const { entries } = (await world.operator('GET', '/demo/history')).body as {
      entries: unknown[]
    }
    expect(entries.length).toBeLessThanOrEqual(2)
  })
})
