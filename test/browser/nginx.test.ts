/** The recipe for nginx as its reader follows it: real nginx, the gate's service, the room, a browser. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { gateKeysText, startExample } from '../support/example.ts'
import { freePort, hasNginx, NGINX, startNginx } from '../support/nginx.ts'
import { startProcess } from '../support/process.ts'
import { launchBrowser } from './browser.ts'

const MASTER_SECRET = JSON.stringify({ current: 'k1', k1: 'nginx'.repeat(10) })
const WALK_MS = 60_000

describe.skipIf(!hasNginx)(`behind ${NGINX}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('a visitor walks from a static page through the room to the static page, and a stranger with their link does not', async () => {
    const room = await startProcess({ OPERATOR_TOKEN: 't', MASTER_SECRET })
    const [port, gatePort] = [await freePort(), await freePort()]
    const shop = `http://localhost:${port}`
    const made = await fetch(`${room.roomUrl}/operator/api/rooms/cars`, {
      method: 'PUT',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: JSON.stringify({ showroomUrl: `${shop}/` }),
    })
    expect(made.status).toBe(201)
    const environment = {
      ROOM: 'cars',
      ROOM_URL: room.roomUrl,
      PUBLIC_URL: shop,
      GATE_KEYS: gateKeysText(MASTER_SECRET, 'cars'),
      GATE_PORT: String(gatePort),
    }
    const gate = await startExample('examples/nginx/gate.ts', environment, /listens/)
    onTestFinished(gate.stop)
    const nginx = await startNginx(gatePort, port)
    onTestFinished(nginx.close)

    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const links: string[] = []
    page.on('request', request => {
      if (request.url().includes('antichambre=')) links.push(request.url())
    })
    await page.goto(`${shop}/index.html?colour=red`)
    expect(new URL(page.url()).origin).toBe(room.roomUrl)
    await page.waitForURL(url => url.origin === shop, { timeout: WALK_MS })
    expect(page.url()).toBe(`${shop}/index.html?colour=red`)
    expect(await page.textContent('h1')).toBe('You are in the showroom')
    await page.goto(`${shop}/`)
    expect(await page.textContent('h1')).toBe('You are in the showroom')

    expect(links).toHaveLength(1)
    const other = await browser.newContext()
    onTestFinished(() => other.close())
    const stranger = await other.newPage()
    await stranger.goto(links[0] ?? '')
    expect(new URL(stranger.url()).origin).toBe(room.roomUrl)
  })
})
