/** A real nginx with the recipe of docs/gates.md, on the same table of cases as every gate. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authRequestGate } from '../../lib/gate/auth-request.ts'
import { hasNginx, NGINX, type Nginx, startNginx } from '../support/nginx.ts'
import { type Asked, askToTheLetter, headersOf } from './adapters.ts'
import { NOW_MS, nonce, options, SHOP } from './browser.ts'
import { callOf, cases, sessionToken } from './cases.ts'
import { answered, decisionGate, type Gate, type Wire } from './wire.ts'

describe.skipIf(!hasNginx)(`the gate behind ${NGINX}`, () => {
  const gateOf = (changes: Partial<Parameters<typeof authRequestGate>[0]> = {}) =>
    authRequestGate({ ...options, now: () => NOW_MS, random: () => nonce(1), ...changes })
  let listener: RequestListener = gateOf()
  const service = createServer({ maxHeaderSize: 100_000 }, (request, response) =>
    listener(request, response),
  )
  let nginx: Nginx

  beforeAll(async () => {
    await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
    nginx = await startNginx((service.address() as AddressInfo).port)
  })
  afterAll(async () => {
    await nginx.close()
    service.closeAllConnections()
    service.close()
  })

  const ask = (asked: Partial<Asked> = {}) =>
    askToTheLetter(nginx.port, { method: 'GET', url: `${SHOP}/`, headers: {}, ...asked })
  const PERSON = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
  const INSIDE = { ...PERSON, cookie: `antichambre-demo=${sessionToken()}` }

  /** Undefined where nginx refused the request by itself. */
  const nginxGate = async (...[call]: Parameters<Gate>): Promise<Wire | undefined> => {
    const { request, nowMs } = call
    listener = gateOf({ ...call.options, publicUrl: SHOP, now: () => nowMs })
    const { method, url, cookie, accept, referer, fetchMode } = request
    const headers = headersOf({ cookie, accept, referer, 'sec-fetch-mode': fetchMode })
    const answer = await ask({ method, url, headers })
    if ([400, 414].includes(answer.status)) return undefined
    if ([200, 404, 405].includes(answer.status)) return throughOf(answer)
    return answered(request, {
      status: answer.status,
      header: name => answer.headers.get(name) ?? undefined,
      cookies: answer.headers.getSetCookie(),
      body: await answer.text(),
    })
  }

  test.each(cases.filter(({ options: changed }) => !(changed && 'publicUrl' in changed)))(
    '$name',
    async given => {
      const call = callOf(given)
      const wire = await nginxGate(call)
      if (wire === undefined) return
      expect(wire).toMatchObject(withoutTicket(given.wire))
      expect(wire).toEqual(withoutTicket(await decisionGate(call)))
    },
  )

  test('refuses by itself only what no browser sends: of the cases, these', async () => {
    const refused: string[] = []
    for (const given of cases) {
      if ((await nginxGate(callOf(given))) === undefined) refused.push(given.name)
    }
    expect(refused.length).toBeLessThan(20)
    for (const name of refused) expect(name).toMatch(/megabyte|failure mode 26|malformed/)
  })

  test('walks in whom it lets in, and serves the page to nobody else', async () => {
    listener = gateOf()
    expect((await ask({ headers: PERSON })).status).toBe(302)
    const page = await ask({ headers: INSIDE })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('showroom')])
    expect(page.headers.get('cache-control')).toBe('private, no-store')
  })

  test('failure mode 24: what a visitor says in the proxy’s own headers is not heard', async () => {
    listener = gateOf({ bypass: ['/free'] })
    const lies = {
      'x-original-uri': '/free',
      'x-original-method': 'GET',
      'antichambre-gate': 'session',
      'antichambre-ticket': '0.3.41',
    }
    expect((await ask({ headers: { ...PERSON, ...lies } })).status).toBe(302)
  })

  test('failure mode 26: a path in bytes beyond ASCII, which files have and browsers escape, is no way in', async () => {
    listener = gateOf({ protect: ['/été/*'] })
    const answer = await ask({ url: `${SHOP}/été/cars?à=1`, headers: PERSON })
    expect(answer.status).toBe(302)
    const { searchParams } = new URL(answer.headers.get('location') ?? '')
    expect(searchParams.get('to')).toBe(encodeURI(`${SHOP}/été/cars?à=1`))
  })

  test('failure mode 26: the addresses of the gate itself are no way in', async () => {
    listener = gateOf()
    for (const path of ['/antichambre-check', '/check', '/answer', '/@antichambre-answer']) {
      expect([302, 404]).toContain((await ask({ url: `${SHOP}${path}`, headers: PERSON })).status)
    }
  })

  test('a form without a session is told so, whatever its size, and its method stays', async () => {
    listener = gateOf()
    for (const size of [0, 10, 500_000]) {
      const answer = await ask({ method: 'POST', headers: PERSON, body: 'x'.repeat(size) })
      expect(answer.status).toBe(401)
      expect(await answer.text()).toContain('Nothing was done')
    }
  })

  test('failure mode 51: a gate that is away or cannot decide lets nobody in', async () => {
    listener = (_, response) => response.destroy()
    expect((await ask({ headers: INSIDE })).status).toBe(500)
    listener = (_, response) => response.writeHead(503).end()
    expect((await ask({ headers: INSIDE })).status).toBe(500)
    const shop = gateOf()
    listener = (request, response) => {
      delete request.headers['x-original-uri']
      shop(request, response)
    }
    expect((await ask({ headers: INSIDE })).status).toBe(500)
  })

  test('a session that comes between the two questions is an error, not an entry', async () => {
    const [closed, open] = [gateOf(), gateOf({ mode: 'off' })]
    listener = (request, response) => (request.url === '/check' ? closed : open)(request, response)
    const answer = await ask({ headers: PERSON })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
  })
})

/** The showroom is files here: what nginx was told of its visitor can be seen in its answer alone. */
function throughOf({ headers }: Response): Wire {
  const marked = headers.get('antichambre-gate')
  const via = marked ?? (headers.get('vary') === 'Cookie' ? 'session' : 'unprotected')
  expect(headers.get('cache-control')).toBe(via === 'unprotected' ? null : 'private, no-store')
  return { status: 'through', via }
}

function withoutTicket(wire: object): object {
  return Object.fromEntries(Object.entries(wire).filter(([name]) => name !== 'ticketId'))
}
