/** Where the gate sends people: to the waiting page, or to the room's open way. */
import { describe, expect, test } from 'vitest'
import type { GateWay } from '../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import {
  browser,
  config,
  expectStatus,
  key,
  NOW_MS,
  options,
  roomAnswers,
  SHOP,
  walkIn,
} from './browser.ts'

const through = (changes: Parameters<typeof config>[0] = {}) =>
  config({ way: 'through', ...changes })
const pathOf = (location: string) => new URL(location).pathname
const PAGE = '/r/demo'
const OPEN_WAY = '/r/demo/through'

describe('way `through`', () => {
  test('sends a browser without a session to the open way, with return address and nonce', () => {
    const visitor = browser(through())
    const { location, cookies } = expectStatus(visitor.go(`${SHOP}/sale?a=1`), 'to-room')
    const { origin, pathname, searchParams } = new URL(location)
    expect([origin, pathname]).toEqual(['https://wait.example', OPEN_WAY])
    expect([...searchParams.keys()]).toEqual(['to', 'nonce'])
    expect(searchParams.get('to')).toBe(`${SHOP}/sale?a=1`)
    expect(searchParams.get('nonce')).toMatch(/^[\w-]{43}$/)
    expect(cookies).toHaveLength(1)
  })

  test('differs from `page` in the path alone', () => {
    const [one, other] = [config(), through()].map(gateConfig => {
      const { location } = expectStatus(
        browser(gateConfig).go(`${SHOP}/sale`, NOW_MS, { cookie: NONCE_COOKIE }),
        'to-room',
      )
      return location
    })
    expect(other).toBe(one?.replace(PAGE, OPEN_WAY))
  })

  test('is one redirect there and one back, and then the address without the pass', () => {
    const visitor = browser(through())
    const { location, entered } = walkIn(visitor, `${SHOP}/sale`)
    expect(pathOf(location)).toBe(OPEN_WAY)
    expect(entered.location).toBe(`${SHOP}/sale`)
    expectStatus(visitor.go(entered.location), 'through')
  })

  test.each([
    ['forged', { keys: [key('k1', 9)] }],
    ['foreign-room', { room: 'other' }],
    ['expired', { nowMs: NOW_MS - 3_600_000 }],
  ] as const)('a pass refused as %s leads to the page: no seat after seat', (refusal, facts) => {
    const visitor = browser(through())
    const { location } = expectStatus(visitor.go(`${SHOP}/sale`), 'to-room')
    const passUrl = roomAnswers(location, facts)
    const refused = expectStatus(visitor.go(passUrl), 'to-room')
    expect(refused.refusal).toBe(refusal)
    expect(pathOf(refused.location)).toBe(PAGE)
  })

  test('failure mode 35: the loop breaker stops as before, and its link leads to the page', () => {
    const visitor = browser(through())
    const decisions = [1, 2, 3].map(() => visitor.go(`${SHOP}/sale?${PASS_PARAMETER}=a.b.c`))
    expect(decisions.map(one => one.status)).toEqual(['to-room', 'to-room', 'refused'])
    expect(pathOf(expectStatus(decisions[2] as never, 'refused').location)).toBe(PAGE)
  })

  test('failure mode 41: a script, a form and a picture are shown the page, which takes no seat', () => {
    for (const changes of [
      { method: 'POST' },
      { fetchMode: 'cors', accept: '*/*' },
      { fetchMode: 'no-cors', accept: 'image/*' },
      { accept: 'application/json' },
    ]) {
      const refused = expectStatus(
        browser(through()).go(`${SHOP}/sale`, NOW_MS, changes),
        'refused',
      )
      expect(pathOf(refused.location)).toBe(PAGE)
    }
  })

  test('changes nothing for a session, a free path, an open gate or one that is off', () => {
    const visitor = browser(through())
    walkIn(visitor)
    expectStatus(visitor.go(`${SHOP}/sale`), 'through')
    expectStatus(browser(through({ bypass: ['/free'] })).go(`${SHOP}/free`), 'through')
    expectStatus(browser(through({ mode: 'off' })).go(`${SHOP}/sale`), 'through')
    const open = through({ mode: { openUntilMs: NOW_MS + 1 } })
    expect(browser(open).go(`${SHOP}/sale`)).toMatchObject({ status: 'through', via: 'open' })
  })
})

test('the page is the way where none is asked for', () => {
  for (const way of [undefined, 'page'] as const) {
    const { location } = expectStatus(browser(config({ way })).go(`${SHOP}/sale`), 'to-room')
    expect(pathOf(location)).toBe(PAGE)
  }
})

test('a way that is none is refused by name', () => {
  expect(() => config({ way: 'round' as GateWay })).toThrow(/^way: page or through is allowed$/)
})

const NONCE_COOKIE = `antichambre-${options.room}.nonce-abcd=abcd${'x'.repeat(18)}`
