import { describe, expect, test } from 'vitest'
import { heldOf, insideOf } from '../../lib/queue/house/house.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

type Visitor = ReturnType<typeof createVisitor>
const [ONE, TWO] = ['1', '2'].map(digit => ({ nonce: digit.repeat(43) }))

async function crowd(count: number, config: object = {}) {
  const world = await createWorld()
  const opensAt = '2026-12-01T06:00:05Z'
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt, ...config })
  const visitors = Array.from({ length: count }, () => createVisitor(world.visitors))
  const joined = await Promise.all(visitors.map(visitor => visitor.post('/tickets')))
  await world.run('demo', 6)
  return { world, visitors, ids: joined.map(({ body }) => String(body.id)) }
}

const inside = async (world: World) => insideOf(await world.houseOf('demo'))
const statusesOf = async (visitors: readonly Visitor[]) =>
  (await Promise.all(visitors.map(visitor => visitor.post('/passes')))).map(({ status }) => status)

function passOf(answer: { body: Record<string, unknown> }): Record<string, unknown> {
  const token = new URL(String(answer.body.location)).searchParams.get('antichambre') ?? ''
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

/** The same ticket in another browser. */
function copyOf(world: World, visitor: Visitor): Visitor {
  const other = createVisitor(world.visitors)
  for (const [name, value] of visitor.jar) other.jar.set(name, value)
  return other
}

describe('a house that is full', () => {
  /** Four have a turn, two are in, and there is room for two by now. */
  async function fullHouse(config: object = {}) {
    const { world, visitors, ids } = await crowd(4, { capacity: 4, turnSeconds: 10, ...config })
    const [first, second, third, fourth] = visitors
    if (!first || !second || !third || !fourth) throw new Error('four came')
    expect(await statusesOf([first, second])).toEqual([200, 200])
    await world.operator('PATCH', '/demo', { capacity: 2 })
    await world.run('demo', 1)
    return { world, ids, first, second, third, fourth }
  }

  test('tells whoever has a turn so, with place and front, and lets nobody in above capacity', async () => {
    const { world, third } = await fullHouse()
    const answer = await third.post('/passes')
    expect([answer.status, codeOf(answer)]).toEqual([425, 'house-full'])
    expect(answer.body).toMatchObject({ place: expect.any(Number), front: 4 })
    expect(await inside(world)).toBe(2)
    expect(heldOf(await world.houseOf('demo'))).toBe(1)
  })

  test('keeps the turn of whoever met it, however often they ask, and counts them once', async () => {
    const { world, third } = await fullHouse()
    for (let ask = 0; ask < 5; ask++) {
      expect(codeOf(await third.post('/passes'))).toBe('house-full')
      await world.run('demo', 3)
    }
    expect((await third.get('/place')).body.status).toBe('missed')
    // A hold that nobody asks for lapses within seconds; asking again, it counts again, and once.
    expect(codeOf(await third.post('/passes'))).toBe('house-full')
    expect(heldOf(await world.houseOf('demo'))).toBe(1)
  })

  test('gives the next free seat to whoever met it first, before those who come now', async () => {
    const { world, ids, third, fourth } = await fullHouse({ turnSeconds: 60 })
    expect(codeOf(await third.post('/passes'))).toBe('house-full')
    await world.tell('departures', 'demo', [{ ticket: ids[0], reason: 'left' }])
    await world.hear()
    await world.run('demo', 1)
    expect(codeOf(await fourth.post('/passes'))).toBe('house-full')
    expect((await third.post('/passes')).status).toBe(200)
    expect(await inside(world)).toBe(2)
    await world.tell('departures', 'demo', [{ ticket: ids[1], reason: 'bought' }])
    await world.hear()
    await world.run('demo', 1)
    expect((await fourth.post('/passes')).status).toBe(200)
    expect(await inside(world)).toBe(2)
  })

  test('keeps the seat for them beyond the end of the turn, and gives it by the turn, not the late lane', async () => {
    const { world, ids, third } = await fullHouse()
    await third.post('/passes')
    await world.run('demo', 30)
    expect((await third.get('/place')).body.status).toBe('missed')
    await world.tell('departures', 'demo', [{ ticket: ids[0], reason: 'left' }])
    await world.hear()
    await world.run('demo', 1)
    expect((await world.houseOf('demo')).lateSeats).toBe(1)
    expect((await third.post('/passes')).status).toBe(200)
    // The lane had a seat, and has it still.
    expect((await world.houseOf('demo')).lateSeats).toBe(1)
  })

  test('stays within capacity whatever comes at once', async () => {
    const { world, visitors } = await crowd(40, { capacity: 40, ratePerMinute: 6_000 })
    await world.operator('PATCH', '/demo', { capacity: 15 })
    let left = visitors
    for (let round = 0; round < 4; round++) {
      await world.run('demo', 1)
      const statuses = await statusesOf(left)
      left = left.filter((_, n) => statuses[n] !== 200)
      expect(await inside(world)).toBeLessThanOrEqual(15)
    }
    expect(left).toHaveLength(25)
    expect(await inside(world)).toBe(15)
  })
})

describe('a turn that was used', () => {
  test('is not made longer by coming late: after it there is no pass to it any more', async () => {
    const { world, visitors } = await crowd(1, { turnSeconds: 10 })
    const [visitor = createVisitor(world.visitors)] = visitors
    const turnEndsAtMs = Number((await visitor.get('/place')).body.turnEndsAtMs)
    world.setNow(turnEndsAtMs - 1)
    expect((await visitor.post('/passes', ONE)).status).toBe(200)
    world.setNow(turnEndsAtMs)
    expect(codeOf(await visitor.post('/passes', ONE))).toBe('already-entered')
  })

  test('gives no further pass once its session ended by a departure, in no browser', async () => {
    const { world, visitors, ids } = await crowd(1)
    const [visitor = createVisitor(world.visitors)] = visitors
    expect((await visitor.post('/passes', ONE)).status).toBe(200)
    await world.tell('departures', 'demo', [{ ticket: ids[0], reason: 'left' }])
    await world.hear()
    for (const nonce of [ONE, TWO, {}]) {
      expect(codeOf(await visitor.post('/passes', nonce))).toBe('already-entered')
    }
    expect(await inside(world)).toBe(0)
  })
})

describe('a ticket in several browsers', () => {
  async function entered() {
    const { world, visitors } = await crowd(1, { capacity: 1 })
    const [visitor = createVisitor(world.visitors)] = visitors
    const first = await visitor.post('/passes', ONE)
    expect(first.status).toBe(200)
    return { world, visitor, other: copyOf(world, visitor), first }
  }

  test('gives the browser that is inside a pass to the same entry, as often as it asks', async () => {
    const { world, visitor, other, first } = await entered()
    for (let ask = 0; ask < 3; ask++) {
      world.pass(1_000)
      expect(codeOf(await other.post('/passes', TWO))).toBe('already-entered')
      const again = await visitor.post('/passes', ONE)
      expect(passOf(again)).toMatchObject({
        jti: passOf(first).jti,
        sessionExp: passOf(first).sessionExp,
      })
    }
    expect((await world.houseOf('demo')).entered).toBe(1)
  })

  test('is let in once by many browsers at once, and is one person inside', async () => {
    const { world, visitors } = await crowd(1)
    const [visitor = createVisitor(world.visitors)] = visitors
    const nonces = Array.from({ length: 8 }, (_, n) => ({
      nonce: String.fromCharCode(97 + n).repeat(43),
    }))
    const answers = await Promise.all(
      nonces.map(nonce => copyOf(world, visitor).post('/passes', nonce)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await inside(world)).toBe(1)
  })
})
