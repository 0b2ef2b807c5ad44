/** The gate for pages in a real browser, with its cryptography, its storage and the rules of the web. */
import { Hono } from 'hono'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { scriptGate } from '../../lib/gate/script/build.ts'
import { listen, portOf, stopListening } from '../../lib/local/server.ts'
import { createWorld } from '../support/world.ts'
import { launchBrowser } from './browser.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function profile(): Promise<BrowserContext> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return context
}

async function serve(app: Hono): Promise<string> {
  const server = await listen(app, 0)
  onTestFinished(() => stopListening(server))
  return `http://localhost:${portOf(server)}`
}

/** A site of files behind the script, and a room with ES256 passes that lets everybody through. */
async function start() {
  const world = await createWorld(Date.now() - 3_600_000)
  const ways: string[] = []
  const room = new Hono()
  room.get('/r/shop/through', async (c, next) => {
    ways.push(c.req.url)
    await next()
  })
  room.all('*', c => world.visitors.fetch(c.req.raw))
  const roomUrl = await serve(room)
  const shop = new Hono()
  shop.get('/gate.js', c => c.body(SCRIPT, 200, { 'content-type': 'text/javascript' }))
  shop.get('*', c => {
    c.header(
      'content-security-policy',
      `default-src 'none'; script-src 'self'; connect-src ${roomUrl}`,
    )
    return c.html(`<!doctype html><html lang="en"><head>
      <script src="/gate.js" data-room="shop" data-room-url="${roomUrl}" data-way="through"></script>
      <title>Shop</title></head><body><h1>In the shop</h1><a href="/next">next</a></body></html>`)
  })
  const shopUrl = await serve(shop)
  const config = { showroomUrl: `${shopUrl}/`, mode: 'off', passAlgorithm: 'ES256' }
  expect((await world.operator('PUT', '/shop', config)).status).toBe(201)
  await world.run('shop', 1)
  return { world, ways, shopUrl, roomUrl }
}

const SCRIPT = scriptGate()
const isSeen = (page: Page) => page.getByRole('heading', { name: 'In the shop' }).isVisible()
const arrives = (page: Page, url: string) =>
  page.waitForURL(current => current.href === url, { waitUntil: 'load' })

test('a visitor goes to the room and comes back in, and the next page asks nobody', async () => {
  const { shopUrl, ways } = await start()
  const page = await (await profile()).newPage()
  await page.goto(`${shopUrl}/sale?colour=red#top`)
  await arrives(page, `${shopUrl}/sale?colour=red#top`)
  await expect.poll(() => isSeen(page)).toBe(true)
  await page.getByRole('link').click()
  await arrives(page, `${shopUrl}/next`)
  await expect.poll(() => isSeen(page)).toBe(true)
  expect(ways).toHaveLength(1)
})

test('a second tab goes by the room with the same nonce, and so does a tab whose session is over', async () => {
  const { shopUrl, ways } = await start()
  const context = await profile()
  const [one, other] = [await context.newPage(), await context.newPage()]
  for (const page of [one, other]) {
    await page.goto(`${shopUrl}/`)
    await arrives(page, `${shopUrl}/`)
    await expect.poll(() => isSeen(page)).toBe(true)
  }
  const nonces = ways.map(way => new URL(way).searchParams.get('nonce'))
  expect([nonces.length, new Set(nonces).size]).toEqual([2, 1])
  await one.evaluate(() => sessionStorage.setItem('antichambre-shop', String(Date.now())))
  await one.reload()
  await arrives(one, `${shopUrl}/`)
  await expect.poll(() => isSeen(one)).toBe(true)
  expect(ways).toHaveLength(3)
})

test('failure mode 25: a link with a pass sends a second browser to the room', async () => {
  const { shopUrl, ways } = await start()
  const page = await (await profile()).newPage()
  const links: string[] = []
  page.on('request', request => {
    if (request.url().includes('antichambre=')) links.push(request.url())
  })
  await page.goto(`${shopUrl}/`)
  await arrives(page, `${shopUrl}/`)
  const stranger = await (await profile()).newPage()
  await stranger.goto(links[0] ?? '')
  await expect.poll(() => ways.length).toBe(2)
})

test('while the room is away nothing of the page is seen but why, and a try again gets in', async () => {
  const { shopUrl, roomUrl } = await start()
  const page = await (await profile()).newPage()
  await page.route(`${roomUrl}/r/shop/jwks.json`, route => route.abort())
  await page.goto(`${shopUrl}/`)
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toContain('cannot be reached')
  expect(await isSeen(page)).toBe(false)
  await page.unroute(`${roomUrl}/r/shop/jwks.json`)
  await page.getByRole('link', { name: 'Try again' }).click()
  await arrives(page, `${shopUrl}/`)
  await expect.poll(() => isSeen(page)).toBe(true)
})
