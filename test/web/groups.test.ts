import { describe, expect, test } from 'vitest'
import { placeIn } from '../../lib/queue/cohort/place.ts'
import { GROUP_COHORTS } from '../../lib/queue/limits.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import { codeOf, createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const NONCE = 'n'.repeat(43)
const GROUPS = [
  { name: 'vip', sharePercent: 50 },
  { name: 'press', sharePercent: 10 },
]

async function groupWorld(config: object = {}): Promise<World> {
  const world = await createWorld()
  const opensAt = '2026-12-01T06:00:30Z'
  const room = { showroomUrl: SHOWROOM, groups: GROUPS, opensAt, ...config }
  await world.operator('PUT', '/demo', room)
  return world
}

async function invite(world: World, group: string, count: number): Promise<string[]> {
  const { body } = await world.operator('POST', '/demo/invitations', { group, count })
  return (body.invitations as { token: string }[]).map(({ token }) => token)
}

/** So many guests, each with an invitation, in a trickle: no index is left over. */
async function guests(world: World, group: string, count: number) {
  const tokens = await invite(world, group, count)
  const joined = []
  for (const invitation of tokens) {
    const visitor = createVisitor(world.visitors, `demo~${group}`)
    joined.push({ visitor, answer: await visitor.post('/tickets', { invitation }) })
    world.pass(1_000)
  }
  return joined
}

describe('a group', () => {
  test('has a line, a record and a status of its own under a path of its own', async () => {
    const world = await groupWorld()
    const [guest] = await guests(world, 'vip', 3)
    expect(guest?.answer.status).toBe(201)
    expect(guest?.answer.body.cohort).toBe(GROUP_COHORTS)
    const other = createVisitor(world.visitors)
    await other.post('/tickets')
    await world.run('demo', 35)
    expect(await world.statusOf('demo~vip')).toMatchObject({
      room: 'demo~vip',
      phase: 'open',
      front: 3,
      tail: 3,
      openCohort: GROUP_COHORTS + 1,
    })
    expect(await world.statusOf('demo')).toMatchObject({ room: 'demo', front: 1, tail: 1 })
    const record = await guest?.visitor.get(`/cohorts/${GROUP_COHORTS}`)
    expect(record?.body).toMatchObject({ base: 0, commitment: guest?.answer.body.commitment })
    // Each record has one address.
    for (const [room, cohort] of [
      ['demo', GROUP_COHORTS],
      ['demo~vip', 0],
      ['demo~press', GROUP_COHORTS],
    ]) {
      const status = (await world.visitor(`/r/${room}/cohorts/${cohort}`)).status
      expect([room, cohort, status]).toEqual([room, cohort, 404])
    }
  })

  test('gives places from 1 on, and the main line its own, whoever came first', async () => {
    const world = await groupWorld({ opensAt: '2026-12-01T06:01:00Z', ratePerMinute: 6_000 })
    const members = await guests(world, 'vip', 10)
    const everybody = []
    for (let visitor = 0; visitor < 10; visitor++) {
      const one = createVisitor(world.visitors)
      everybody.push({ visitor: one, answer: await one.post('/tickets') })
      world.pass(1_000)
    }
    world.setNow(Date.parse('2026-12-01T06:01:00Z'))
    await world.admit('demo')
    for (const [room, cohort, line] of [
      ['demo~vip', GROUP_COHORTS, members],
      ['demo', 0, everybody],
    ] as const) {
      const record = (await world.visitor(`/r/${room}/cohorts/${cohort}`)).body as never
      const places = line.map(({ answer: { body } }) =>
        placeIn(record, Number(body.shard), Number(body.index)),
      )
      expect(places.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }
  })

  test('walks in by passes of the room, which its gate takes', async () => {
    const world = await groupWorld()
    const [guest] = await guests(world, 'vip', 1)
    await world.run('demo', 35)
    const taken = await guest?.visitor.post('/passes', { nonce: NONCE })
    expect(taken?.status).toBe(200)
    const pass = new URL(String(taken?.body.location)).searchParams.get('antichambre') ?? ''
    const outcome = verifyPass(pass, {
      room: 'demo',
      nonceHashes: [NONCE],
      nowMs: world.now(),
      keys: world.keys.gateKeys('demo'),
    })
    expect(outcome).toMatchObject({ status: 'valid', pass: { sub: guest?.answer.body.id } })
    await world.tell('departures', 'demo', [{ ticket: guest?.answer.body.id, reason: 'bought' }])
    await world.hear()
    expect(await world.houseOf('demo')).toMatchObject({ entered: 1, gone: 1, bought: 1 })
  })

  test('shares the house with everybody: its people count against the one capacity', async () => {
    const world = await groupWorld({ capacity: 4, ratePerMinute: 6_000 })
    const members = (await guests(world, 'vip', 5)).map(({ visitor }) => visitor)
    const everybody = Array.from({ length: 5 }, () => createVisitor(world.visitors))
    for (const visitor of everybody) {
      await visitor.post('/tickets')
      world.pass(1_000)
    }
    let left = [...members, ...everybody]
    for (let second = 0; second < 40; second++) {
      await world.run('demo', 1)
      const passes = await Promise.all(left.map(visitor => visitor.post('/passes')))
      left = left.filter((_, n) => passes[n]?.status !== 200)
      expect((await world.houseOf('demo')).entered).toBeLessThanOrEqual(4)
    }
    expect((await world.houseOf('demo')).entered).toBe(4)
    const inside = members.filter(visitor => !left.includes(visitor))
    expect(inside.length).toBeGreaterThanOrEqual(2)
  })

  test('that waits keeps its share, and leaves the rest to the main line', async () => {
    const world = await groupWorld({ ratePerMinute: 120 })
    await guests(world, 'vip', 20)
    await Promise.all(
      Array.from({ length: 150 }, () => createVisitor(world.visitors).post('/tickets')),
    )
    world.setNow(Date.parse('2026-12-01T06:00:30Z'))
    await world.admit('demo')
    await world.run('demo', 14)
    const fronts = async () => {
      const state = await world.stateOf('demo')
      return [state.front, state.groups.vip?.front]
    }
    const [main = 0, vip = 0] = await fronts()
    // Half of two a second; ghosts of the others’ leases are places too.
    expect(vip).toBeGreaterThanOrEqual(14)
    expect(vip).toBeLessThanOrEqual(17)
    expect(main).toBeGreaterThanOrEqual(13)
    await world.run('demo', 30)
    const [later = 0, all] = await fronts()
    expect(all).toBe(20)
    expect(later - main).toBeGreaterThan(45)
  })

  test('that is not configured, or was never, is no room', async () => {
    const world = await groupWorld()
    for (const path of ['demo~nobody', 'demo~', 'demo~vip~press', 'demo~constructor', '~vip']) {
      expect(codeOf(await world.visitor(`/r/${path}/status`))).toBe('unknown-room')
      const visitor = createVisitor(world.visitors, path)
      expect(codeOf(await visitor.post('/tickets'))).toBe('unknown-room')
    }
  })
})

describe('the ticket of one line', () => {
  test('has a cookie scoped to its own path', async () => {
    const world = await groupWorld()
    const [guest] = await guests(world, 'vip', 1)
    const [cookie] = guest?.answer.headers.getSetCookie() ?? []
    expect(cookie).toMatch(
      /^antichambre.ticket=[\w.-]+; Max-Age=\d+; Path=\/r\/demo~vip; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  test('is none of another: neither of the main line in the group, nor the other way round', async () => {
    const world = await groupWorld()
    const [guest] = await guests(world, 'vip', 1)
    const main = createVisitor(world.visitors)
    await main.post('/tickets')
    const smuggle = (from: Map<string, string> | undefined, room: string) => {
      const visitor = createVisitor(world.visitors, room)
      for (const [name, value] of from ?? []) visitor.jar.set(name, value)
      return visitor
    }
    await world.run('demo', 35)
    for (const visitor of [
      smuggle(main.jar, 'demo~vip'),
      smuggle(guest?.visitor.jar, 'demo'),
      smuggle(guest?.visitor.jar, 'demo~press'),
    ]) {
      expect(codeOf(await visitor.get('/ticket'))).toBe('no-ticket')
      expect(codeOf(await visitor.get('/place'))).toBe('room-ended')
      expect(codeOf(await visitor.post('/passes'))).toBe('room-ended')
    }
    expect((await world.houseOf('demo')).entered).toBe(0)
  })

  test('of the main line does not stand in for an invitation', async () => {
    const world = await groupWorld()
    const main = createVisitor(world.visitors)
    await main.post('/tickets')
    const visitor = createVisitor(world.visitors, 'demo~vip')
    for (const [name, value] of main.jar) visitor.jar.set(name, value)
    expect(codeOf(await visitor.post('/tickets'))).toBe('invitation-needed')
  })
})

describe('a group that is taken away', () => {
  test('lets those in its line walk in, and nobody join it any more', async () => {
    const world = await groupWorld({ opensAt: null })
    const [guest] = await guests(world, 'vip', 1)
    const [late] = await invite(world, 'vip', 1)
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await world.run('demo', 5)
    const newcomer = createVisitor(world.visitors, 'demo~vip')
    expect(codeOf(await newcomer.post('/tickets', { invitation: late }))).toBe('bad-invitation')
    const refused = await world.operator('POST', '/demo/invitations', { group: 'vip' })
    expect(codeOf(refused)).toBe('bad-request')
    expect((await guest?.visitor.post('/passes'))?.status).toBe(200)
  })
})
