/** The page without JavaScript on hold, in the late lane, in rooms closed or switched off, and by invitation. */
import { describe, expect, test } from 'vitest'
import { createVisitor, createWorld, SHOWROOM, type World } from '../support/world.ts'

const NONCE = 'n'.repeat(43)
const WAY = `?to=${encodeURIComponent('https://shop.example/sale?a=1')}&nonce=${NONCE}`
const IN = /^https:\/\/shop\.example\/sale\?a=1&antichambre=/

async function open(config: object = {}): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, turnSeconds: 10, ...config })
  await world.run('demo', 1)
  return world
}

/** A browser with a ticket, by the plain page alone. */
async function joined(world: World, room = 'demo') {
  const visitor = createVisitor(world.visitors, room)
  await visitor.get(`/plain${WAY}`)
  await visitor.get(`/plain${WAY}`)
  return visitor
}

const look = (visitor: Awaited<ReturnType<typeof joined>>) => visitor.get(`/plain${WAY}`)
const refresh = (text: string) => Number(/http-equiv="refresh" content="(\d+)"/.exec(text)?.[1])

describe('in a full house', () => {
  test('the page says so, asks again each few seconds, keeps the turn past its time, and goes in', async () => {
    const world = await open({ capacity: 2, sessionSeconds: 30 })
    const [first, second] = [await joined(world), await joined(world)]
    await world.run('demo', 4)
    // Both have their turn when a seat is taken away.
    await world.operator('PATCH', '/demo', { capacity: 1 })
    await world.run('demo', 2)
    expect((await look(first)).status).toBe(302)
    const full = await look(second)
    expect(full.status).toBe(425)
    expect(full.text).toMatch(/next free seat is yours/)
    expect(refresh(full.text)).toBeGreaterThanOrEqual(2)
    expect(refresh(full.text)).toBeLessThanOrEqual(4)
    await world.run('demo', 12)
    expect((await look(second)).text).toMatch(/next free seat is yours/)
    for (let seconds = 0; seconds < 60; seconds += 3) {
      await world.run('demo', 3)
      const answer = await look(second)
      if (answer.status !== 302) continue
      expect(answer.headers.get('location')).toMatch(IN)
      return
    }
    expect.unreachable('nobody let the visitor in')
  })
})

describe('after a missed turn', () => {
  test('the page keeps the ticket, tries only when there is a seat, and goes in by the late lane', async () => {
    const world = await open({ capacity: 1, sessionSeconds: 60 })
    const late = await joined(world)
    await world.run('demo', 20)
    // Somebody else came, and has the only seat for a minute.
    const other = await joined(world)
    await world.run('demo', 4)
    expect((await look(other)).status).toBe(302)
    await world.run('demo', 1)
    const writes = world.writes()
    const page = await look(late)
    expect(page.status).toBe(200)
    expect(page.text).toMatch(/your ticket is kept/)
    expect(refresh(page.text)).toBeGreaterThanOrEqual(15)
    expect(refresh(page.text)).toBeLessThanOrEqual(30)
    expect(world.writes()).toBe(writes)
    await world.run('demo', 70)
    expect((await look(late)).headers.get('location')).toMatch(IN)
  })
})

test('a closed room has its page, also for who has no ticket, and keeps places', async () => {
  const world = await open({ ratePerMinute: 0 })
  const waiting = await joined(world)
  await world.operator('PATCH', '/demo', { mode: 'closed', message: 'Until noon.' })
  world.pass(1_001)
  const stranger = createVisitor(world.visitors)
  await stranger.get('/plain')
  for (const page of [await look(waiting), await stranger.get('/plain')]) {
    expect(page.text).toMatch(/Closed for the moment.*Until noon/s)
    expect(refresh(page.text)).toBeGreaterThanOrEqual(60)
    expect(refresh(page.text)).toBeLessThanOrEqual(120)
  }
  await world.operator('PATCH', '/demo', { mode: 'line' })
  await world.run('demo', 3)
  expect((await look(waiting)).text).toMatch(/You are (in line|next)/)
})

test('in a room that is switched off every ticket goes in, whatever its place', async () => {
  const world = await open({ ratePerMinute: 0 })
  const visitor = await joined(world)
  expect((await look(visitor)).status).toBe(200)
  await world.operator('PATCH', '/demo', { mode: 'off' })
  world.pass(1_001)
  expect((await look(visitor)).headers.get('location')).toMatch(IN)
})

test('the reason for a slow line is told, and no odds while nobody can say', async () => {
  const world = await open({ capacity: 1, ratePerMinute: 60_000 })
  const visitors = [await joined(world), await joined(world), await joined(world)]
  await world.run('demo', 4)
  const pages = await Promise.all(visitors.map(look))
  const waiting = pages.filter(page => page.status === 200).map(page => page.text)
  expect(waiting.join()).toMatch(/somebody is let in whenever somebody leaves/)
  expect(waiting.join()).not.toMatch(/Chance that something is left/)
})

describe('by invitation', () => {
  const GROUP = { groups: [{ name: 'members', sharePercent: 20 }], opensAt: '2026-12-01T07:00:00Z' }

  async function invited(world: World): Promise<string> {
    const { body } = await world.operator('POST', '/demo/invitations', { group: 'members' })
    const [made] = body.invitations as { url: string }[]
    return made?.url ?? ''
  }
  const plain = (to: string) => `/plain?to=${encodeURIComponent(to)}&nonce=${NONCE}`
  const under = (location: string | null, room: string) =>
    String(location).replace(`/r/${room}/`, '/')

  /** Follows redirects inside the room, as a browser does. */
  async function follow(world: World, url: string, guest = createVisitor(world.visitors, 'demo')) {
    let visitor = guest
    let answer = await visitor.get(plain(url))
    for (let hop = 0; hop < 5 && answer.status === 302; hop++) {
      const location = answer.headers.get('location')
      const room = /^\/r\/([^/]+)\//.exec(String(location))?.[1] ?? ''
      if (room !== 'demo' && visitor === guest) visitor = createVisitor(world.visitors, room)
      answer = await visitor.get(under(location, room))
    }
    return { answer, visitor }
  }

  test('a guest is led to the group’s line, joins it, and the invitation stays in no address', async () => {
    const world = await open(GROUP)
    const url = await invited(world)
    const visitor = createVisitor(world.visitors)
    const first = await visitor.get(plain(url))
    expect(first.headers.get('location')).toMatch(/^\/r\/demo~members\/plain\?to=/)
    const guest = createVisitor(world.visitors, 'demo~members')
    const probe = await guest.get(under(first.headers.get('location'), 'demo~members'))
    const used = await guest.get(under(probe.headers.get('location'), 'demo~members'))
    const clean = String(used.headers.get('location'))
    expect(clean).toBe(`/r/demo~members${plain(SHOWROOM)}`)
    const page = await guest.get(under(clean, 'demo~members'))
    expect(page.text).toMatch(/You are in.*demo · members|demo · members.*You are in/s)
    expect((await guest.get('/ticket')).status).toBe(200)
  })

  test('a used invitation is told, with the way to the general line', async () => {
    const world = await open(GROUP)
    const url = await invited(world)
    await follow(world, url)
    const { answer } = await follow(world, url)
    expect(answer.status).toBe(409)
    expect(answer.text).toMatch(/has been used/)
    expect(answer.text).toContain('href="/r/demo/plain?to=')
    expect(answer.text).not.toMatch(/http-equiv="refresh"/)
  })

  test('the same browser gets the same ticket again after it lost the cookie', async () => {
    const world = await open(GROUP)
    const url = await invited(world)
    const { visitor } = await follow(world, url)
    const { body } = await visitor.get('/ticket')
    visitor.jar.delete('antichambre.ticket')
    const token = new URL(url).searchParams.get('antichambre-invitation')
    await visitor.get(`/plain?antichambre-invitation=${token}`)
    expect((await visitor.get('/ticket')).body.id).toBe(body.id)
  })

  test('nobody joins a group’s line without one, or with what is none', async () => {
    const world = await open(GROUP)
    const stranger = createVisitor(world.visitors, 'demo~members')
    await stranger.get('/plain')
    const page = await stranger.get('/plain')
    expect(page.status).toBe(403)
    expect(page.text).toMatch(/by invitation/)
    const forged = `${SHOWROOM}?antichambre-invitation=h.eyJncm91cCI6Im1lbWJlcnMifQ.s`
    expect((await follow(world, forged)).answer.text).toMatch(/not good here/)
    const garbage = `${SHOWROOM}?antichambre-invitation=garbage`
    expect((await follow(world, garbage)).answer.text).toMatch(/not good here/)
    expect((await stranger.get('/ticket')).status).toBe(404)
  })
})
