/** The examples, walked through: each before the real room. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { passVerifier, wayToRoom } from '../../examples/jwks-verifier.ts'
import { gateOptionsFrom } from '../../lib/gate/environment.ts'
import { parseGateConfig } from '../../lib/gate/options/config.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { gateKeysText, startExample } from '../support/example.ts'
import { createWorld, MASTER_SECRET, type World } from '../support/world.ts'
import { askToTheLetter } from './adapters.ts'
import { browser } from './browser.ts'

const WAIT = 'https://wait.example'
const SHOP = 'https://shop.example'
const GATE = {
  ROOM: 'demo',
  ROOM_URL: WAIT,
  PUBLIC_URL: SHOP,
  WAY: 'through',
  GATE_KEYS: gateKeysText(MASTER_SECRET, 'demo'),
}

type Ask = (request: Request) => Response | Promise<Response>

/** A room that lets everybody through, at the time that the examples' own clocks have. */
async function openRoom(config: object = {}): Promise<World> {
  const world = await createWorld(Date.now())
  const room = { showroomUrl: `${SHOP}/`, mode: 'off', ...config }
  expect((await world.operator('PUT', '/demo', room)).status).toBe(201)
  await world.run('demo', 1)
  return world
}

/** A browser that follows redirects between the showroom and the room. */
function visitorOf(world: World, shop: Ask) {
  const { jar, keep, cookieHeader } = browser()
  return async (path: string, method = 'GET') => {
    let url = new URL(path, SHOP).href
    for (let step = 0; step < 5; step++) {
      const isRoom = url.startsWith(WAIT)
      const headers = { cookie: isRoom ? '' : cookieHeader(Date.now()), accept: 'text/html' }
      const request = new Request(url, { method: step === 0 ? method : 'GET', headers })
      const answer = await (isRoom ? world.visitors.request(request) : shop(request))
      if (!isRoom) keep(answer.headers.getSetCookie(), Date.now())
      const location = answer.headers.get('location')
      if (location === null) return { answer, url, text: await answer.text(), jar }
      url = new URL(location, url).href
    }
    throw new Error(`no end at ${url}`)
  }
}

test('a visitor walks into the Express shop and buys, and who brings no pass does not', async () => {
  const world = await openRoom()
  const shop = await startExample(
    'examples/express-shop/shop.ts',
    { ...GATE, PORT: '0' },
    /listens on http:\/\/localhost:(\d+)\//,
  )
  onTestFinished(shop.stop)
  const ask: Ask = ({ url, method, headers }) =>
    askToTheLetter(Number(shop.said), { url, method, headers: Object.fromEntries(headers) })
  const go = visitorOf(world, ask)
  const [health, stranger] = [
    await ask(new Request(`${SHOP}/healthz`)),
    await ask(new Request(`${SHOP}/buy`, { method: 'POST' })),
  ]
  expect([health.status, stranger.status]).toEqual([200, 401])

  expect((await go('/thank-you')).text).toContain('You have no car yet')
  expect((await go('/')).text).toContain('Buy')
  const bought = await go('/buy', 'POST')
  expect([bought.url, bought.text]).toEqual([
    `${SHOP}/thank-you`,
    expect.stringContaining('It is yours'),
  ])
})

test('a visitor walks into the Fetch app, which knows their ticket; its front page is free', async () => {
  const world = await openRoom()
  for (const [name, value] of Object.entries(GATE)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { default: app } = await import('../../examples/fetch-app/app.ts')
  const free = await app.fetch(new Request(`${SHOP}/`))
  expect([free.status, await free.text()]).toEqual([200, expect.stringContaining('/cars')])
  expect((await app.fetch(new Request(`${SHOP}/CARS`))).status).toBe(302)

  const go = visitorOf(world, app.fetch)
  const cars = await go('/cars?colour=blue')
  expect([cars.url, cars.text]).toEqual([
    `${SHOP}/cars?colour=blue`,
    expect.stringContaining('97 small cars'),
  ])
  expect(JSON.parse((await go('/api/me')).text)).toEqual({ ticket: expect.stringMatching(/^\d/) })
  expect((await go('/constructor')).answer.status).toBe(404)
})

test('any JOSE library checks a pass of an ES256 room with its published keys', async () => {
  const world = await openRoom({ passAlgorithm: 'ES256' })
  vi.stubGlobal('fetch', (url: URL | string) => world.visitors.request(String(url)))
  onTestFinished(() => void vi.unstubAllGlobals())
  const { location, nonce } = wayToRoom(WAIT, 'demo', `${SHOP}/sale`)
  const open = await world.visitors.request(location.replace('/r/demo?', '/r/demo/through?'))
  const back = new URL(open.headers.get('location') ?? '')
  const pass = back.searchParams.get(PASS_PARAMETER) ?? ''
  const verify = passVerifier(WAIT, 'demo', () => new Date(world.now()))
  const { ticketId, sessionEndsAtMs } = await verify(pass, nonce)
  expect(ticketId).toMatch(/^\d+\.\d+\.\d+$/)
  expect(sessionEndsAtMs).toBeGreaterThan(world.now())

  await expect(verify(pass, 'another-nonce')).rejects.toThrow(/another browser/)
  await expect(passVerifier(WAIT, 'other')(pass, nonce)).rejects.toThrow()
  await expect(verify(`${pass.slice(0, -4)}AAAA`, nonce)).rejects.toThrow(/signature/)
  const [, claims] = pass.split('.')
  const none = Buffer.from('{"alg":"none","typ":"pass+jwt"}').toString('base64url')
  await expect(verify(`${none}.${claims}.`, nonce)).rejects.toThrow()
  const behind = passVerifier(WAIT, 'demo', () => new Date(world.now() - 7_000))
  await expect(behind(pass, nonce)).rejects.toThrow(/iat/)
  world.pass(66_000)
  await expect(verify(pass, nonce)).rejects.toThrow(/exp/)
})

test('the keys that the room’s command gives are those that its gate takes', async () => {
  const told = await startExample('examples/gate-keys.ts', { MASTER_SECRET }, /(\[.*\])\n/, [
    'demo',
  ])
  onTestFinished(told.stop)
  expect(told.said).toBe(GATE.GATE_KEYS)
  await expect(startExample('examples/gate-keys.ts', {}, /\[/, ['demo'])).rejects.toThrow(
    'MASTER_SECRET: not set; give it the text that `npm start` has',
  )
})

test('the script is written into no file whose name is an option', async () => {
  const asked = startExample('examples/script-gate/build.ts', {}, /never/, ['--help'])
  await expect(asked).rejects.toThrow('say where to: npx tsx examples/script-gate/build.ts FILE')
  expect(existsSync('--help')).toBe(false)
})

test('options out of the environment are named where they are missing or wrong', () => {
  const { keys, ...options } = parseGateConfig(
    gateOptionsFrom({ ...GATE, PROTECT: '/sale/*  /buy', BYPASS: '/open', PUBLIC_URL: '' }),
  )
  expect(options).toMatchObject({ room: 'demo', wayUrl: `${WAIT}/r/demo/through` })
  expect(options.rules.protect).toHaveLength(2)
  expect(options.publicOrigin).toBeUndefined()
  expect(keys[0]?.secret).toHaveLength(32)
  expect(() => gateOptionsFrom({})).toThrow('ROOM: not set; ROOM_URL: not set; GATE_KEYS: not set')
  expect(() => gateOptionsFrom({ ...GATE, WAY: 'x' })).toThrow(/^WAY: /)
  for (const text of ['secret-of-mine', '{}', '[{"id":"k1"}]', '[{"id":"k1","secret":"a b"}]']) {
    expect(() => gateOptionsFrom({ ...GATE, GATE_KEYS: text })).toThrow(
      'GATE_KEYS: a JSON list of ids and secrets is allowed',
    )
  }
})

test('every file that docs/gates.md names is there', () => {
  const text = readFileSync('docs/gates.md', 'utf8')
  const named = [...text.matchAll(/\b(?:examples|lib|test)\/[\w./-]+\.(?:ts|conf)\b/g)].map(
    ([path]) => path,
  )
  expect(new Set(named).size).toBeGreaterThan(10)
  for (const path of named) expect(existsSync(path), path).toBe(true)
})
