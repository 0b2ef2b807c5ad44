import { describe, expect, test } from 'vitest'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

type Visitor = ReturnType<typeof createVisitor>

/** A sale of so many articles to a crowd that joined before it opened. */
async function sale(visitorCount: number, config: object) {
  const world = await createWorld()
  const opensAt = new Date(world.now() + (visitorCount + 5) * 1_000).toISOString()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt, ...config })
  const visitors = Array.from({ length: visitorCount }, () => createVisitor(world.visitors))
  const ids = new Map<Visitor, string>()
  for (const visitor of visitors) {
    ids.set(visitor, String((await visitor.post('/tickets')).body.id))
    // In a trickle no index is left over: every place is somebody's.
    world.pass(1_000)
  }
  world.setNow(Date.parse(opensAt))
  await world.admit('demo')
  await world.run('demo', 2)
  const leave = async (visitor: Visitor | undefined, reason: 'bought' | 'left') => {
    const ticket = visitor && ids.get(visitor)
    await world.tell('departures', 'demo', [{ ticket, reason }])
    await world.hear()
    world.pass(10)
    for (const { room } of world.sent.splice(0)) await world.admit(room)
  }
  return { world, visitors, leave }
}

/** Those whose turn it is, by their places. */
async function inTurn(world: World, visitors: readonly Visitor[]): Promise<Visitor[]> {
  world.pass(1_001)
  const places = await Promise.all(visitors.map(visitor => visitor.get('/place')))
  return visitors
    .map((visitor, n) => ({ visitor, body: places[n]?.body }))
    .filter(({ body }) => body?.status === 'admitted')
    .sort((a, b) => Number(a.body?.place) - Number(b.body?.place))
    .map(({ visitor }) => visitor)
}

describe('a stock that is counted', () => {
  test('falls with every purchase, and at the last one everybody reads it at the next status', async () => {
    const { world, visitors, leave } = await sale(10, { stock: 2 })
    const turns = await inTurn(world, visitors)
    // Three for each article, and not one more, until it is known who buys.
    expect(turns).toHaveLength(6)
    for (const visitor of turns.slice(0, 3))
      expect((await visitor.post('/passes')).status).toBe(200)
    expect(await world.statusOf('demo')).toMatchObject({ stock: 2, phase: 'open' })
    await leave(turns[0], 'left')
    expect(await world.statusOf('demo')).toMatchObject({ stock: 2, phase: 'open' })
    await leave(turns[1], 'bought')
    expect(await world.statusOf('demo')).toMatchObject({ stock: 1, phase: 'open' })
    await leave(turns[2], 'bought')
    expect(await world.statusOf('demo')).toMatchObject({ stock: 0, phase: 'soldOut' })
  })

  test('that is gone is told to all: those who wait, those with a turn, and those who come', async () => {
    const { world, visitors, leave } = await sale(10, { stock: 1 })
    const turns = await inTurn(world, visitors)
    const [buyer, unused] = turns
    const waiting = visitors.find(visitor => !turns.includes(visitor))
    await buyer?.post('/passes')
    await leave(buyer, 'bought')
    world.pass(1_001)
    for (const visitor of [unused, waiting, buyer]) {
      const answer = await visitor?.post('/passes')
      expect([answer?.status, answer && codeOf(answer)]).toEqual([409, 'sold-out'])
      expect((await visitor?.get('/place'))?.body).toMatchObject({ status: 'sold-out' })
    }
    expect(codeOf(await createVisitor(world.visitors).post('/tickets'))).toBe('sold-out')
  })

  test('lets in no more than can still hope, and more as those inside leave without buying', async () => {
    const { world, visitors, leave } = await sale(20, { stock: 2, ratePerMinute: 6_000 })
    const first = await inTurn(world, visitors)
    expect(first).toHaveLength(6)
    expect((await world.statusOf('demo')).binding).toBe('stock')
    for (const visitor of first) await visitor.post('/passes')
    await world.run('demo', 30)
    expect((await world.stateOf('demo')).front).toBe(6)
    await leave(first[0], 'left')
    await world.run('demo', 3)
    expect((await world.stateOf('demo')).front).toBe(7)
    await leave(first[1], 'bought')
    await world.run('demo', 10)
    // One article: three may hope, and five are there.
    expect((await world.stateOf('demo')).front).toBe(7)
  })

  test('that comes back reopens the sale in the order of the line, and open turns go on', async () => {
    const { world, visitors, leave } = await sale(10, { stock: 1, turnSeconds: 60 })
    const turns = await inTurn(world, visitors)
    const [buyer, unused] = turns
    await buyer?.post('/passes')
    const before = (await unused?.get('/place'))?.body
    await leave(buyer, 'bought')
    const soldOutAtMs = world.now()
    const { front } = await world.stateOf('demo')
    // Much longer than a turn: it stands still.
    await world.run('demo', 20)
    world.pass(600_000)
    expect(await world.clock()).toBe(0)
    await world.operator('PATCH', '/demo', { stock: 2 })
    const stoodMs = world.now() - soldOutAtMs
    const place = async () => {
      world.pass(1_001)
      return (await unused?.get('/place'))?.body
    }
    // At once, and just the same after the tick.
    const after = await place()
    expect(after).toMatchObject({ status: 'admitted', place: before?.place })
    await world.run('demo', 1)
    expect(await place()).toMatchObject({
      status: 'admitted',
      turnEndsAtMs: Number(before?.turnEndsAtMs) + stoodMs + 1_000 + 1_001,
    })
    expect((await unused?.post('/passes'))?.status).toBe(200)
    await world.run('demo', 3)
    const state = await world.stateOf('demo')
    expect(state.front).toBeGreaterThan(front)
    const later = await inTurn(world, visitors)
    expect(later.length).toBeGreaterThan(2)
    expect(await world.clock()).toBeGreaterThan(0)
  })

  test('foresees its end, and gives a place an honest chance, once enough have decided', async () => {
    const { world, visitors, leave } = await sale(80, { stock: 20, ratePerMinute: 6_000 })
    const turns = await inTurn(world, visitors)
    expect(turns.length).toBe(60)
    for (const visitor of turns) await visitor.post('/passes')
    expect(await world.statusOf('demo')).toMatchObject({ odds: null, soldOutAtMs: null })
    for (const [index, visitor] of turns.slice(0, 30).entries()) {
      await leave(visitor, index % 2 === 0 ? 'bought' : 'left')
    }
    await world.run('demo', 1)
    const status = await world.statusOf('demo')
    expect(status).toMatchObject({ stock: 5, odds: { buyShare: 0.5, low: 0.332, high: 0.668 } })
    expect(status.odds?.before).toBeGreaterThan(0)
    expect(status.soldOutAtMs).toBeGreaterThan(world.now())
    world.pass(1_001)
    const places = await Promise.all(visitors.map(visitor => visitor.get('/place')))
    const waiting = places.map(({ body }) => body).filter(body => body.status === 'waiting')
    for (const body of waiting) expect(body.odds).toBeTypeOf('number')
  })
})

describe('what a showroom says is left', () => {
  const say = async (world: World, left: number, at: number) => {
    await world.tell('stock', 'demo', { left, at: new Date(at).toISOString() })
    await world.hear()
  }
  const left = async (world: World) => (await world.statusOf('demo')).stock

  test('is read at the next status, and wakes a line that waits for goods with one tick', async () => {
    const { world } = await sale(12, { stock: 3 })
    await say(world, 0, world.now())
    expect(await world.statusOf('demo')).toMatchObject({ phase: 'soldOut', stock: 0 })
    await world.run('demo', 20)
    expect(await world.clock()).toBe(0)
    world.sent.splice(0)
    await say(world, 2, world.now())
    expect(world.sent).toEqual([{ room: 'demo', dueAtMs: world.now() }])
    await world.admit('demo')
    expect(await world.clock()).toBeGreaterThan(0)
    expect(await world.statusOf('demo')).toMatchObject({ phase: 'open', stock: 2 })
  })

  test('counts by its own time: older words, replayed ones and those of the same moment change nothing', async () => {
    const { world } = await sale(1, { stock: 97 })
    const now = world.now()
    await say(world, 40, now - 1_000)
    for (const at of [now - 1_000, now - 1_001, now - 86_400_000, 0, -1]) {
      await say(world, 90, at)
      expect(await left(world)).toBe(40)
    }
    const { version } = (await world.operator('GET', '/demo')).body
    await say(world, 40, now - 1_000)
    expect((await world.operator('GET', '/demo')).body.version).toBe(version)
    await say(world, 39, now - 999)
    expect(await left(world)).toBe(39)
  })

  test('from a clock that is ahead counts as said now, and silences nobody afterwards', async () => {
    const { world } = await sale(1, { stock: 97 })
    await say(world, 40, Date.parse('2099-01-01T00:00:00Z'))
    expect(await left(world)).toBe(40)
    world.pass(1)
    await say(world, 39, world.now())
    expect(await left(world)).toBe(39)
  })

  test('raises the stock where more is left than there was, and counts nothing where nothing is counted', async () => {
    const { world } = await sale(1, { stock: 97 })
    await say(world, 98, world.now())
    expect((await world.operator('GET', '/demo')).body.config).toMatchObject({
      stock: 98,
      stockLeft: 98,
    })
    const other = await sale(1, {})
    await say(other.world, 5, other.world.now())
    expect(await left(other.world)).toBeNull()
  })

  test('said every second sends a tick each time, never a minute of them', async () => {
    const { world } = await sale(1, { stock: 97 })
    world.sent.splice(0)
    for (let second = 0; second < 10; second++) {
      world.pass(1_000)
      await say(world, 90 - second, world.now())
    }
    expect(world.sent.length).toBeLessThanOrEqual(10)
  })

  test('is in the history, with the version that it made', async () => {
    const { world } = await sale(1, { stock: 97 })
    await say(world, 40, world.now())
    const { entries } = (await world.operator('GET', '/demo/history')).body as {
      entries: { kind: string; facts: object }[]
    }
    expect(entries.find(({ kind }) => kind === 'changed')?.facts).toMatchObject({
      version: 1,
      stockLeft: 40,
    })
  })
})
