import { describe, expect, test } from 'vitest'
import { pageFiles } from '../../lib/page/build/build.ts'
import { plainPage } from '../../lib/page/plain.ts'
import type { PlainState, PlainView } from '../../lib/page/words/plain-view.ts'

const OPENS_AT_MS = Date.parse('2026-12-01T06:00:00Z')

const page = async (standing: PlainState, change: Partial<PlainView> = {}) =>
  String(
    await plainPage({ room: 'demo', refreshSeconds: 7, message: null, state: standing, ...change }),
  )

type Waiting = Extract<PlainState, { status: 'waiting' }>

const waiting = (change: Partial<Waiting>): Waiting => ({
  status: 'waiting',
  place: 2,
  ahead: 1,
  waitSeconds: 60,
  odds: null,
  binding: null,
  ...change,
})

const STANDINGS: readonly (readonly [PlainState, RegExp])[] = [
  [{ status: 'drawing' }, /You are in/],
  [waiting({ place: 1_301, ahead: 1_204, waitSeconds: 121 }), /1,204/],
  [waiting({ waitSeconds: null }), /Not known yet/],
  [waiting({ place: 1, ahead: 0, waitSeconds: 1 }), /You are next/],
  [waiting({ odds: 0.4 }), /Chance that something is left for you<.*About 40%/],
  [waiting({ odds: 0.004 }), /Practically none.*no need to stay/s],
  [waiting({ binding: 'capacity' }), /somebody is let in whenever somebody leaves/],
  [{ status: 'admitted', location: 'https://shop.example/' }, /It is your turn/],
  [{ status: 'missed', place: 3 }, /Your turn has passed.*your ticket is kept/s],
  [{ status: 'held', place: 3 }, /next free seat is yours/],
  [{ status: 'closed' }, /Closed for the moment/],
  [
    { status: 'uninvited', problem: 'invitation-expired', generalUrl: '/r/demo/plain' },
    /has expired.*href="\/r\/demo\/plain"/s,
  ],
  [{ status: 'paused', place: 3 }, /paused/],
  [{ status: 'paused' }, /paused/],
  [{ status: 'sold-out' }, /Sold out/],
  [{ status: 'ended' }, /over/],
  [
    { status: 'gathering', opensAtMs: OPENS_AT_MS },
    /opens on Tuesday,? 1 December (?:at )?06:00 UTC/,
  ],
  [{ status: 'gathering', opensAtMs: null }, /You are in/],
  [{ status: 'doors-closed', opensAtMs: OPENS_AT_MS }, /doors are still closed/],
  [{ status: 'cookies-needed', retryUrl: '/r/demo/plain' }, /cookies/],
  [{ status: 'try-again' }, /very busy/],
  [{ status: 'problem', code: 'already-entered', message: 'm' }, /You have been in/],
  [{ status: 'problem', code: 'unknown-room', message: 'm' }, /no such room/],
  [{ status: 'problem', code: 'bad-return-address', message: 'm' }, /leads elsewhere/],
  [
    { status: 'problem', code: 'internal-error', message: 'A fault.' },
    /A fault\. \(internal-error\)/,
  ],
]

describe.each(STANDINGS)('%o', (standing, said) => {
  test('is said without script, by the style of the page, and not to be indexed', async () => {
    const html = await page(standing)
    expect(html).toMatch(said)
    expect(html).not.toMatch(/<script|style=|javascript:/i)
    expect(html).toContain('<meta name="robots" content="noindex">')
    const [, style] = /href="\/(assets\/[^"]+\.css)"/.exec(html) ?? []
    expect([...pageFiles().keys()]).toContain(style)
  })
})

test('the page asks again after the seconds given, or never', async () => {
  const refresh = '<meta http-equiv="refresh" content="7">'
  expect(await page({ status: 'drawing' })).toContain(refresh)
  expect(await page({ status: 'ended' }, { refreshSeconds: null })).not.toContain('http-equiv')
})

test('the showroom’s address is a link, whole and escaped', async () => {
  const location = 'https://shop.example/?a=1&antichambre=ey"J'
  const html = await page({ status: 'admitted', location })
  expect(html).toContain('href="https://shop.example/?a=1&amp;antichambre=ey&quot;J"')
})

test('a refused return address leads on to the showroom’s entrance', async () => {
  const standing = { status: 'problem', code: 'bad-return-address', message: 'm' } as const
  expect(await page(standing)).toContain('href="/r/demo/plain"')
})

test('a group is named beside its room', async () => {
  expect(await page({ status: 'drawing' }, { room: 'demo~members' })).toContain('demo · members')
})

describe('failure mode 41: unescaped HTML', () => {
  const HOSTILE = '<script>alert(1)</script>"\'&'

  test.each([
    ['the message', { message: HOSTILE }],
    ['the room', { room: HOSTILE }],
  ])('%s is text', async (_, change) => {
    const html = await page({ status: 'problem', code: 'bad-return-address', message: 'm' }, change)
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
  })

  test('an error’s code and message, and a way to try again, are text', async () => {
    const problem = { status: 'problem', code: HOSTILE, message: HOSTILE } as const
    expect(await page(problem)).not.toContain('<script')
    expect(await page({ status: 'cookies-needed', retryUrl: HOSTILE })).not.toContain('<script')
    const uninvited = { status: 'uninvited', problem: 'bad-invitation' } as const
    expect(await page({ ...uninvited, generalUrl: HOSTILE })).not.toContain('<script')
  })
})
