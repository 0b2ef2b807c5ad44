/** The gate and the showroom's words against the real room. */
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createDepartures } from '../../lib/gate/departures.ts'
import { type GateEnv, gate } from '../../lib/gate/hono.ts'
import { createWorld, SHOWROOM, type World } from '../support/world.ts'
import { browser } from './browser.ts'

const WAIT = 'https://wait.example'

async function roomWith(config: object) {
  const world = await createWorld()
  const made = await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ...config })
  expect(made.status).toBe(201)
  await world.run('demo', 3)
  const gateKeys = () => world.keys.gateKeys('demo')
  const departures = createDepartures({
    roomUrl: WAIT,
    room: 'demo',
    key: () => gateKeys()[0] as never,
    fetch: async (url, init) => world.visitors.request(String(url), init),
    now: world.now,
  })
  const shop = new Hono<GateEnv>()
  shop.use(gate({ room: 'demo', roomUrl: WAIT, keys: gateKeys, way: 'through', now: world.now }))
  shop.get('*', c => c.json(c.get('antichambre')))
  return { world, departures, shop }
}

/** Follows redirects between showroom and room, as a browser with cookies does. */
async function walk(world: World, shop: Hono<GateEnv>, startUrl: string) {
  const visitor = browser()
  const visited: string[] = []
  let url = startUrl
  for (let step = 0; step < 5; step++) {
    const { origin, pathname } = new URL(url)
    visited.push(`${origin}${pathname}`)
    const app = origin === WAIT ? world.visitors : shop
    const cookie = origin === WAIT ? '' : visitor.cookieHeader(world.now())
    const answer = await app.request(url, { headers: { cookie, accept: 'text/html' } })
    visitor.keep(answer.headers.getSetCookie(), world.now())
    const location = answer.headers.get('location')
    if (location === null) return { visited, answer }
    url = new URL(location, url).href
  }
  throw new Error(`no end: ${visited}`)
}

test('in a room of mode auto, one redirect there and one back is all that a visitor sees', async () => {
  const { world, shop } = await roomWith({ mode: 'auto', capacity: 20 })
  const { visited, answer } = await walk(world, shop, SHOWROOM)
  expect(visited).toEqual([SHOWROOM, `${WAIT}/r/demo/through`, SHOWROOM, SHOWROOM])
  const { session } = await answer.json()
  expect(session.ticketId).toMatch(/^\d+\.999\.\d+$/)
})

test('in a room of mode off too, and in a room of mode line the page follows', async () => {
  const off = await roomWith({ mode: 'off' })
  const straight = await walk(off.world, off.shop, SHOWROOM)
  expect(straight.visited).toEqual([SHOWROOM, `${WAIT}/r/demo/through`, SHOWROOM, SHOWROOM])
  const line = await roomWith({ mode: 'line' })
  const waiting = await walk(line.world, line.shop, SHOWROOM)
  expect(waiting.visited).toEqual([SHOWROOM, `${WAIT}/r/demo/through`, `${WAIT}/r/demo`])
})

test('what a showroom tells is taken, and counts once however often it is told', async () => {
  const { world, shop, departures } = await roomWith({ mode: 'auto', capacity: 20, stock: 5 })
  const { answer } = await walk(world, shop, SHOWROOM)
  const { session } = await answer.json()
  for (let time = 0; time < 3; time++) {
    expect(await departures.bought(session.ticketId)).toEqual({ status: 'accepted' })
  }
  expect(await departures.left(session.ticketId)).toEqual({ status: 'accepted' })
  await world.hear()
  expect(await world.houseOf('demo')).toMatchObject({ entered: 1, gone: 1, bought: 1, left: 0 })
  await world.run('demo', 2)
  expect((await world.statusOf('demo')).stock).toBe(4)

  expect(await departures.stock(2)).toEqual({ status: 'accepted' })
  await world.hear()
  await world.run('demo', 2)
  expect((await world.statusOf('demo')).stock).toBe(2)
})

test('a word signed with another key is refused, and a room that is not there is named', async () => {
  const { world } = await roomWith({})
  const tell = (room: string, keyOf: string) =>
    createDepartures({
      roomUrl: WAIT,
      room,
      key: world.keys.gateKeys(keyOf)[0] as never,
      fetch: async (url, init) => world.visitors.request(String(url), init),
    })
  expect(await tell('demo', 'other').left('0.0.1')).toEqual({ status: 'refused', httpStatus: 401 })
  expect(await tell('other', 'other').left('0.0.1')).toEqual({ status: 'refused', httpStatus: 404 })
  expect(world.said).toEqual([])
})
