import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { type GateEnv, gate, type HonoGateOptions } from '../../lib/gate/hono.ts'
import { browser, NOW_MS, nonce, options, roomAnswers, SHOP } from './browser.ts'
import { sessionToken } from './cases.ts'

function shop(changes: Partial<HonoGateOptions> = {}) {
  const calls: string[] = []
  const app = new Hono<GateEnv>()
  app.use(gate({ ...options, now: () => NOW_MS, random: () => nonce(1), ...changes }))
  app.get('/cached', c =>
    c.text('c', 200, { 'cache-control': 'public, max-age=60', vary: 'Accept' }),
  )
  app.get('/varies', c => c.text('v', 200, { vary: 'accept, cookie' }))
  app.get('/fails', () => {
    throw new Error('no')
  })
  app.onError((_, c) => c.text('failed', 500))
  app.all('*', c => {
    calls.push(c.req.method)
    return c.json(c.get('antichambre'))
  })
  return { app, calls }
}

/** A Cookie header of a visitor who is in. */
async function inside({ app }: ReturnType<typeof shop>) {
  const visitor = browser()
  const sent = await app.request(`${SHOP}/sale`)
  visitor.keep(sent.headers.getSetCookie(), NOW_MS)
  const passUrl = roomAnswers(sent.headers.get('location') ?? '')
  const entered = await app.request(passUrl, { headers: { cookie: visitor.cookieHeader(NOW_MS) } })
  visitor.keep(entered.headers.getSetCookie(), NOW_MS)
  return { sent, passUrl, entered, cookie: visitor.cookieHeader(NOW_MS) }
}

describe('the gate in front of a Hono app', () => {
  test('walks a visitor in by redirects that no cache keeps', async () => {
    const made = shop()
    const { sent, entered, cookie } = await inside(made)
    expect(sent.status).toBe(302)
    expect(sent.headers.get('cache-control')).toBe('no-store')
    expect(await sent.text()).toBe('')
    expect(entered.status).toBe(302)
    expect(entered.headers.get('location')).toBe(`${SHOP}/sale`)
    expect(entered.headers.get('cache-control')).toBe('no-store')
    expect(made.calls).toEqual([])
    const answer = await made.app.request(`${SHOP}/sale`, { headers: { cookie } })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      via: 'session',
      session: { ticketId: '0.3.41', endsAtMs: NOW_MS + 900_000 },
    })
  })

  test('has a clock and chance of its own where none is given', async () => {
    const { app } = shop({ now: undefined, random: undefined })
    const hashes = new Set<string>()
    for (const _ of [1, 2]) {
      const answer = await app.request(`${SHOP}/`)
      hashes.add(new URL(answer.headers.get('location') ?? '').searchParams.get('nonce') ?? '')
    }
    expect(hashes.size).toBe(2)
  })

  test('a script gets 401 and JSON, and the route is never reached', async () => {
    const { app, calls } = shop()
    const answer = await app.request(`${SHOP}/api`, { headers: { accept: 'application/json' } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const body = await answer.json()
    expect(body.error.code).toBe('no-session')
    expect(body.error.message).toMatch(/./)
    expect(body.location).toMatch(/^https:\/\/wait\.example\/r\/demo\?/)
    expect(calls).toEqual([])
  })

  test('a form gets 401 and a page with the way to the room, and nothing is done', async () => {
    const { app, calls } = shop()
    const headers = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      referer: `${SHOP}/a?b=1&c='2`,
    }
    const answer = await app.request(`${SHOP}/buy`, { method: 'POST', headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const page = await answer.text()
    expect(page).toContain('Nothing was done')
    expect(page).toContain('href="https://wait.example/r/demo?to=')
    expect(page).not.toContain("'2")
    expect(calls).toEqual([])
  })

  test('the loop breaker answers with an explanation, 503 and Retry-After', async () => {
    const { app } = shop()
    const headers = { cookie: `antichambre-demo.refusals=2.${NOW_MS / 1000}` }
    const answer = await app.request(`${SHOP}/?antichambre=a.b.c`, { headers })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.getSetCookie()).toHaveLength(2)
    expect(await answer.text()).toContain('fault of this site')
  })

  test('HEAD has the same answer without a body', async () => {
    const answer = await shop().app.request(`${SHOP}/`, { method: 'HEAD' })
    expect(answer.status).toBe(302)
    expect(await answer.text()).toBe('')
  })

  test('throws at once for a wrong configuration', () => {
    expect(() => gate({ ...options, protect: [] })).toThrow(/protect/)
  })

  test('keys that rotate away while it runs close the gate, without a restart', async () => {
    let keys = options.keys
    const made = shop({ keys: () => keys })
    const { cookie } = await inside(made)
    keys = [{ id: 'k2', secret: new Uint8Array(32).fill(2) }]
    const answer = await made.app.request(`${SHOP}/`, { headers: { cookie } })
    expect(answer.status).toBe(302)
  })
})

describe('failure mode 38: personal answers in a shared cache', () => {
  const headersOf = async (path: string, changes: Partial<HonoGateOptions> = {}) => {
    const made = shop(changes)
    const { cookie } = await inside(shop())
    const { headers } = await made.app.request(`${SHOP}${path}`, { headers: { cookie } })
    return [headers.get('cache-control'), headers.get('vary')]
  }

  test('an answer behind the gate that says nothing of caches becomes private', async () => {
    expect(await headersOf('/sale')).toEqual(['private, no-store', 'Cookie'])
    expect(await headersOf('/varies')).toEqual(['private, no-store', 'accept, cookie'])
    expect(await headersOf('/fails')).toEqual(['private, no-store', 'Cookie'])
  })

  test('one that says so keeps its word, and varies by cookie', async () => {
    expect(await headersOf('/cached')).toEqual(['public, max-age=60', 'Accept, Cookie'])
  })

  test('the answer to a WebSocket and an error of the network, which nobody can change, stay what they are', async () => {
    // no Response of Node's has this status; those of Workers and Deno do
    const upgraded = Object.defineProperty(new Response(), 'status', { value: 101 })
    const cookie = `antichambre-demo=${sessionToken()}`
    for (const response of [upgraded, Response.error()]) {
      const app = new Hono().use(gate({ ...options, now: () => NOW_MS })).get('/', () => response)
      expect(await app.request(`${SHOP}/`, { headers: { cookie } })).toBe(response)
    }
  })

  test('one that needs no session is left as it is', async () => {
    expect(await headersOf('/free', { bypass: ['/free'] })).toEqual([null, null])
    expect(await headersOf('/cached', { bypass: ['/cached'] })).toEqual([
      'public, max-age=60',
      'Accept',
    ])
  })
})

describe('failure mode 51: failing open without a word', () => {
  test.each([
    ['off', 'off'],
    [{ openUntilMs: NOW_MS + 1 }, 'open'],
    [{ openUntilMs: NOW_MS }, null],
    ['on', null],
  ] as const)('mode %j marks every answer with %j', async (mode, mark) => {
    const { app } = shop({ mode })
    const answer = await app.request(`${SHOP}/sale`)
    expect(answer.headers.get('antichambre-gate')).toBe(mark)
    expect(answer.headers.getSetCookie()).toHaveLength(mark === null ? 1 : 0)
    expect(answer.status).toBe(mark === null ? 302 : 200)
  })
})
