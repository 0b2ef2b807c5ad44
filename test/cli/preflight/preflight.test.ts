import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Check } from '../../../lib/cli/preflight/check.ts'
import { type Probe, probe } from '../../../lib/cli/preflight/probe.ts'
import { roomChecks } from '../../../lib/cli/preflight/room-checks.ts'
import {
  clockCheck,
  edgeCheck,
  gateCheck,
  keysCheck,
  pageCheck,
  statusCheck,
} from '../../../lib/cli/preflight/web-checks.ts'
import { type Account, ANSWER_BYTES_MAX } from '../../../lib/cli/shared/command.ts'
import { withKeys } from '../../../lib/gate/edge/stored.ts'
import { gate } from '../../../lib/gate/hono.ts'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { STORE_ARN } from '../../support/edge-aws.ts'
import { createWorld, OPERATOR_TOKEN } from '../../support/world.ts'
import { only, run, startOperator } from '../support.ts'

const NOW = Date.parse('2026-12-01T05:00:00Z')
const SHOWROOM = 'https://shop.example/sale'

function roomCheck(name: string, config: object, phase = 'gathering', visitors = 10_000): Check {
  const answer = {
    room: 'cars',
    phase,
    config: parseRoomConfig({ showroomUrl: SHOWROOM, ...config }, NOW),
  }
  const found = roomChecks(answer, visitors, NOW).find(({ check }) => check === name)
  if (found === undefined) throw new Error(`no check ${name}`)
  return found
}

describe('what a room’s configuration says', () => {
  const opensAt = '2026-12-01T06:00:00Z'
  it.each([
    ['opening', { opensAt }, 'gathering', 'ok', 'doors open now, the sale at 2026-12-01T06:00:00Z'],
    ['opening', { opensAt, doorsAt: '2026-12-01T05:30:00Z' }, 'scheduled', 'ok', '05:30:00Z'],
    ['opening', { opensAt: null }, 'gathering', 'look', 'when you say so'],
    ['opening', {}, 'open', 'ok', 'open'],
    ['opening', {}, 'ended', 'failed', 'over'],
    ['opening', {}, 'closed', 'failed', 'maintenance'],
    ['opening', {}, 'paused', 'look', 'paused'],
    ['opening', { mode: 'off' }, 'open', 'look', 'straight through'],
    ['rate', {}, 'open', 'ok', '600 a minute let 10000 visitors in within 17 minutes'],
    ['rate', { ratePerMinute: 0 }, 'open', 'failed', 'nobody is let in'],
    ['rate', { ratePerMinute: 25_000 }, 'open', 'ok', '25000'],
    ['rate', { ratePerMinute: 25_001 }, 'open', 'failed', 'about 25000 entries'],
    [
      'rate',
      { opensAt, ratePerMinute: 0, ratePlan: [{ at: opensAt, ratePerMinute: 60 }] },
      'gathering',
      'ok',
      '60 a minute',
    ],
    ['inside', {}, 'open', 'look', 'up to 9000 may be inside'],
    ['inside', { stock: 97 }, 'open', 'ok', 'up to 9000'],
    ['inside', { capacity: 9_000 }, 'open', 'ok', 'is not reached'],
    [
      'inside',
      { capacity: 400 },
      'open',
      'ok',
      'may be full after 40 s; then as many come in as leave, 26 a minute',
    ],
    ['inside', { capacity: 19 }, 'open', 'look', 'one batch of 20'],
    ['stock', {}, 'open', 'look', 'not counted'],
    ['stock', { stock: 97 }, 'open', 'ok', '97 to sell'],
    ['stock', { stock: 97, stockLeft: 12 }, 'open', 'ok', '12 left'],
    ['stock', { stock: 0 }, 'soldOut', 'failed', 'nothing is left'],
  ])('%s of %j, %s: %s', (check, config, phase, status, says) => {
    const found = roomCheck(check, config, phase)
    expect([found.status, found.says]).toEqual([status, expect.stringContaining(says)])
    expect(found.todo === undefined).toBe(status === 'ok')
  })
})

const BASE = new URL('https://wait.example/')
function answer(status: number, headers: Record<string, string> = {}, body: unknown = ''): Probe {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers: new Headers(headers), text, aheadMs: 0 }
}
const ahead = (aheadMs: number | undefined): Probe => ({ ...answer(200), aheadMs })
const HTML = { 'content-type': 'text/html; charset=utf-8' }

describe('what visitors meet', () => {
  it.each([
    ['a page', answer(200, HTML), 'ok'],
    ['no page', answer(404, HTML), 'failed'],
    ['something else than a page', answer(200, { 'content-type': 'text/plain' }), 'failed'],
    ['nothing', 'nothing listens there', 'failed'],
  ])('page: %s', (_what, page, status) => {
    expect(pageCheck(page).status).toBe(status)
  })

  it.each([
    [['k1'], 'ok', 'k1 signs'],
    [['k2', 'k1'], 'look', 'k2 signs, and k1 is accepted'],
    [[], 'failed', 'no keys'],
  ])('keys: %j', (ids, status, says) => {
    const found = keysCheck(answer(200, {}, { keys: ids.map(kid => ({ kid })) }))
    expect([found.status, found.says]).toEqual([status, expect.stringContaining(says)])
  })

  const to = (location: string) => answer(302, { location })
  it.each([
    ['to the page', to('https://wait.example/r/cars?to=x&nonce=y'), 'ok'],
    ['to the open way', to('https://wait.example/r/cars/through?to=x&nonce=y'), 'ok'],
    ['to another name of the room', to('https://queue.example/r/cars?nonce=y'), 'look'],
    ['without a nonce', to('https://wait.example/r/cars?to=x'), 'look'],
    ['to another room', to('https://wait.example/r/vans?nonce=y'), 'failed'],
    ['to a longer name', to('https://wait.example/r/cars2?nonce=y'), 'failed'],
    ['elsewhere', to('https://shop.example/login'), 'failed'],
    ['nowhere', answer(302), 'failed'],
    ['not at all', answer(200, HTML), 'failed'],
    ['with an error', answer(503), 'failed'],
  ])('gate: the showroom sends %s', (_what, showroom, status) => {
    expect(gateCheck(showroom, 'cars', BASE).status).toBe(status)
  })

  it.each([
    [answer(200, { 'antichambre-gate': 'off' }), 'there is a gate, and it is off'],
    [answer(404, { 'antichambre-gate': 'open' }), 'there is a gate, and it is open'],
    [answer(503, {}, '<p><small>no-keys'), 'there is a gate, and it has no keys'],
    [answer(503, {}, 'monkeys'), 'the showroom answers 503'],
  ])('gate: what is wrong with one that is there is named (%#)', (showroom, says) => {
    const found = gateCheck(showroom, 'cars', BASE)
    expect([found.status, found.says]).toEqual(['failed', expect.stringContaining(says)])
  })

  it('gate: a showroom that is not there is told to be looked for, not to get a gate', () => {
    const found = gateCheck('cannot be reached (ENOTFOUND)', 'cars', BASE)
    expect([found.status, found.says, found.todo]).toEqual([
      'failed',
      'the showroom: cannot be reached (ENOTFOUND)',
      'is it up, and is the room’s showroomUrl its address? room get cars shows it',
    ])
  })

  const on = { mode: 'on', keyIds: ['k2', 'k1'] } as const
  it.each([
    [on, ['k2', 'k1'], 'ok', 'the gate is on and knows k2, k1'],
    [on, ['k2', 'k0', 'k1'], 'ok', 'on and knows'],
    [on, ['k3', 'k1', 'k2'], 'failed', 'does not know k3'],
    [on, ['k2', 'k1', 'k3'], 'failed', 'does not know k3'],
    [{ ...on, keyIds: [] }, ['k1', 'k2'], 'failed', 'does not know k1, k2'],
    [{ ...on, mode: 'off' }, ['k1'], 'failed', 'the gate is off'],
    [{ ...on, mode: { openUntilMs: NOW } }, ['k1'], 'failed', 'open until 2026-12-01T05:00:00Z'],
    [undefined, ['k1'], 'failed', 'knows no gate of cars'],
  ] as const)('store: %j, and keys %j of the room: %s', (gate, kids, status, says) => {
    const found = edgeCheck('cars', gate, kids)
    expect([found.status, found.says]).toEqual([status, expect.stringContaining(says)])
    expect(found.todo === undefined).toBe(status === 'ok')
  })

  it.each([
    [0, 0, 'ok'],
    [0, 6_000, 'ok'],
    [0, 7_000, 'failed'],
    [-7_000, 0, 'failed'],
    [7_000, 7_000, 'look'],
    [6_000, 6_000, 'ok'],
    [undefined, 0, 'unchecked'],
    [0, undefined, 'unchecked'],
  ])('clock: room %s ms ahead of us, showroom %s ms: %s', (room, showroom, status) => {
    expect(clockCheck(ahead(room), ahead(showroom)).status).toBe(status)
  })

  it('status: one that is not cached, or is no status, is named', () => {
    const bad = statusCheck(answer(200, { 'cache-control': 'public, max-age=1' }, {}), 'away')
    expect([bad.status, bad.says]).toEqual([
      'failed',
      expect.stringContaining('not as a room does'),
    ])
  })
})

describe('one request', () => {
  const now = () => NOW
  it('follows nothing, says that a person navigates, and carries no token', async () => {
    const server = await startOperator(() => ({ status: 302, headers: { location: '/elsewhere' } }))
    const outcome = await probe(`${server.url}/sale`, 5_000, now)
    expect(outcome).toMatchObject({ status: 302 })
    expect(server.received).toHaveLength(1)
    expect(only(server.received).headers).toMatchObject({ 'sec-fetch-mode': 'navigate' })
    expect(only(server.received).headers.authorization).toBeUndefined()
  })

  it('compares clocks by the time that the answer was made, however long it was cached', async () => {
    const date = new Date(NOW - 30_000).toUTCString()
    const { url } = await startOperator(() => ({ headers: { date, age: '29' } }))
    expect(await probe(url, 5_000, now)).toMatchObject({ aheadMs: -1_000 })
  })

  it('says why there was no answer', async () => {
    const { url } = await startOperator(() => undefined)
    expect(await probe(url, 50, now)).toBe('no answer within 0.05 s')
    expect(await probe('http://127.0.0.1:1/', 5_000, now)).toBe('cannot be reached (ECONNREFUSED)')
    const long = await startOperator(() => ({ body: 'x'.repeat(ANSWER_BYTES_MAX + 1) }))
    expect(await probe(long.url, 5_000, now)).toContain(`more than ${ANSWER_BYTES_MAX} bytes`)
  })
})

/** The real applications behind HTTP, and a showroom with or without a gate. */
async function served(options: { withGate: boolean; showroomAheadMs?: number }) {
  const world = await createWorld(NOW)
  const port = (fetch: Hono['fetch']) =>
    new Promise<string>(resolve => {
      const listen = { fetch, port: 0, hostname: '127.0.0.1' }
      const server = serve(listen, address => resolve(`http://127.0.0.1:${address.port}`))
      onTestFinished(() => void server.close())
    })
  const room = new Hono()
  room.use(async (c, next) => {
    await next()
    c.header('date', new Date(world.now()).toUTCString())
  })
  room.get('/r/:room', c => c.html('<h1>the page</h1>'))
  room.all('/operator/*', c => world.operators.fetch(c.req.raw))
  room.all('*', c => world.visitors.fetch(c.req.raw))
  const url = await port(room.fetch)
  const shop = new Hono()
  shop.use(async (c, next) => {
    await next()
    c.header('date', new Date(world.now() + (options.showroomAheadMs ?? 0)).toUTCString())
  })
  const keys = () => world.keys.gateKeys('cars')
  if (options.withGate) shop.use(gate({ room: 'cars', roomUrl: url, keys, now: world.now }))
  shop.get('*', c => c.html('the sale'))
  const showroomUrl = `${await port(shop.fetch)}/sale`
  const config = { showroomUrl, stock: 97, capacity: 400, opensAt: '2026-12-01T06:00:00Z' }
  expect((await world.operator('PUT', '/cars', config)).status).toBe(201)
  const cli = (...words: string[]) =>
    run(['preflight', 'cars', ...words], {
      url,
      env: { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN },
      now: world.now,
      account,
    })
  return { world, cli }
}

let warm: () => Promise<number | undefined> = async () => 4_000
let edgeStore: Account['edgeStore'] = async () => {
  throw new Error('nobody asked for a store')
}
const account: Account = {
  secret: async () => {
    throw new Error('preflight reads no secret')
  },
  warmWrites: () => warm(),
  edgeStore: arn => edgeStore(arn),
}

describe('preflight', () => {
  it('of a room that is ready exits 0, and says what it could not look at', async () => {
    const { cli } = await served({ withGate: true })
    const { exitCode, output, complaint } = await cli()
    expect([exitCode, complaint]).toEqual([0, ''])
    for (const line of [
      /^ok +opening +doors open now, the sale at 2026-12-01T06:00:00Z/m,
      /^ok +gate +the showroom sends visitors to this room$/m,
      /^ok +clock /m,
      /^ok +keys +k1 signs$/m,
      /^LOOK +status +no CDN answered/m,
      /^- +instances .* about 100 instances at once$/m,
      /^ +-> aws lambda get-account-settings/m,
      /^ready; 1 to look at, 2 not checked from here$/m,
    ]) {
      expect(output).toMatch(line)
    }
  })

  it('of a showroom without a gate, and with a wrong clock, exits 1 and says what to do', async () => {
    const { cli } = await served({ withGate: false, showroomAheadMs: 60_000 })
    const { exitCode, output } = await cli('--json')
    expect(exitCode).toBe(1)
    const { ready, checks } = JSON.parse(output) as { ready: boolean; checks: Check[] }
    expect(ready).toBe(false)
    const wrong = checks.filter(({ status }) => status === 'failed')
    expect(wrong.map(({ check }) => check)).toEqual(['gate', 'clock'])
    expect(wrong.map(({ todo }) => todo)).toEqual([
      expect.stringContaining('docs/gates.md'),
      expect.stringContaining('NTP'),
    ])
  })

  it('asks AWS about the table where there is an account, for as many visitors as come', async () => {
    const { cli } = await served({ withGate: true })
    const table = async (visitors: string) => {
      const { output } = await cli('--table', 'rooms', '--visitors', visitors, '--json')
      const { checks } = JSON.parse(output) as { checks: Check[] }
      return checks.find(({ check }) => check === 'table')
    }
    expect(await table('300000')).toMatchObject({ status: 'ok' })
    expect(await table('300001')).toMatchObject({
      status: 'look',
      todo: 'warmThroughput: { writeUnitsPerSecond: 4001 }',
    })
    warm = async () => {
      throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' })
    }
    expect(await table('10')).toMatchObject({
      status: 'unchecked',
      says: expect.stringContaining('there are no AWS credentials'),
    })
  })

  it('looks into the store of a gate at the edge where it is named, with the account alone', async () => {
    const { world, cli } = await served({ withGate: true })
    const keys = world.keys.gateKeys('cars')
    const store = async (...words: string[]) => {
      const { output } = await cli('--json', ...words)
      return (JSON.parse(output) as { checks: Check[] }).checks.find(
        ({ check }) => check === 'store',
      )
    }
    expect(await store()).toBeUndefined()
    const text = withKeys(undefined, keys, 'on', NOW)
    edgeStore = async () => ({
      read: async () => ({ text, version: '1' }),
      write: async () => 'lost',
    })
    expect(await store('--store', STORE_ARN)).toMatchObject({
      status: 'ok',
      says: 'the gate is on and knows k1',
    })
    edgeStore = async () => {
      throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' })
    }
    expect(await store('--store', STORE_ARN)).toMatchObject({
      status: 'unchecked',
      says: expect.stringContaining('there are no AWS credentials'),
    })
    expect((await cli('--store', 'GateStore')).exitCode).toBe(2)
  })

  it('refuses what cannot be asked, before anything is sent', async () => {
    for (const words of [['Cars'], ['cars', '--visitors', '0'], ['cars', '--visitors', 'many']]) {
      expect((await run(['preflight', ...words])).exitCode).toBe(2)
    }
  })

  it('of a room that is not there says so', async () => {
    const world = await createWorld(NOW)
    const url = await new Promise<string>(resolve => {
      const listen = { fetch: world.operators.fetch, port: 0, hostname: '127.0.0.1' }
      const server = serve(listen, ({ port }) => resolve(`http://127.0.0.1:${port}`))
      onTestFinished(() => void server.close())
    })
    const env = { ANTICHAMBRE_TOKEN: OPERATOR_TOKEN }
    const { exitCode, complaint } = await run(['preflight', 'cars'], { url, env })
    expect([exitCode, complaint.includes('(unknown-room)')]).toEqual([1, true])
  })
})
