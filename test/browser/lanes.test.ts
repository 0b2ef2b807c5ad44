/** The other ways in, in a real browser: on hold, the late lane, a closed room, the open way, an invitation. */
import { describe, expect, test } from 'vitest'
import { ROOM } from '../page/fake-room.ts'
import {
  DRAWN,
  expectText,
  isShowroom,
  LET_IN,
  says,
  useBrowser,
  type Visit,
  visit,
  WAIT,
} from './visit.ts'

useBrowser()

test('a full house is said, without a word of trouble, until there is a seat', async () => {
  const { room, page, url } = await visit()
  room.say(LET_IN)
  room.refuses = { pass: [425, 'house-full'] }
  await page.goto(url)
  await says(page, 'The next free seat is yours')
  const passes = () => room.asked.filter(one => one === 'POST passes').length
  await expect.poll(passes, WAIT).toBeGreaterThan(2)
  expect(await page.isHidden('#notice')).toBe(true)
  room.refuses = {}
  await page.waitForURL(isShowroom, WAIT)
})

test('a missed turn is explained, and the late lane takes its ticket in', async () => {
  const { room, page, url } = await visit()
  room.say(LET_IN)
  room.refuses = { pass: [410, 'turn-missed'] }
  await page.goto(url)
  await says(page, 'Your turn has passed')
  await expectText(page.locator('#lead'), 'your ticket is kept')
  expect(await page.isVisible('.keeps')).toBe(true)
  room.refuses = {}
  room.say({ ...LET_IN, lateSeats: 1 })
  await page.waitForURL(isShowroom, WAIT)
  expect(room.asked.filter(one => one === 'POST passes')).toHaveLength(2)
})

test('a closed room says so in the operator’s words, and joins nobody', async () => {
  const { room, page, url } = await visit()
  room.say({ phase: 'closed', message: 'Back at noon.' })
  await page.goto(url)
  await says(page, 'Closed for the moment')
  await expectText(page.locator('#message'), 'Back at noon.')
  expect(room.asked).toEqual(['GET status'])
})

test('odds and the reason for a slow line are told, and heard once', async () => {
  const { room, page, url } = await visit()
  const odds = { buyShare: 0.4, low: 0.35, high: 0.45, before: 5 }
  room.say({ ...DRAWN, binding: 'capacity', ratePerMinute: 6, stock: 3, odds })
  await page.addInitScript(() => {
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    addEventListener('DOMContentLoaded', () => {
      const remark = document.getElementById('remark')
      if (remark === null) return
      new MutationObserver(() => heard.push(remark.textContent ?? '')).observe(remark, {
        childList: true,
      })
    })
  })
  await page.goto(url)
  await says(page, 'You are in line')
  await expectText(page.locator('#facts'), /Chance that something is left for youPractically none/)
  await expectText(page.locator('#lead'), /no need to stay.*showroom is full/)
  room.say({ stock: 60 })
  await expectText(page.locator('#facts'), /Chance that something is left for youGood/)
  const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
  expect(heard).toEqual([expect.stringMatching(/showroom is full/)])
})

describe('the open way', () => {
  const AUTO = { phase: 'open', mode: 'auto', waiting: 0 } as const

  test('takes a visitor straight through while nobody waits', async () => {
    const { room, page, url } = await visit()
    room.say(AUTO)
    room.isWayOpen = true
    await page.goto(url)
    await page.waitForURL(isShowroom, WAIT)
    expect(room.asked).toEqual(['GET status', 'GET through'])
  })

  test('that is shut leads into the line, tried once, with an address that does not say so', async () => {
    const { room, page, url } = await visit()
    room.say(AUTO)
    await page.goto(url)
    await says(page, 'You are in')
    expect(room.asked.filter(one => one === 'GET through')).toHaveLength(1)
    expect(page.url()).toBe(url)
    room.say({ ...LET_IN, waiting: 1 })
    await page.waitForURL(isShowroom, WAIT)
  })

  test('sends nobody round who is sent back from the showroom at once', async () => {
    const { room, page, url } = await visit()
    room.say(AUTO)
    room.isWayOpen = true
    await page.goto(url)
    await page.waitForURL(isShowroom, WAIT)
    room.say({ ...LET_IN, ...AUTO })
    await page.goto(url)
    await says(page, 'Welcome back')
    expect(room.asked.filter(one => one === 'GET through')).toHaveLength(1)
    expect(room.asked).not.toContain('POST passes')
  })
})

describe('an invitation', () => {
  const claims = Buffer.from(JSON.stringify({ aud: ROOM, group: 'members' })).toString('base64url')
  const TOKEN = `h.${claims}.s`
  const invited = ({ room }: Visit) => {
    const to = encodeURIComponent(`${room.url}/showroom?antichambre-invitation=${TOKEN}`)
    return `${room.url}/r/${ROOM}?to=${to}`
  }

  test('leads to the line of its group, stays in no address, and gives the same ticket again', async () => {
    const guest = await visit()
    const { room, page, context } = guest
    await page.goto(invited(guest))
    await says(page, 'You are in')
    const address = `${room.url}/r/${ROOM}~members?to=${encodeURIComponent(`${room.url}/showroom`)}`
    expect(page.url()).toBe(address)
    expect(await page.textContent('.brand')).toBe(`Waiting room ${ROOM} · members`)
    const holder = expect.stringMatching(/^[\w-]{32}$/)
    expect(room.posted).toEqual([{ attempt: 1, invitation: TOKEN, holder }])
    expect(room.asked.filter(one => one.startsWith('POST'))).toEqual(['POST ~members/tickets'])

    await context.clearCookies()
    await page.reload()
    await says(page, 'You are in')
    await expect.poll(() => room.posted.length, WAIT).toBe(2)
    expect(room.posted[1]).toEqual(room.posted[0])
    room.say(LET_IN)
    await page.waitForURL(isShowroom, WAIT)
    expect(room.posted.at(-1)).toEqual({ to: `${room.url}/showroom` })
  })

  test('that was used is told, with the way to the general line', async () => {
    const guest = await visit()
    const { room, page } = guest
    room.refuses = { join: [409, 'invitation-used'] }
    await page.goto(invited(guest))
    await says(page, 'This invitation has been used')
    room.refuses = {}
    await page.getByRole('button', { name: 'Join the general line' }).click()
    await says(page, 'You are in')
    expect(page.url()).toBe(guest.url)
    expect(room.asked.at(-1)).toBe('POST tickets')
  })
})
