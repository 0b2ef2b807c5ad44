/** The whole way in a real browser: showroom, gate, room, place, turn, showroom. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Running, startProcess } from '../support/process.ts'
import { launchBrowser } from './browser.ts'

const WALK_MS = 60_000

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function profile(options: { javaScriptEnabled?: boolean } = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  return context
}

/** The demonstration, whose sale opens a few seconds from now. */
async function start(environment: Record<string, string> = {}): Promise<Running> {
  const running = await startProcess({ OPERATOR_TOKEN: 't', ...environment })
  await patch(running, { opensAt: new Date(Date.now() + 4_000).toISOString() })
  return running
}

async function patch(running: Running, change: object): Promise<void> {
  const answer = await fetch(`${running.roomUrl}/operator/api/rooms/demo`, {
    method: 'PATCH',
    headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
    body: JSON.stringify(change),
  })
  expect(answer.status).toBe(200)
}

const isInShowroom = (running: Running) => (url: URL) => url.origin === running.showroomUrl
const isInRoom = (running: Running) => (url: URL) => url.origin === running.roomUrl

/** What the server says of this browser's ticket. */
function place(page: Page): Promise<{ status: string; place?: number }> {
  return page.evaluate(async () => (await fetch(`${location.pathname}/place`)).json())
}

async function drawn(page: Page): Promise<number> {
  await expect.poll(async () => (await place(page)).place, { timeout: WALK_MS }).toBeGreaterThan(0)
  return (await place(page)).place ?? 0
}

test('a visitor walks from the showroom through the room into the showroom, and the address is clean', async () => {
  const running = await start()
  const page = await (await profile()).newPage()
  await page.goto(`${running.showroomUrl}/cars?colour=red`)
  expect(isInRoom(running)(new URL(page.url()))).toBe(true)
  await page.waitForURL(isInShowroom(running), { timeout: WALK_MS })
  expect(page.url()).toBe(`${running.showroomUrl}/cars?colour=red`)
  await page.goto(running.showroomUrl)
  await page.getByRole('button', { name: /buy/i }).click()
  await page.waitForLoadState()
  expect(await page.textContent('body')).toMatch(/Car number 1 of 97/)
})

test('a reload, a second tab, the back button and a restart of the server keep the place', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'antichambre-browser-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const first = await start({ DATA_DIR: dataDir })
  await patch(first, { ratePerMinute: 0 })
  const context = await profile()
  const page = await context.newPage()
  await page.goto(first.showroomUrl)
  const mine = await drawn(page)

  await page.reload()
  expect((await place(page)).place).toBe(mine)
  await page.goto('about:blank')
  await page.goBack()
  expect((await place(page)).place).toBe(mine)
  const tab = await context.newPage()
  await tab.goto(first.showroomUrl)
  expect((await place(tab)).place).toBe(mine)
  await tab.close()

  await first.stop('SIGKILL')
  const second = await startProcess({
    OPERATOR_TOKEN: 't',
    DATA_DIR: dataDir,
    PORT: new URL(first.roomUrl).port,
    SHOWROOM_PORT: new URL(first.showroomUrl).port,
  })
  expect((await place(page)).place).toBe(mine)
  await patch(second, { ratePerMinute: 600 })
  await page.waitForURL(isInShowroom(second), { timeout: WALK_MS })
})

test('failure mode 25: a pass link opened in a second profile does not get in', async () => {
  const running = await start()
  const page = await (await profile()).newPage()
  const links: string[] = []
  page.on('request', request => {
    if (request.url().includes('antichambre=')) links.push(request.url())
  })
  await page.goto(running.showroomUrl)
  await page.waitForURL(isInShowroom(running), { timeout: WALK_MS })
  const [link] = links
  if (link === undefined) throw new Error('no pass was seen')

  const stranger = await (await profile()).newPage()
  await stranger.goto(link)
  expect(isInRoom(running)(new URL(stranger.url()))).toBe(true)
  expect(stranger.url()).not.toContain('antichambre=')
})

test('with JavaScript switched off a visitor gets in through the plain page', async () => {
  const running = await start()
  const page = await (await profile({ javaScriptEnabled: false })).newPage()
  await page.goto(`${running.showroomUrl}/cars?colour=blue`)
  await page.waitForURL(/\/plain/, { timeout: WALK_MS })
  await page.waitForURL(isInShowroom(running), { timeout: WALK_MS })
  expect(page.url()).toBe(`${running.showroomUrl}/cars?colour=blue`)
})
