/** The departure beacon in a real browser: when it says goodbye, and when it does not. */
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { signSession } from '../../lib/gate/decision/session.ts'
import { type GateEnv, gate } from '../../lib/gate/hono.ts'
import { key } from '../gate/browser.ts'
import { launchBrowser } from './browser.ts'

const KEY = key('k1', 1)
/** Long enough for everything that a test does, and for the page to take a goodbye back. */
const GRACE_SECONDS = 4
const SOON_MS = 3_000
const BACK_MS = 2_000

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Beacons as they came at the showroom, and departures as it was told of them. */
let said: string[] = []
let left: string[] = []
let shop: string
let elsewhere: string
beforeAll(async () => {
  const app = new Hono<GateEnv>()
  app.use('/antichambre/*', async (c, next) => {
    if (c.req.method === 'POST') said.push(c.req.path.slice('/antichambre/'.length))
    await next()
  })
  app.use(
    gate({
      room: 'demo',
      roomUrl: 'https://wait.example',
      keys: [KEY],
      beacon: { onDeparture: ({ ticket }) => left.push(ticket), graceSeconds: GRACE_SECONDS },
    }),
  )
  app.post('/form', c => c.redirect('/next', 303))
  app.get('*', c => c.html(PAGE))
  shop = await served(app)
  elsewhere = await served(new Hono().get('*', c => c.html('<title>elsewhere</title>')))
})

const PAGE = `<!doctype html><title>shop</title>
<script src="/antichambre/left.js" async></script>
<a id="link" href="/next">next</a>
<form method="post" action="/form"><button id="send">send</button></form>`

beforeEach(() => {
  said = []
  left = []
})

/** A visitor who is in, on a page of the showroom. */
async function visitor(ticketId = '0.3.41'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const nowMs = Date.now()
  const session = { ticketId, endsAtMs: nowMs + 900_000 }
  const value = signSession(session, 'demo', nowMs, KEY)
  await context.addCookies([{ name: 'antichambre-demo', value, url: shop }])
  return { context, page: await openPage(context) }
}

async function openPage(context: BrowserContext, path = '/'): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${shop}${path}`)
  await page.waitForLoadState('load')
  return page
}

/** As a person closes it: its events run. */
const close = (page: Page) => page.close({ runBeforeUnload: true })
const quiet = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('a visitor', () => {
  test('who closes the last page has left, when the grace is over', async () => {
    const { page } = await visitor()
    await close(page)
    await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
    expect(left).toEqual([])
    await expect.poll(() => left, { timeout: 2_000 * GRACE_SECONDS }).toEqual(['0.3.41'])
  })

  test('who closes one of two pages has not left, until the other is closed as well', async () => {
    const { context, page } = await visitor()
    const other = await openPage(context, '/next')
    await close(page)
    await quiet(1_000)
    expect(said).toEqual([])
    await close(other)
    await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
  })

  test.each(['#link', '#send'])('who goes on by %s says nothing', async selector => {
    const { page } = await visitor()
    await page.click(selector)
    await page.waitForURL(`${shop}/next`)
    await quiet(BACK_MS + 500)
    expect(said).toEqual([])
    await close(page)
    await quiet(500)
  })

  test('whom a script sends on says nothing', async () => {
    const { page } = await visitor()
    await page.evaluate(() => location.assign('/next'))
    await page.waitForURL(`${shop}/next`)
    await quiet(BACK_MS + 500)
    expect(said).toEqual([])
  })

  test('who reloads is not taken for one who left', async () => {
    const { page } = await visitor()
    await page.reload()
    await quiet(1_000 * GRACE_SECONDS + BACK_MS)
    expect(said.filter(word => word === 'left').length).toBe(
      said.filter(word => word === 'back').length,
    )
    expect(left).toEqual([])
  })

  test('who types another address of the showroom takes the goodbye back', async () => {
    const { page } = await visitor()
    await page.goto(`${shop}/next`)
    await expect.poll(() => said, { timeout: BACK_MS + SOON_MS }).toEqual(['left', 'back'])
    await quiet(1_000 * GRACE_SECONDS)
    expect(left).toEqual([])
  })

  test('who types an address and goes on before that page said so takes the goodbye back all the same', async () => {
    const { page } = await visitor()
    await page.goto(`${shop}/next`)
    await page.click('#link')
    await page.waitForURL(`${shop}/next`)
    await expect.poll(() => said, { timeout: BACK_MS + SOON_MS }).toContain('back')
    await quiet(1_000 * GRACE_SECONDS)
    expect(left).toEqual([])
  })

  test('who closes a page that just showed another part of itself has left', async () => {
    const { page } = await visitor()
    await page.evaluate(() => history.pushState(null, '', '/inner'))
    await close(page)
    await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
  })

  test('who goes to another site has left', async () => {
    const { page } = await visitor()
    await page.goto(elsewhere)
    await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
  })

  test('without a session says goodbye, and nobody is told', async () => {
    const { context, page } = await visitor()
    await context.clearCookies()
    await close(page)
    await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
    await quiet(1_000 * GRACE_SECONDS)
    expect(left).toEqual([])
  })
})

test('the script leaves nothing behind but the note of its last goodbye', async () => {
  const { context, page } = await visitor()
  const other = await openPage(context)
  expect(await other.evaluate(() => Object.keys(localStorage).length)).toBe(2)
  await close(page)
  await expect
    .poll(() => other.evaluate(() => Object.keys(localStorage).length), { timeout: SOON_MS })
    .toBe(1)
})

test('a page that crashed long ago keeps nobody from leaving', async () => {
  const { page } = await visitor()
  await page.evaluate(() => {
    const prefix = 'antichambre /antichambre/left.js page '
    localStorage.setItem(`${prefix}crashed`, String(Date.now() - 900_000))
  })
  await close(page)
  await expect.poll(() => said, { timeout: SOON_MS }).toEqual(['left'])
})

async function served(app: Pick<Hono, 'fetch'>): Promise<string> {
  return new Promise(resolve => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    )
    afterAll(() => void server.close())
  })
}
