import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../lib/gate/decision/decide.ts'
import { nonceHash } from '../../../lib/gate/decision/nonce.ts'
import { PASS_PARAMETER } from '../../../lib/queue/address/query.ts'
import {
  browser,
  config,
  expectStatus,
  key,
  NAVIGATION,
  NOW_MS,
  nonce,
  options,
  roomAnswers,
  SHOP,
  walkIn,
} from '../browser.ts'

describe('without a session', () => {
  test('a navigation is sent to the room with its address and the hash of a new nonce', () => {
    const decision = decide(
      { method: 'GET', url: `${SHOP}/sale?b=2&a=1`, ...NAVIGATION },
      config(),
      NOW_MS,
      nonce(1),
    )
    const { location, cookies } = expectStatus(decision, 'to-room')
    const hash = createHash('sha256').update(nonce(1)).digest('base64url')
    expect(nonceHash(nonce(1))).toBe(hash)
    expect(location).toBe(
      `https://wait.example/r/demo?to=${encodeURIComponent(`${SHOP}/sale?b=2&a=1`)}&nonce=${hash}`,
    )
    expect(cookies).toEqual([
      `antichambre-demo.nonce-0001=${nonce(1)}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure`,
    ])
  })

  test('HEAD is redirected like GET', () => {
    expectStatus(browser().go(`${SHOP}/sale`, NOW_MS, { method: 'HEAD' }), 'to-room')
  })

  test('a well-formed nonce is used again, so that two tabs share it', () => {
    const visitor = browser()
    const first = expectStatus(visitor.go(`${SHOP}/one`), 'to-room')
    const second = expectStatus(visitor.go(`${SHOP}/two`), 'to-room')
    const hashOf = (location: string) => new URL(location).searchParams.get('nonce')
    expect(hashOf(second.location)).toBe(hashOf(first.location))
    expect(second.cookies).toEqual(first.cookies)
  })

  test('two tabs that are sent away in the same moment both get in', () => {
    const visitor = browser()
    const request = { method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION }
    const tabs = [nonce(1), nonce(2)].map(random =>
      expectStatus(decide(request, config(), NOW_MS, random), 'to-room'),
    )
    for (const { cookies } of tabs) visitor.keep(cookies, NOW_MS)
    for (const { location } of tabs) {
      const fresh = browser()
      fresh.keep(
        tabs.flatMap(tab => tab.cookies),
        NOW_MS,
      )
      expectStatus(fresh.go(roomAnswers(location)), 'enter')
    }
  })

  test.each(['', 'short', 'x'.repeat(65), `${'x'.repeat(30)}!`, `${'x'.repeat(30)}"`])(
    'a nonce cookie that is not well formed (%#) is replaced',
    value => {
      const cookie = `antichambre-demo.nonce-0001=${value}`
      const request = { method: 'GET', url: `${SHOP}/sale`, cookie, ...NAVIGATION }
      const { location } = expectStatus(decide(request, config(), NOW_MS, nonce(7)), 'to-room')
      expect(new URL(location).searchParams.get('nonce')).toBe(nonceHash(nonce(7)))
    },
  )

  test('the cookie is for https alone where the showroom has https, and the option decides', () => {
    const secure = (url: string, changes: Parameters<typeof config>[0]) => {
      const request = { method: 'GET', url, ...NAVIGATION }
      const decision = decide(request, config(changes), NOW_MS, nonce(1))
      return expectStatus(decision, 'to-room').cookies.every(line => line.endsWith('; Secure'))
    }
    expect(secure('http://inside/', {})).toBe(true)
    expect(secure('http://localhost:8081/', { publicUrl: undefined })).toBe(false)
    expect(secure('https://shop.example/', { publicUrl: undefined })).toBe(true)
    expect(secure('https://shop.example/', { secureCookies: false })).toBe(false)
    expect(secure('http://localhost:8081/', { publicUrl: undefined, secureCookies: true })).toBe(
      true,
    )
  })
})

describe('the return address', () => {
  const to = (url: string, changes: Parameters<typeof config>[0] = {}) => {
    const request = { method: 'GET', url, ...NAVIGATION }
    const decision = decide(request, config(changes), NOW_MS, nonce(1))
    return new URL(expectStatus(decision, 'to-room').location).searchParams.get('to')
  }

  test('has the public origin, whatever host the request names', () => {
    expect(to('http://evil.example/sale?x=1')).toBe(`${SHOP}/sale?x=1`)
    expect(to('http://evil.example//other.example/x')).toBe(`${SHOP}//other.example/x`)
    expect(to('/sale?x=1')).toBe(`${SHOP}/sale?x=1`)
    expect(to('//other.example/x')).toBe(`${SHOP}//other.example/x`)
  })

  test('has the origin of the request where no public one is configured', () => {
    expect(to('http://localhost:8081/sale', { publicUrl: undefined })).toBe(
      'http://localhost:8081/sale',
    )
    expect(to('/sale', { publicUrl: undefined })).toBeNull()
  })

  test('never has a pass in it, and keeps the rest to the letter', () => {
    expect(to(`${SHOP}/sale?b=%20+x&${PASS_PARAMETER}=old&a=&&c`)).toBe(
      `${SHOP}/sale?b=%20+x&a=&&c`,
    )
    expect(to(`${SHOP}/sale?%61ntichambre=old`)).toBe(`${SHOP}/sale`)
  })

  test('has no character that the room would refuse', () => {
    expect(to(`${SHOP}/é?q=a\\b c\u2028`)).toBe(`${SHOP}/%C3%A9?q=a%5Cb%20c%E2%80%A8`)
    expect(to('http://x\\@evil.example/')).toBe(`${SHOP}/@evil.example/`)
  })

  test('is as long as the room takes, else goes without its query, else is left out', () => {
    const full = `${SHOP}/sale?q=${'x'.repeat(2_000 - `${SHOP}/sale?q=`.length)}`
    expect(to(full)).toBe(full)
    expect(to(`${full}x`)).toBe(`${SHOP}/sale`)
    expect(to(`${SHOP}/${'y'.repeat(2_000)}`)).toBeNull()
  })
})

describe('with a pass', () => {
  test('the session begins at the same address without the pass', () => {
    const { entered } = walkIn(browser(), `${SHOP}/sale?b=%20+x&a=1`)
    expect(entered.location).toBe(`${SHOP}/sale?b=%20+x&a=1`)
    expect(entered.session).toEqual({ ticketId: '0.3.41', endsAtMs: NOW_MS + 900_000 })
    expect(entered.cookies).toHaveLength(1)
    expect(entered.cookies[0]).toMatch(
      /^antichambre-demo=[\w.-]+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/,
    )
  })

  test('the session lets through until its end and not a millisecond longer', () => {
    const visitor = browser()
    walkIn(visitor)
    const cookie = visitor.cookieHeader(NOW_MS)
    const at = (nowMs: number) => visitor.go(`${SHOP}/sale`, nowMs, { cookie })
    const session = { ticketId: '0.3.41', endsAtMs: NOW_MS + 900_000 }
    expect(at(NOW_MS)).toEqual({ status: 'through', via: 'session', session })
    expectStatus(at(NOW_MS + 899_999), 'through')
    expectStatus(at(NOW_MS + 900_000), 'to-room')
    expectStatus(at(NOW_MS + 900_001), 'to-room')
  })

  test('the session ends when the first claim said, however late the pass was asked for again', () => {
    const visitor = browser()
    const late = NOW_MS + 600_000
    const { entered } = walkIn(visitor, `${SHOP}/sale`, {
      nowMs: late,
      sessionEndsAtMs: NOW_MS + 900_000,
    })
    expect(entered.session.endsAtMs).toBe(NOW_MS + 900_000)
    expect(entered.cookies[0]).toContain('Max-Age=300;')
  })

  test('a session and its own pass again: the address is cleaned and nothing is signed', () => {
    const visitor = browser()
    const { passUrl } = walkIn(visitor)
    expect(visitor.go(passUrl)).toEqual({ status: 'clean', location: `${SHOP}/sale` })
  })

  test('a session and a pass that is refused: the address is cleaned, the session stays', () => {
    const visitor = browser()
    walkIn(visitor)
    expect(visitor.go(`${SHOP}/sale?${PASS_PARAMETER}=x.y.z`)).toEqual({
      status: 'clean',
      location: `${SHOP}/sale`,
    })
  })

  test('a session and the pass of a later turn: the later session begins', () => {
    const visitor = browser()
    const { location } = walkIn(visitor)
    const facts = { ticketId: '7.0.1', sessionEndsAtMs: NOW_MS + 1_800_000 }
    const entered = expectStatus(visitor.go(roomAnswers(location, facts)), 'enter')
    expect(entered.session.ticketId).toBe('7.0.1')
  })

  test('of several passes the first that is valid gets in', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    const good = new URL(roomAnswers(location)).searchParams.get(PASS_PARAMETER)
    const url = (bad: number) =>
      `${SHOP}/?${`${PASS_PARAMETER}=bad&`.repeat(bad)}${PASS_PARAMETER}=${good}`
    expectStatus(visitor.go(url(3)), 'to-room')
    expect(expectStatus(visitor.go(url(2)), 'enter').location).toBe(`${SHOP}/`)
  })

  test('of several passes that are refused the first says why', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    const foreign = roomAnswers(location, { room: 'other' })
    expect(visitor.go(`${foreign}&${PASS_PARAMETER}=bad`)).toMatchObject({
      refusal: 'foreign-room',
    })
  })

  test('a pass gets in though a client wrote the name of its parameter with escapes', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    const url = roomAnswers(location).replace(`?${PASS_PARAMETER}=`, '?%61ntichambre=')
    expect(expectStatus(visitor.go(url), 'enter').location).toBe(`${SHOP}/`)
  })

  test('a pass whose session is over is refused, though clocks may differ for the pass itself', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    const passUrl = roomAnswers(location, { sessionEndsAtMs: NOW_MS + 10_000 })
    expect(visitor.go(passUrl, NOW_MS + 10_000)).toMatchObject({ refusal: 'expired' })
    expectStatus(visitor.go(passUrl, NOW_MS + 9_999), 'enter')
  })

  test('a pass opens a session on a path that needs none, and a bad one is only cleaned away', () => {
    const visitor = browser(config({ protect: ['/buy'] }))
    const { location } = expectStatus(visitor.go(`${SHOP}/buy`), 'to-room')
    const pass = new URL(roomAnswers(location)).searchParams.get(PASS_PARAMETER)
    expect(visitor.go(`${SHOP}/?${PASS_PARAMETER}=no`)).toEqual({
      status: 'clean',
      location: `${SHOP}/`,
    })
    expectStatus(visitor.go(`${SHOP}/?${PASS_PARAMETER}=${pass}`), 'enter')
    expect(visitor.go(`${SHOP}/`)).toMatchObject({
      status: 'through',
      via: 'unprotected',
      session: {},
    })
  })
})

describe('who is not on the way to a page', () => {
  const SCRIPT = { accept: 'application/json', fetchMode: 'cors' }

  test('a script is told so in JSON, with the way to the room and back to its page', () => {
    const answer = expectStatus(
      browser().go(`${SHOP}/api/cart`, NOW_MS, { ...SCRIPT, referer: `${SHOP}/sale?x=1` }),
      'refused',
    )
    expect(answer).toMatchObject({ code: 'no-session', httpStatus: 401, json: true })
    const query = new URL(answer.location).searchParams
    expect(query.get('to')).toBe(`${SHOP}/sale?x=1`)
    expect(answer.cookies[0]).toContain('antichambre-demo.nonce-')
  })

  test.each([undefined, 'https://evil.example/', 'not an address', 'javascript:alert(1)'])(
    'the way back is left to the room where the referring page is none of ours (%s)',
    referer => {
      const answer = browser().go(`${SHOP}/api/cart`, NOW_MS, { ...SCRIPT, referer })
      expect(new URL(expectStatus(answer, 'refused').location).searchParams.has('to')).toBe(false)
    },
  )

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s without a session is refused, not redirected, and a person is shown a page',
    method => {
      const answer = browser().go(`${SHOP}/buy`, NOW_MS, { method })
      expect(answer).toMatchObject({
        status: 'refused',
        code: 'no-session',
        httpStatus: 401,
        json: false,
      })
    },
  )

  test('a form sent with a valid pass but no session is refused: it is not half done', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/buy`), 'to-room')
    const answer = visitor.go(roomAnswers(location), NOW_MS, { method: 'POST' })
    expect(answer).toMatchObject({ status: 'refused', code: 'no-session' })
    expect(visitor.jar.has('antichambre-demo')).toBe(false)
  })

  test('with a session they walk through, a pass in the address or not', () => {
    const visitor = browser()
    const { passUrl } = walkIn(visitor)
    expectStatus(visitor.go(`${SHOP}/buy`, NOW_MS, { method: 'POST' }), 'through')
    expectStatus(visitor.go(passUrl, NOW_MS, { method: 'POST' }), 'through')
    expectStatus(visitor.go(`${SHOP}/api`, NOW_MS, SCRIPT), 'through')
  })

  test('a picture without a session gets no nonce: a page of them would make many', () => {
    const answer = browser().go(`${SHOP}/a.png`, NOW_MS, {
      accept: 'image/*',
      fetchMode: 'no-cors',
    })
    expect(answer).toMatchObject({ status: 'refused', httpStatus: 401, cookies: [] })
  })
})

describe('mode', () => {
  test.each(['off', { openUntilMs: NOW_MS + 1 }] as const)('%j lets everybody through', mode => {
    const via = mode === 'off' ? 'off' : 'open'
    expect(browser(config({ mode })).go(`${SHOP}/sale`)).toEqual({ status: 'through', via })
  })

  test('open ends at the stated time', () => {
    const visitor = browser(config({ mode: { openUntilMs: NOW_MS } }))
    expect(visitor.go(`${SHOP}/sale`, NOW_MS - 1)).toEqual({ status: 'through', via: 'open' })
    expectStatus(visitor.go(`${SHOP}/sale`, NOW_MS), 'to-room')
  })

  test('a session is known while the gate is off', () => {
    const visitor = browser()
    walkIn(visitor)
    const request = { method: 'GET', url: `${SHOP}/`, cookie: visitor.cookieHeader(NOW_MS) }
    const decision = decide(request, config({ mode: 'off' }), NOW_MS, nonce(1))
    expect(decision).toMatchObject({ via: 'off', session: { ticketId: '0.3.41' } })
  })
})

test('a session signed with the old key stays good during a rotation, and a new one has the new key', () => {
  const visitor = browser()
  walkIn(visitor)
  const [old] = options.keys
  const rotated = config({ keys: [key('k2', 2), ...options.keys] })
  const request = {
    method: 'GET',
    url: `${SHOP}/`,
    cookie: visitor.cookieHeader(NOW_MS),
    ...NAVIGATION,
  }
  expectStatus(decide(request, rotated, NOW_MS, nonce(1)), 'through')

  const later = browser(rotated)
  const { location } = expectStatus(later.go(`${SHOP}/`), 'to-room')
  const { cookies } = expectStatus(
    later.go(roomAnswers(location, { keys: old ? [old] : [] })),
    'enter',
  )
  const [header = ''] = cookies[0]?.split('=')[1]?.split('.') ?? []
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: 'k2' })
})

test('a decision is the same each time it is made', () => {
  const request = { method: 'GET', url: `${SHOP}/sale`, ...NAVIGATION }
  const once = decide(request, config(), NOW_MS, nonce(1))
  expect(decide(request, config(), NOW_MS, nonce(1))).toEqual(once)
})
