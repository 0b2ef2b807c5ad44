import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { showroomApp } from '../../lib/local/showroom.ts'
import { browser, NOW_MS, options, roomAnswers, SHOP } from '../gate/browser.ts'

type Changes = Partial<typeof options> & { mode?: 'off'; soldBefore?: number }

function shop(stock = 97, { soldBefore, ...changes }: Changes = {}) {
  const sales: [ticketId: string, left: number][] = []
  const leavers: string[] = []
  const clock = { nowMs: NOW_MS }
  const app = showroomApp({
    gateConfig: { ...options, ...changes },
    stock,
    soldBefore,
    onSold: (ticketId, left) => sales.push([ticketId, left]),
    onLeft: ticketId => leavers.push(ticketId),
    now: () => clock.nowMs,
  })
  return { app, sales, leavers, clock }
}

/** A visitor with a ticket walks in: their requests from then on. */
async function visitor({ app, clock }: ReturnType<typeof shop>, ticketId: string) {
  const jar = browser()
  const request = (path: string, init: RequestInit = {}) => {
    const headers = { cookie: jar.cookieHeader(NOW_MS), ...init.headers }
    return app.request(path.startsWith('http') ? path : `${SHOP}${path}`, { ...init, headers })
  }
  const sent = await request('/')
  jar.keep(sent.headers.getSetCookie(), NOW_MS)
  const facts = { ticketId, nowMs: clock.nowMs }
  const entered = await request(roomAnswers(sent.headers.get('location') ?? '', facts))
  jar.keep(entered.headers.getSetCookie(), NOW_MS)
  const buy = (headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) =>
    request('/buy', { method: 'POST', headers })
  return { request, buy }
}

describe('the demonstration showroom', () => {
  test('sends everybody without a session to the room', async () => {
    const { app, sales } = shop()
    for (const path of ['/', '/thank-you', '/nothing']) {
      const answer = await app.request(`${SHOP}${path}`)
      expect(answer.status).toBe(302)
      expect(answer.headers.get('location')).toMatch(
        /^https:\/\/wait\.example\/r\/demo\?to=.*&nonce=/,
      )
    }
    const buy = await app.request(`${SHOP}/buy`, { method: 'POST' })
    expect(buy.status).toBe(401)
    expect(sales).toEqual([])
  })

  test('shows the cars that are left, a button to buy one, and works without JavaScript', async () => {
    const { request } = await visitor(shop(97), '0.3.41')
    const answer = await request('/')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const page = await answer.text()
    expect(page).toContain('<strong>97</strong> of 97 cars left')
    expect(page).toMatch(/<form method="post" action="\/buy">\s*<button type="submit">/)
    expect(page).toContain('Your ticket is 0.3.41.')
    expect(page).toContain('You may stay 15 minutes more.')
    expect(page).not.toMatch(/javascript:|https?:\/\//)
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script src="/antichambre/left.js" async>'])
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]),
    )
  })

  test('sells a car and thanks: the sale is told with what is left', async () => {
    const made = shop(97)
    const { buy, request } = await visitor(made, '0.3.41')
    const bought = await buy()
    expect(bought.status).toBe(303)
    expect(bought.headers.get('location')).toBe('/thank-you')
    expect(made.sales).toEqual([['0.3.41', 96]])
    const thanks = await (await request('/thank-you')).text()
    expect(thanks).toContain('Car number <strong>1</strong> of 97')
    expect((await request('/')).headers.get('location')).toBe('/thank-you')
  })

  test('sells one car to a ticket, however often the form is sent', async () => {
    const made = shop(97)
    const { buy } = await visitor(made, '0.3.41')
    const answers = await Promise.all([buy(), buy(), buy()])
    expect(answers.map(answer => answer.headers.get('location'))).toEqual(
      Array(3).fill('/thank-you'),
    )
    const otherTab = await visitor(made, '0.3.41')
    await otherTab.buy()
    expect(made.sales).toEqual([['0.3.41', 96]])
  })

  test('sells no car twice and none that is not there', async () => {
    const made = shop(2)
    const people = await Promise.all(
      ['0.0.0', '0.0.1', '0.0.2'].map(ticketId => visitor(made, ticketId)),
    )
    const statuses = await Promise.all(people.map(async ({ buy }) => (await buy()).status))
    expect(statuses.sort()).toEqual([303, 303, 409])
    expect(made.sales.map(([, left]) => left)).toEqual([1, 0])
    const late = await visitor(made, '1.0.0')
    expect(await (await late.request('/')).text()).toContain('All cars are sold')
    expect(await (await late.buy()).text()).toContain('All cars are sold')
    expect(made.sales).toHaveLength(2)
  })

  test('a buyer is still thanked when the rest is sold out', async () => {
    const made = shop(1)
    const { buy, request } = await visitor(made, '0.0.0')
    await buy()
    expect((await buy()).status).toBe(303)
    expect((await request('/thank-you')).status).toBe(200)
  })

  test('a showroom of no cars is sold out from the start', async () => {
    const { request, buy } = await visitor(shop(0), '0.0.0')
    expect(await (await request('/')).text()).toContain('All cars are sold')
    expect((await buy()).status).toBe(409)
  })

  test('goes on where an earlier run of it stopped', async () => {
    const made = shop(3, { soldBefore: 2 })
    const { buy, request } = await visitor(made, '0.0.0')
    expect(await (await request('/')).text()).toContain('<strong>1</strong> of 3 cars left')
    await buy()
    expect(made.sales).toEqual([['0.0.0', 0]])
    expect(await (await request('/thank-you')).text()).toContain('<strong>3</strong> of 3')
    expect((await (await visitor(made, '0.0.1')).buy()).status).toBe(409)
  })

  test('tells of a visitor who closed the last page, and not of one who came back', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const made = shop()
    const [gone, back] = [await visitor(made, '0.0.0'), await visitor(made, '0.0.1')]
    expect((await gone.request('/antichambre/left.js')).status).toBe(200)
    for (const { request } of [gone, back]) {
      expect((await request('/antichambre/left', { method: 'POST' })).status).toBe(204)
    }
    await back.request('/')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(made.leavers).toEqual(['0.0.0'])
  })

  test('the thanks are for buyers: others are shown the cars', async () => {
    const { request } = await visitor(shop(), '0.0.0')
    const answer = await request('/thank-you')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/')
  })

  test('a session that ended buys nothing', async () => {
    const made = shop()
    const { buy } = await visitor(made, '0.0.0')
    made.clock.nowMs = NOW_MS + 900_000
    expect((await buy()).status).toBe(401)
    expect(made.sales).toEqual([])
  })

  test('GET buys nothing, and a page that is not there says so', async () => {
    const made = shop()
    const { request } = await visitor(made, '0.0.0')
    expect((await request('/buy')).status).toBe(404)
    expect(await (await request('/nothing')).text()).toContain('There is no such page')
    expect(made.sales).toEqual([])
  })

  test('while the gate is off nobody has a ticket, so nobody can buy', async () => {
    const { app, sales } = shop(97, { mode: 'off' })
    const page = await app.request(`${SHOP}/`)
    expect(page.status).toBe(200)
    expect(page.headers.get('antichambre-gate')).toBe('off')
    expect((await app.request(`${SHOP}/buy`, { method: 'POST' })).status).toBe(403)
    expect(sales).toEqual([])
  })

  test('failure mode 12: two showrooms share no stock', async () => {
    const [one, other] = [shop(1), shop(1)]
    await (await visitor(one, '0.0.0')).buy()
    expect(await (await (await visitor(other, '0.0.0')).request('/')).text()).toContain(
      '<strong>1</strong>',
    )
  })
})

describe('failure mode 41: no protection against cross-site posts', () => {
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
  ])('a form with %j buys nothing', async headers => {
    const made = shop()
    const { buy } = await visitor(made, '0.0.0')
    const answer = await buy(headers as Record<string, string>)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('Nothing was bought')
    expect(made.sales).toEqual([])
  })

  test.each([{ 'sec-fetch-site': 'same-origin' }, { origin: SHOP }, {}])(
    'a form with %j buys',
    async headers => {
      const { buy } = await visitor(shop(), '0.0.0')
      expect((await buy(headers as Record<string, string>)).status).toBe(303)
    },
  )
})

test('failure mode 41: nothing that a ticket says is HTML', async () => {
  const { request } = await visitor(shop(), '<b>"\'&')
  expect(await (await request('/')).text()).toContain('Your ticket is &lt;b&gt;&quot;&#39;&amp;.')
})
