/** The waiting page in a real browser, against a room whose answers are written here. */
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type FakeRoom, ROOM } from '../page/fake-room.ts'
import { DRAWN, expectText, isShowroom, LET_IN, says, useBrowser, visit, WAIT } from './visit.ts'

declare global {
  interface Window {
    /** Put there by its source. */
    axe: typeof axe
    watched: { readonly ticking: Set<unknown>; isHidden: boolean }
  }
}

useBrowser()

test('a visitor walks from the gathering through draw and line to the showroom', async () => {
  const { room, page, url } = await visit()
  await page.goto(url)
  await says(page, 'You are in')
  expect(await page.title()).toMatch(/^12:\d\d · You are in$/)
  expect(await page.textContent('#figure')).toMatch(/12:\d\d until the opening (at|on) /)
  expect(await page.textContent('#facts')).toMatch(/12,402 people/)

  room.say({ phase: 'open' })
  await expect.poll(() => page.getAttribute('#room', 'data-state'), WAIT).toBe('drawing')

  room.say(DRAWN)
  await says(page, 'You are in line')
  expect(await page.textContent('#facts')).toContain(`Your place${room.place}`)
  expect(await page.title()).toMatch(/^\d+ ahead/)
  await page.getByText('Computed and checked by your own browser').click()
  expect(await page.textContent('#proof')).toContain('3.1.5')
  const record = page.getByRole('link', { name: /public record/ })
  expect(await record.getAttribute('href')).toBe(`/r/${ROOM}/cohorts/3`)

  room.say(LET_IN)
  await page.waitForURL(`${room.url}/showroom?pass=1`, WAIT)
  expect(room.asked.filter(one => one.startsWith('POST'))).toEqual(['POST tickets', 'POST passes'])
  expect(room.posted).toEqual([{ attempt: 1 }, { to: `${room.url}/showroom` }])
})

test('nobody is told that a place is kept before there is one', async () => {
  const { room, page, url } = await visit()
  room.say({ phase: 'scheduled' })
  await page.goto(url)
  await says(page, 'The doors are still closed')
  const keeps = page.getByText('this browser keeps your place')
  expect(await keeps.isVisible()).toBe(false)
  room.say({ phase: 'gathering' })
  await says(page, 'You are in')
  expect(await keeps.isVisible()).toBe(true)
})

test('a hidden tab says that it is the turn, and goes in by itself', async () => {
  const { room, page, url } = await visit()
  room.say({ phase: 'open', openCohort: 4 })
  room.refuses = { pass: [425, 'not-yet'] }
  await page.addInitScript(() => {
    Object.defineProperty(document, 'hidden', { get: () => true })
  })
  await page.goto(url)
  room.say(LET_IN)
  await expect.poll(() => page.title(), WAIT).toBe('It is your turn!')
  room.refuses = {}
  await page.waitForURL(isShowroom, WAIT)
})

/** The clocks of a page that tick again and again, and what hides it. */
const WATCHED = () => {
  const watched = { ticking: new Set<unknown>(), isHidden: false }
  const { setInterval: begin, clearInterval: end } = window
  Object.assign(window, {
    watched,
    setInterval: (...of: Parameters<typeof begin>) => {
      const clock = begin(...of)
      watched.ticking.add(clock)
      return clock
    },
    clearInterval: (clock: number) => {
      watched.ticking.delete(clock)
      end(clock)
    },
  })
  Object.defineProperty(document, 'hidden', { get: () => watched.isHidden })
}

test('failure mode 19: a hidden page has no clock that would slow the timers down by which it asks', async () => {
  const { room, page, url } = await visit()
  await page.addInitScript(WATCHED)
  await page.goto(url)
  await says(page, 'You are in')
  const hide = (isHidden: boolean) =>
    page.evaluate(hidden => {
      window.watched.isHidden = hidden
      document.dispatchEvent(new Event('visibilitychange'))
      return window.watched.ticking.size
    }, isHidden)
  expect(await hide(true)).toBe(0)
  const asked = room.asked.length
  await expect.poll(() => room.asked.length, { timeout: 40_000 }).toBeGreaterThan(asked + 1)
  expect(await page.evaluate(() => window.watched.ticking.size)).toBe(0)
  expect(await hide(false)).toBe(1)
})

describe('failure mode 40: the place and the number', () => {
  test('survive a reload, a second tab, and a room that was away', async () => {
    const { room, context, page, url } = await visit()
    room.say({ ...DRAWN, ratePerMinute: 600 })
    await page.goto(url)
    await says(page, 'You are in line')
    const ahead = async (tab: Page) => Number((await tab.textContent('#value')) ?? Number.NaN)
    const first = await ahead(page)

    await page.reload()
    await says(page, 'You are in line')
    const afterReload = await ahead(page)
    expect(afterReload).toBeLessThanOrEqual(first)

    const second = await context.newPage()
    await second.goto(url)
    await says(second, 'You are in line')
    expect(await second.textContent('#facts')).toContain(`Your place${room.place}`)
    await second.close()

    room.isDown = true
    await expectText(page.locator('#notice'), 'Your place is kept, and we keep trying')
    expect(await page.textContent('#facts')).toContain(`Your place${room.place}`)
    room.isDown = false
    await expect.poll(() => page.isHidden('#notice'), { timeout: 40_000 }).toBe(true)
    expect(await ahead(page)).toBeLessThanOrEqual(afterReload)
  })

  test('survive an arrival at a room that is away', async () => {
    const { room, page, url } = await visit()
    room.isDown = true
    await page.goto(url)
    await expectText(page.locator('#notice'), /keep trying/)
    room.isDown = false
    await says(page, 'You are in')
    expect(room.asked).toContain('POST tickets')
    const [joined] = room.posted as { attempt: number }[]
    expect(joined?.attempt).toBeGreaterThan(1)
  })

  test('are not lost with the network', async () => {
    const { context, page, url } = await visit()
    await page.goto(url)
    await says(page, 'You are in')
    await context.setOffline(true)
    await expectText(page.locator('#notice'), 'You are offline')
    await context.setOffline(false)
    await expect.poll(() => page.isHidden('#notice'), WAIT).toBe(true)
  })

  test('are told honestly when the cookie is gone', async () => {
    const { room, context, page, url } = await visit()
    room.say(DRAWN)
    await page.goto(url)
    await says(page, 'You are in line')
    await context.clearCookies()
    room.say(LET_IN)
    await page.waitForURL(isShowroom, WAIT)
    expect(room.asked.filter(one => one === 'POST tickets')).toHaveLength(2)
  })
})

test('failure mode 35: the back button does not send the visitor round, and a button goes in again', async () => {
  const { room, page, url } = await visit()
  room.say(LET_IN)
  await page.goto(url)
  await page.waitForURL(isShowroom, WAIT)
  await page.goBack()
  await says(page, 'Welcome back')
  expect(room.asked.filter(one => one === 'POST passes')).toHaveLength(1)
  await page.getByRole('button', { name: 'Go in now' }).click()
  await page.waitForURL(isShowroom, WAIT)
  await page.goto(url)
  await says(page, 'Welcome back')
})

test('failure mode 50: a pause is said, with the operator’s words as text', async () => {
  const { room, page, url } = await visit()
  room.say({ ...DRAWN, phase: 'paused', message: '<img src=x onerror=alert(1)> Back at 14:30.' })
  await page.goto(url)
  await says(page, 'The line is paused')
  await expectText(page.locator('#message'), '<img src=x onerror=alert(1)> Back at 14:30.')
  expect(await page.locator('#message img').count()).toBe(0)
  room.say({ ...DRAWN, message: null })
  await says(page, 'You are in line')
  expect(await page.isHidden('#message')).toBe(true)
})

test('failure mode 49: sold out and over are said at once, and an ended sale is asked no more', async () => {
  const { room, page, url } = await visit()
  room.say(DRAWN)
  await page.goto(url)
  await says(page, 'You are in line')
  room.say({ phase: 'soldOut' })
  await says(page, 'Sold out')

  const late = await visit()
  late.room.say({ phase: 'ended' })
  await late.page.goto(late.url)
  await says(late.page, 'This sale is over')
  expect(late.room.asked).toEqual(['GET status'])
})

test('a refused return address leads to the entrance', async () => {
  const other = await visit()
  other.room.say(LET_IN)
  other.room.refuses = { pass: [400, 'bad-return-address'] }
  await other.page.goto(other.url)
  const entrance = other.page.getByRole('button', { name: 'Go to the entrance' })
  await entrance.waitFor(WAIT)
  other.room.refuses = {}
  await entrance.click()
  await other.page.waitForURL(isShowroom, WAIT)
  expect(other.room.posted.at(-1)).toEqual({})
})

test('a draw that does not keep its promise is not passed over in silence', async () => {
  const { room, page, url } = await visit()
  room.say(DRAWN)
  room.isForged = true
  await page.goto(url)
  await expectText(page.locator('#proof summary'), 'could not confirm')
})

test('without JavaScript the page sends on to the plain one, with the address it came from', async () => {
  const { room, page, url } = await visit({ javaScriptEnabled: false })
  const plain = page.waitForRequest(request => request.url() === `${room.url}/r/${ROOM}?plain`)
  await page.goto(url)
  expect((await plain).headers().referer).toBe(url)
})

describe('accessibility', () => {
  const STATES = {
    scheduled: { phase: 'scheduled' },
    gathering: { message: 'Have your card ready.' },
    waiting: { ...DRAWN, stock: 3 },
    paused: { ...DRAWN, phase: 'paused' },
    'sold-out': { phase: 'soldOut' },
    ended: { phase: 'ended' },
    'refused-address': LET_IN,
    held: LET_IN,
    missed: LET_IN,
    closed: { phase: 'closed', message: 'Back at noon.' },
    odds: {
      ...DRAWN,
      binding: 'capacity',
      stock: 3,
      odds: { buyShare: 0.4, low: 0.2, high: 0.6, before: 2 },
    },
    uninvited: {},
  } as const
  const REFUSALS: Readonly<Record<string, FakeRoom['refuses']>> = {
    'refused-address': { pass: [400, 'bad-return-address'] },
    held: { pass: [425, 'house-full'] },
    missed: { pass: [410, 'turn-missed'] },
    uninvited: { join: [403, 'invitation-expired'] },
  }

  test.each(Object.entries(STATES))(
    '%s has no violations, light or dark',
    async (state, change) => {
      const { room, page, url } = await visit({ viewport: { width: 390, height: 844 } })
      room.say(change)
      room.refuses = REFUSALS[state] ?? {}
      await page.goto(url)
      const expected = state === 'odds' ? 'waiting' : state
      await expect.poll(() => page.getAttribute('#room', 'data-state'), WAIT).toBe(expected)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violations(page)).toEqual([])
      }
    },
  )

  test('nothing is wider than a small phone, not even long numbers', async () => {
    const { room, page, url } = await visit({ viewport: { width: 320, height: 640 } })
    room.say({ opensAtMs: Date.now() + 40 * 3_600_000, message: 'W'.repeat(200) })
    await page.goto(url)
    await says(page, 'You are in')
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width).toBe(320)
  })

  test('nothing moves for who asked for stillness', async () => {
    const { page, url } = await visit({ reducedMotion: 'reduce' })
    await page.goto(url)
    const seconds = await page.evaluate(() =>
      ['.leaf', '.spill', '.bar'].map(name => {
        const element = document.querySelector(name)
        return element === null ? 'none' : getComputedStyle(element).transitionDuration
      }),
    )
    expect(seconds).toEqual(['0s', '0s', '0s'])
  })
})

async function violations(page: Page): Promise<string[]> {
  // Put in from outside: the page's own policy would not let it load anything else.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
  })
}
