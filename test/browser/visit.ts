/** A browser at a room whose answers a test writes. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { type FakeRoom, ROOM, startFakeRoom } from '../page/fake-room.ts'
import { launchBrowser } from './browser.ts'

export const WAIT = { timeout: 20_000 }
/** The whole cohort is drawn, and nobody is let in yet. */
export const DRAWN = { phase: 'open', openCohort: 4, front: 0, tail: 71 } as const
export const LET_IN = { ...DRAWN, front: 71 } as const

let browser: Browser
/** One browser for all the visits of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
}

export interface Visit {
  readonly room: FakeRoom
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained about: scripts that broke, and rules of the page that were. */
  readonly complaints: string[]
  readonly url: string
}

export async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  const room = await startFakeRoom()
  const context = await browser.newContext(options)
  const complaints: string[] = []
  context.on('weberror', error => complaints.push(error.error().message))
  context.on('console', message => {
    // Answers that are no are part of the contract, and Chromium notes each of them.
    if (/Failed to load resource/.test(message.text())) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  const page = await context.newPage()
  onTestFinished(async () => {
    await context.close()
    await room.close()
    expect(complaints).toEqual([])
  })
  const to = encodeURIComponent(`${room.url}/showroom`)
  return { room, context, page, complaints, url: `${room.url}/r/${ROOM}?to=${to}` }
}

export const isShowroom = (url: URL) => url.pathname === '/showroom'
const heading = (page: Page) => page.getByRole('heading', { level: 1 })
export const says = (page: Page, text: string | RegExp) => expectText(heading(page), text)

export async function expectText(
  locator: ReturnType<Page['locator']>,
  text: string | RegExp,
): Promise<void> {
  await expect.poll(() => locator.textContent(), WAIT).toMatch(text)
}
