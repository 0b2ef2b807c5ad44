/** The departure beacon at the gate: who may say goodbye, and what it comes to. */
import fc from 'fast-check'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { signSession } from '../../../lib/gate/decision/session.ts'
import { createLeaving, type LeftDeparture } from '../../../lib/gate/goodbye/leaving.ts'
import { type GateEnv, gate, type HonoGateOptions } from '../../../lib/gate/hono.ts'
import { GOODBYE_SECONDS, LEAVING_MAX } from '../../../lib/gate/options/limits.ts'
import { AntichambreError } from '../../../lib/queue/errors.ts'
import { config, key, NOW_MS, nonce, options, SHOP } from '../browser.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const GRACE_MS = GOODBYE_SECONDS.default * 1000
const [KEY] = options.keys as [ReturnType<typeof key>]
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin', origin: SHOP }

type Beacon = NonNullable<HonoGateOptions['beacon']>

function shop(changes: Partial<HonoGateOptions> = {}, beacon: Partial<Beacon> = {}) {
  const left: LeftDeparture[] = []
  const app = new Hono<GateEnv>()
  const onDeparture = (departure: LeftDeparture) => void left.push(departure)
  const given = { beacon: { onDeparture, ...beacon }, now: () => NOW_MS, random: () => nonce(1) }
  app.use(gate({ ...options, ...given, ...changes }))
  app.all('*', c => c.text('in the showroom'))
  return { app, left }
}

const sessionOf = (ticketId: string, endsAtMs = NOW_MS + 900_000, room = options.room) =>
  `antichambre-${room}=${signSession({ ticketId, endsAtMs }, room, NOW_MS, KEY)}`

const say = (
  { app }: ReturnType<typeof shop>,
  word: 'left' | 'back',
  cookie: string,
  headers: Record<string, string> = SAME_ORIGIN,
) => app.request(`${SHOP}/antichambre/${word}`, { method: 'POST', headers: { cookie, ...headers } })

const codeOf = async (answer: Response) => (await answer.json()).error.code

describe('a goodbye', () => {
  test('is told once, when the grace is over', async () => {
    const made = shop()
    const answer = await say(made, 'left', sessionOf('0.3.41'))
    expect(answer.status).toBe(204)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    expect(made.left).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(made.left).toEqual([{ ticket: '0.3.41', reason: 'left' }])
    await vi.advanceTimersByTimeAsync(10 * GRACE_MS)
    expect(made.left).toHaveLength(1)
  })

  test.each([GOODBYE_SECONDS.min, 1, GOODBYE_SECONDS.max])(
    'waits for %i seconds where the showroom says so',
    async graceSeconds => {
      const made = shop({}, { graceSeconds })
      await say(made, 'left', sessionOf('0.3.41'))
      await vi.advanceTimersByTimeAsync(Math.max(0, graceSeconds * 1000 - 1))
      if (graceSeconds > 0) expect(made.left).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(made.left).toHaveLength(1)
    },
  )

  test('is taken back by any later request of the same session, and by nobody else’s', async () => {
    for (const path of ['/sale', '/buy?car=1', '/antichambre/back']) {
      const made = shop()
      await say(made, 'left', sessionOf('0.3.41'))
      await say(made, 'left', sessionOf('0.3.42'))
      const method = path === '/sale' ? 'GET' : 'POST'
      const headers = { ...SAME_ORIGIN, cookie: sessionOf('0.3.41'), accept: 'text/html' }
      await made.app.request(`${SHOP}${path}`, { method, headers })
      await vi.advanceTimersByTimeAsync(10 * GRACE_MS)
      expect(made.left.map(one => one.ticket)).toEqual(['0.3.42'])
    }
  })

  test('said again, while another page was open unseen, waits anew', async () => {
    const made = shop()
    await say(made, 'left', sessionOf('0.3.41'))
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    await say(made, 'left', sessionOf('0.3.41'))
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1)
    expect(made.left).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(made.left).toHaveLength(1)
  })

  test('ends no session: whoever comes back later is let in, and may leave again', async () => {
    const made = shop()
    const cookie = sessionOf('0.3.41')
    await say(made, 'left', cookie)
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    const answer = await made.app.request(`${SHOP}/sale`, { headers: { cookie } })
    expect(await answer.text()).toBe('in the showroom')
    await say(made, 'left', cookie)
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(made.left).toHaveLength(2)
  })

  test('whatever people do in whatever order, told are those whose last word was goodbye for a whole grace', async () => {
    const step = fc.record({
      ticket: fc.constantFrom('0.0.0', '0.0.1', '0.0.2'),
      does: fc.constantFrom('left', 'back', 'page'),
      thenMs: fc.constantFrom(0, 1, GRACE_MS - 1, GRACE_MS, GRACE_MS + 1),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        const made = shop()
        const expected: string[] = []
        const waiting = new Map<string, number>()
        let nowMs = 0
        const passed = (ms: number) => {
          nowMs += ms
          for (const [ticket, sinceMs] of waiting) {
            if (nowMs - sinceMs < GRACE_MS) continue
            expected.push(ticket)
            waiting.delete(ticket)
          }
        }
        for (const { ticket, does, thenMs } of steps) {
          const cookie = sessionOf(ticket)
          if (does === 'page') await made.app.request(`${SHOP}/sale`, { headers: { cookie } })
          else await say(made, does, cookie)
          if (does === 'left') waiting.set(ticket, nowMs)
          else waiting.delete(ticket)
          await vi.advanceTimersByTimeAsync(thenMs)
          passed(thenMs)
        }
        expect(made.left.map(one => one.ticket).sort()).toEqual(expected.sort())
      }),
      { numRuns: 30 },
    )
  })

  test('race: a hundred goodbyes and returns at once leave nobody told twice', async () => {
    const made = shop()
    const cookie = sessionOf('0.3.41')
    await Promise.all(Array.from({ length: 100 }, () => say(made, 'left', cookie)))
    await vi.advanceTimersByTimeAsync(10 * GRACE_MS)
    expect(made.left).toHaveLength(1)
  })

  test(`more than ${LEAVING_MAX} at once are too many: the next is refused, and told of never`, () => {
    // The timers of vitest would take minutes for so many.
    vi.useRealTimers()
    const told: unknown[] = []
    const leaving = createLeaving(GOODBYE_SECONDS.max, departure => told.push(departure))
    const everybody = Array.from({ length: LEAVING_MAX }, (_, number) => `0.0.${number}`)
    expect(everybody.filter(ticket => !leaving.leave(ticket))).toEqual([])
    expect(leaving.leave('1.0.0')).toBe(false)
    expect(leaving.leave('0.0.0')).toBe(true)
    leaving.stay('0.0.0')
    expect(leaving.leave('1.0.0')).toBe(true)
    for (const ticket of [...everybody, '1.0.0']) leaving.stay(ticket)
    expect(told).toEqual([])
  })

  test('counts at an open gate and one that is off too, for those who have a session', async () => {
    for (const mode of ['off', { openUntilMs: NOW_MS + 1 }] as const) {
      const made = shop({ mode })
      await say(made, 'left', sessionOf('0.3.41'))
      await vi.advanceTimersByTimeAsync(GRACE_MS)
      expect(made.left).toHaveLength(1)
    }
  })
})

describe('failure mode 24: a public id alone reports a departure', () => {
  test.each([
    ['no cookie', ''],
    ['a ticket id', 'antichambre-demo=0.3.41'],
    ['an altered session', `${sessionOf('0.3.41')}x`],
    ['a session of another room', sessionOf('0.3.41', NOW_MS + 1, 'other')],
    [
      'one under the name of this room',
      `antichambre-demo=${sessionOf('0.3.41', NOW_MS + 1, 'other').split('=')[1]}`,
    ],
    ['a session that is over', sessionOf('0.3.41', NOW_MS)],
  ])('%s says goodbye for nobody', async (_, cookie) => {
    const made = shop()
    for (const word of ['left', 'back'] as const) {
      const answer = await say(made, word, cookie)
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'no-session'])
    }
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(made.left).toEqual([])
  })

  test('whatever the address or the body say, it is the ticket of the cookie that leaves', async () => {
    const made = shop()
    await made.app.request(`${SHOP}/antichambre/left?ticket=0.0.9`, {
      method: 'POST',
      headers: { ...SAME_ORIGIN, cookie: sessionOf('0.3.41'), 'content-type': 'application/json' },
      body: JSON.stringify({ ticket: '0.0.9', reason: 'bought' }),
    })
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(made.left).toEqual([{ ticket: '0.3.41', reason: 'left' }])
  })

  test('a ticket that departed already has no session to leave', async () => {
    const made = shop({ hasDeparted: id => id === '0.3.41' })
    expect((await say(made, 'left', sessionOf('0.3.41'))).status).toBe(401)
  })
})

describe('failure mode 41: GETs that change something, posts from other sites', () => {
  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin: SHOP },
    { origin: 'https://evil.example' },
    { origin: 'http://shop.example' },
    { origin: 'https://shop.example:8443' },
    { origin: 'null' },
    { origin: '' },
  ])('a post with %j says goodbye for nobody', async headers => {
    const made = shop()
    const answer = await say(made, 'left', sessionOf('0.3.41'), headers as never)
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'forbidden'])
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(made.left).toEqual([])
  })

  test.each([{ 'sec-fetch-site': 'same-origin' }, { origin: SHOP }, {}])(
    'a post with %j does',
    async headers => {
      const made = shop()
      expect((await say(made, 'left', sessionOf('0.3.41'), headers as never)).status).toBe(204)
    },
  )

  test('behind a proxy the origin is the one of `publicUrl`, or else that of the request', async () => {
    const headers = { cookie: sessionOf('0.3.41'), origin: 'https://shop.example' }
    const inner = 'http://10.0.0.7:8080/antichambre/left'
    const named = await shop().app.request(inner, { method: 'POST', headers })
    expect(named.status).toBe(204)
    const unnamed = shop({ publicUrl: undefined })
    expect((await unnamed.app.request(inner, { method: 'POST', headers })).status).toBe(403)
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s changes nothing', async method => {
    const made = shop()
    const cookie = sessionOf('0.3.41')
    await say(made, 'left', cookie)
    for (const word of ['left', 'back']) {
      const answer = await made.app.request(`${SHOP}/antichambre/${word}`, {
        method,
        headers: { ...SAME_ORIGIN, cookie },
      })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    await vi.advanceTimersByTimeAsync(GRACE_MS)
    expect(made.left).toHaveLength(1)
  })
})

describe('failure mode 42: tokens in logs', () => {
  test('a departure that cannot be told is logged by the error’s name alone', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const cookie = sessionOf('0.3.41')
    const failures = [
      () => {
        throw new TypeError(`cannot tell of 0.3.41 ${cookie}`)
      },
      () => Promise.reject(new RangeError(cookie)),
      () => Promise.reject(cookie),
    ]
    for (const onDeparture of failures) {
      await say(shop({}, { onDeparture }), 'left', cookie)
      await vi.advanceTimersByTimeAsync(GRACE_MS)
    }
    const lines = errors.mock.calls.map(([line]) => JSON.parse(String(line)))
    expect(lines.map(line => line.error)).toEqual(['TypeError', 'RangeError', 'unknown'])
    expect(JSON.stringify(lines)).not.toMatch(/0\.3\.41|eyJ/)
    errors.mockRestore()
  })

  test('no answer says a token or a ticket', async () => {
    const made = shop()
    const cookie = sessionOf('0.3.41')
    for (const headers of [SAME_ORIGIN, { origin: 'https://evil.example' }]) {
      const answer = await say(made, 'left', cookie, headers as never)
      expect(`${await answer.text()}${JSON.stringify([...answer.headers])}`).not.toMatch(
        /0\.3\.41|eyJ/,
      )
    }
  })
})

describe('the addresses of the beacon', () => {
  test('the script is public, for an hour, and of its own kind', async () => {
    const answer = await shop().app.request(`${SHOP}/antichambre/left.js`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect((await answer.text()).length).toBeLessThan(4_000)
    const post = await shop().app.request(`${SHOP}/antichambre/left.js`, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('lie below the prefix that the showroom gives, and nowhere else', async () => {
    const made = shop({}, { prefix: '/sale/goodbye' })
    const post = (path: string) =>
      made.app.request(`${SHOP}${path}`, {
        method: 'POST',
        headers: { ...SAME_ORIGIN, cookie: sessionOf('0.3.41') },
      })
    expect((await post('/sale/goodbye/left')).status).toBe(204)
    for (const path of [
      '/antichambre/left',
      '/sale/goodbye/left/',
      '/sale/goodbye//left',
      '/x/sale/goodbye/left',
      '/sale/goodbye/Left',
    ]) {
      expect(await (await post(path)).text(), path).toBe('in the showroom')
    }
  })

  test('are behind the gate like any other where no beacon is asked for', async () => {
    const made = shop({ beacon: undefined })
    const answer = await made.app.request(`${SHOP}/antichambre/left.js`)
    expect(answer.status).toBe(302)
    const cookie = sessionOf('0.3.41')
    expect(await (await say(made, 'left', cookie)).text()).toBe('in the showroom')
    await vi.advanceTimersByTimeAsync(10 * GRACE_MS)
    expect(made.left).toEqual([])
  })

  test.each([
    [{ prefix: 'antichambre' }, /^beacon\.prefix: /],
    [{ prefix: '/antichambre/' }, /^beacon\.prefix: /],
    [{ prefix: '' }, /^beacon\.prefix: /],
    [{ prefix: '/*' }, /^beacon\.prefix: /],
    [{ prefix: '/a?b' }, /^beacon\.prefix: /],
    [{ graceSeconds: -1 }, /^beacon\.graceSeconds: -1 came, a whole number from 0 to 600/],
    [{ graceSeconds: 601 }, /^beacon\.graceSeconds: 601/],
    [{ graceSeconds: 1.5 }, /^beacon\.graceSeconds: 1\.5/],
    [{ prefix: '', graceSeconds: -1 }, /prefix: .*graceSeconds: /],
  ])('%j is refused at once, by name', (beacon, message) => {
    expect(() => shop({}, beacon)).toThrow(message)
    expect(() => shop({}, beacon)).toThrow(AntichambreError)
  })
})

test('keys that rotate are those of the gate: the beacon believes them and no other', async () => {
  let keys = options.keys
  const made = shop({ keys: () => keys })
  keys = [key('k2', 2)]
  expect((await say(made, 'left', sessionOf('0.3.41'))).status).toBe(401)
  keys = [key('k2', 2), KEY]
  expect((await say(made, 'left', sessionOf('0.3.41'))).status).toBe(204)
  expect(config({ keys }).keys).toHaveLength(2)
})
