/** What other waiting rooms got wrong at the gate, one by one; each name is the claim. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/gate/decision/decide.ts'
import { signSession } from '../../lib/gate/decision/session.ts'
import { parseGateConfig } from '../../lib/gate/options/config.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { signTicket } from '../../lib/queue/tokens/ticket.ts'
import { signToken } from '../../lib/queue/tokens/token.ts'
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
} from './browser.ts'

const [gateKey] = options.keys as [ReturnType<typeof key>]
const passOf = (url: string) => new URL(url).searchParams.get(PASS_PARAMETER) ?? ''
const withCookie = (cookie: string, gateConfig = config(), nowMs = NOW_MS) =>
  decide({ method: 'GET', url: `${SHOP}/sale`, cookie, ...NAVIGATION }, gateConfig, nowMs, nonce(9))

describe('failure mode 24: a public id alone buys entry', () => {
  test.each(['0.3.41', 'demo', 'true', '1'])('%s is neither a pass nor a session', id => {
    const visitor = browser()
    visitor.go(`${SHOP}/sale`)
    expectStatus(visitor.go(`${SHOP}/sale?${PASS_PARAMETER}=${id}`), 'to-room')
    expectStatus(withCookie(`antichambre-demo=${id}`), 'to-room')
  })
})

describe('failure mode 25: links that can be shared, no early revocation', () => {
  test('a pass link in a second browser does not get in, wherever that browser has been', () => {
    const { passUrl } = walkIn(browser())
    const second = browser()
    expect(second.go(passUrl)).toMatchObject({ status: 'to-room', refusal: 'foreign-browser' })
    const third = browser()
    decideAsStranger(third)
    expect(third.go(passUrl)).toMatchObject({ status: 'to-room', refusal: 'foreign-browser' })
  })

  test('a pass without a nonce does not get in, nor does one that names the hash of nothing', () => {
    const visitor = browser()
    visitor.go(`${SHOP}/sale`)
    for (const way of ['https://wait.example/r/demo', 'https://wait.example/r/demo?nonce=']) {
      expect(visitor.go(roomAnswers(way))).toMatchObject({ refusal: 'foreign-browser' })
    }
  })

  test('a ticket that departed has no session any more and opens no other', () => {
    const departed = new Set<string>()
    const visitor = browser(config({ hasDeparted: id => departed.has(id) }))
    const { passUrl } = walkIn(visitor)
    expectStatus(visitor.go(`${SHOP}/sale`), 'through')
    departed.add('0.3.41')
    expectStatus(visitor.go(`${SHOP}/sale`), 'to-room')
    expect(visitor.go(passUrl)).toMatchObject({ status: 'to-room', refusal: 'departed' })
  })

  function decideAsStranger(visitor: ReturnType<typeof browser>) {
    visitor.keep([`antichambre-demo.nonce-zzzz=${'z'.repeat(22)}; Max-Age=9999`], NOW_MS)
  }
})

describe('failure mode 26: the shape is checked and not the signature', () => {
  test('one changed character anywhere in a pass or a session keeps it out', () => {
    const visitor = browser()
    const { passUrl } = walkIn(visitor)
    const pass = passOf(passUrl)
    const session = visitor.jar.get('antichambre-demo')?.value ?? ''
    const nonceCookie = [...visitor.jar].find(([name]) => name.includes('nonce'))
    const changed = (token: string, at: number, by: string) => {
      const place = at % token.length
      return token[place] === by ? undefined : token.slice(0, place) + by + token.slice(place + 1)
    }
    const letter = fc.constantFrom(...'ABCXYZabcxyz0189-_.~'.split(''))
    fc.assert(
      fc.property(fc.nat(2_000), letter, (at, by) => {
        const badSession = changed(session, at, by)
        if (badSession !== undefined) {
          expectStatus(withCookie(`antichambre-demo=${badSession}`), 'to-room')
        }
        const badPass = changed(pass, at, by)
        if (badPass === undefined) return
        const request = {
          method: 'GET',
          url: `${SHOP}/?${PASS_PARAMETER}=${badPass}`,
          cookie: `${nonceCookie?.[0]}=${nonceCookie?.[1].value}`,
          ...NAVIGATION,
        }
        expect(decide(request, config(), NOW_MS, nonce(1))).toMatchObject({ refusal: 'forged' })
      }),
    )
  })
  // the paths that walk around a gate have a file of their own: path-rules.test.ts
})

describe('failure mode 27: open redirects', () => {
  test('whatever path and query come, redirects lead to the showroom or to the room', () => {
    const part = fc.string({
      unit: fc.constantFrom(...'/\\@:.;?&=%#\t\n aé\u2028'.split(''), 'evil.example', '%2f', '%5c'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(part, part, (path, query) => {
        for (const publicUrl of [SHOP, undefined]) {
          const visitor = browser(config({ publicUrl }))
          const { location } = expectStatus(visitor.go(`${SHOP}/${path}?${query}`), 'to-room')
          expect(new URL(location).origin).toBe('https://wait.example')
          const { searchParams } = new URL(location)
          expect(new URL(searchParams.get('to') ?? SHOP).origin).toBe(SHOP)
          const pass = passOf(roomAnswers(location))
          const entered = visitor.go(`${SHOP}/${path}?${PASS_PARAMETER}=${pass}`)
          if (entered.status !== 'enter') continue
          expect(new URL(entered.location).origin).toBe(SHOP)
          expect(entered.location).toMatch(/^[\x21-\x7e]+$/)
        }
      }),
    )
  })

  test('a path that is all the adapter has never becomes another host', () => {
    for (const path of [
      '//evil.example/',
      '/\\evil.example/',
      '\\\\evil.example',
      '@evil.example/',
    ]) {
      const visitor = browser(config({ publicUrl: undefined }))
      const { location } = expectStatus(visitor.go(path), 'to-room')
      const pass = passOf(roomAnswers(location))
      const { location: clean } = expectStatus(
        visitor.go(`${path}?${PASS_PARAMETER}=${pass}`),
        'enter',
      )
      expect(new URL(clean, SHOP).origin).toBe(SHOP)
      const configured = browser()
      const back = new URL(expectStatus(configured.go(path), 'to-room').location)
      expect(new URL(back.searchParams.get('to') ?? '').origin).toBe(SHOP)
    }
  })

  test('the host of the request is not taken where the showroom has a public address', () => {
    const { location } = expectStatus(browser().go('https://evil.example/sale'), 'to-room')
    expect(location).not.toContain('evil')
  })
})

describe('failure mode 28: failing open signs lasting passes', () => {
  test.each(['off', { openUntilMs: NOW_MS + 60_000 }] as const)(
    '%j sets no cookie at all',
    mode => {
      const { passUrl } = walkIn(browser())
      for (const url of [`${SHOP}/sale`, passUrl]) {
        expect(browser(config({ mode })).go(url)).not.toHaveProperty('cookies')
      }
    },
  )

  test('an open gate has a stated end: for ever and never are configuration errors', () => {
    for (const openUntilMs of [Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(() => config({ mode: { openUntilMs } })).toThrow(/mode: /)
    }
  })
})

test('failure mode 29: a gate made anew with the same keys knows every session', () => {
  const visitor = browser()
  walkIn(visitor)
  expectStatus(withCookie(visitor.cookieHeader(NOW_MS), parseGateConfig({ ...options })), 'through')
})

describe('failure mode 30: keys cached for ever, so that rotation breaks', () => {
  const [k1, k2] = [gateKey, key('k2', 2)]

  test('a pass of the old key and one of the new key get in during the rotation', () => {
    for (const keys of [[k1], [k2]]) {
      const visitor = browser(config({ keys: [k2, k1] }))
      const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
      expectStatus(visitor.go(roomAnswers(location, { keys })), 'enter')
    }
  })

  test('after the rotation the old key opens nothing', () => {
    const visitor = browser(config({ keys: [k2] }))
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    expect(visitor.go(roomAnswers(location, { keys: [k1] }))).toMatchObject({ refusal: 'forged' })
    const insider = browser(config({ keys: [k1] }))
    walkIn(insider)
    expectStatus(withCookie(insider.cookieHeader(NOW_MS), config({ keys: [k2] })), 'to-room')
  })

  test('another secret under a known key id opens nothing', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    const passUrl = roomAnswers(location, { keys: [key('k1', 3)] })
    expect(visitor.go(passUrl)).toMatchObject({ refusal: 'forged' })
  })
})

describe('failure mode 31: one kind of token accepted as another', () => {
  const claims = { aud: 'demo', sub: '0.3.41', iat: NOW_MS / 1000, exp: NOW_MS / 1000 + 900 }
  const ticket = signTicket(
    { room: 'demo', id: '0.3.41', cohort: 0, shard: 3, index: 41, commitment: 'c' },
    NOW_MS,
    gateKey,
  )

  test('a ticket and a pass are no session, though the same key signed them', () => {
    const { passUrl } = walkIn(browser())
    for (const token of [ticket, passOf(passUrl), signToken('pass', claims, gateKey)]) {
      expectStatus(withCookie(`antichambre-demo=${token}`), 'to-room')
    }
    expectStatus(withCookie(`antichambre-demo=${signToken('session', claims, gateKey)}`), 'through')
  })

  test('a ticket and a session are no pass', () => {
    const visitor = browser()
    visitor.go(`${SHOP}/`)
    const session = signSession(
      { ticketId: '0.3.41', endsAtMs: NOW_MS + 1_000 },
      'demo',
      NOW_MS,
      gateKey,
    )
    for (const token of [ticket, session]) {
      expect(visitor.go(`${SHOP}/?${PASS_PARAMETER}=${token}`)).toMatchObject({ refusal: 'forged' })
    }
  })

  test('a session and a pass of another room are refused, though the same key signed them', () => {
    const other = signSession(
      { ticketId: '0.3.41', endsAtMs: NOW_MS + 1_000 },
      'other',
      NOW_MS,
      gateKey,
    )
    expectStatus(withCookie(`antichambre-demo=${other}`), 'to-room')
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    expect(visitor.go(roomAnswers(location, { room: 'other' }))).toMatchObject({
      refusal: 'foreign-room',
    })
  })

  test.each(['none', 'None', 'HS512', 'RS256', ''])('alg %j is refused, signed or not', alg => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${part({ alg, typ: 'session+jwt', kid: 'k1' })}.${part(claims)}`
    const signature = createHmac('sha256', gateKey.secret).update(input).digest('base64url')
    for (const token of [`${input}.`, `${input}.${signature}`, input]) {
      expectStatus(withCookie(`antichambre-demo=${token}`), 'to-room')
    }
  })
})

test('failure mode 32: patterns have an end anchor', () => {
  const gateConfig = config({ protect: ['/*'], bypass: ['/open', '/assets/*'] })
  for (const path of ['/opened', '/open.html', '/open/x', '/assetsx', '/x/open', '/x/assets/a']) {
    expectStatus(browser(gateConfig).go(`${SHOP}${path}`), 'to-room')
  }
  for (const path of ['/open', '/assets/a', '/assets/b/c.css']) {
    expect(browser(gateConfig).go(`${SHOP}${path}`)).toMatchObject({ via: 'unprotected' })
  }
  const visitor = browser()
  visitor.go(`${SHOP}/`)
  const line = `antichambre-demo.nonce-0001=${nonce(1)}\n`
  expect(withCookie(line)).toMatchObject({ status: 'to-room' })
})

describe('failure mode 33: a renewal that re-signs a forged or expired cookie', () => {
  test('no request of a session sets any cookie', () => {
    const visitor = browser()
    walkIn(visitor)
    for (const nowMs of [NOW_MS, NOW_MS + 450_000, NOW_MS + 899_999]) {
      expect(visitor.go(`${SHOP}/sale`, nowMs)).not.toHaveProperty('cookies')
    }
  })

  test('an expired or forged session gets no new one', () => {
    const visitor = browser()
    walkIn(visitor)
    const cookie = visitor.cookieHeader(NOW_MS)
    const expired = expectStatus(withCookie(cookie, config(), NOW_MS + 900_000), 'to-room')
    const forged = expectStatus(withCookie('antichambre-demo=a.b.c'), 'to-room')
    for (const line of [...expired.cookies, ...forged.cookies]) {
      expect(line).not.toMatch(/^antichambre-demo=/)
    }
  })
})

describe('failure mode 34: a foreign cookie crashes the parser, or the way back loses its own', () => {
  const session = () => {
    const visitor = browser()
    walkIn(visitor)
    return `antichambre-demo=${visitor.jar.get('antichambre-demo')?.value}`
  }

  test.each([
    '%E0%A4%A=%zz',
    '=;;=;',
    'a=b=c; =x; y',
    '"unclosed=1; {"json":true}',
    '__proto__=1; constructor=2',
    'antichambre-=x; antichambre-demo.nonce-=; antichambre-demo.refusals=NaN.x',
  ])('a valid session is found beside %j', foreign => {
    expectStatus(withCookie(`${foreign}; ${session()}`), 'through')
    expectStatus(withCookie(`${session()}; ${foreign}`), 'through')
  })

  test('a session in quotes, without spaces, or second of its name is found', () => {
    const [name, value] = session().split('=')
    expectStatus(withCookie(`${name}="${value}"`), 'through')
    expectStatus(withCookie(`a=1;${name}=${value};b=2`), 'through')
    expectStatus(withCookie(`${name}=forged; ${name}=${value}`), 'through')
    const forged = (count: number) => `${name}=forged; `.repeat(count)
    expectStatus(withCookie(`${forged(3)}${name}=${value}`), 'through')
    expectStatus(withCookie(`${forged(4)}${name}=${value}`), 'to-room')
  })

  test('any text at all is read without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        expectStatus(withCookie(text), 'to-room')
        expectStatus(
          withCookie(`antichambre-demo=${text}; antichambre-demo.nonce-0=${text}`),
          'to-room',
        )
      }),
    )
  })

  test('a megabyte of cookies is read to its bound', () => {
    const megabyte = 'x=y; '.repeat(200_000)
    expectStatus(withCookie(`${session()}; ${megabyte}`), 'through')
    expectStatus(withCookie(`${megabyte}${session()}`), 'to-room')
    expectStatus(withCookie(`antichambre-demo=${'x'.repeat(1_000_000)}`), 'to-room')
  })

  test('no cookie is SameSite=Strict: visitors come back from another site', () => {
    const visitor = browser()
    const { location, entered } = walkIn(visitor)
    const sent = expectStatus(browser().go(`${SHOP}/`), 'to-room')
    expect(location).toContain('wait.example')
    for (const line of [...entered.cookies, ...sent.cookies]) expect(line).toContain('SameSite=Lax')
  })
})

describe('failure mode 35: gate and room send the visitor round for ever', () => {
  const foreignKeys = [key('k1', 9)]
  /** Goes round until the gate says something else, like a browser that follows redirects. */
  const goRound = (
    visitor: ReturnType<typeof browser>,
    facts: object,
    nowMs: number,
    rounds: number,
  ) => {
    let decision = visitor.go(`${SHOP}/sale`, nowMs)
    for (let round = 1; round <= rounds; round++) {
      if (decision.status !== 'to-room') return { decision, round: round - 1 }
      decision = visitor.go(roomAnswers(decision.location, { nowMs, ...facts }), nowMs)
    }
    return { decision, round: rounds }
  }

  test.each([
    ['keys that differ', { keys: foreignKeys }, 'forged', 503],
    ['a clock of the room that is ahead', { nowMs: NOW_MS + 60_000 }, 'early', 503],
    ['a clock of the room that is behind', { nowMs: NOW_MS - 120_000 }, 'expired', 503],
    ['another room', { room: 'other' }, 'foreign-room', 503],
  ])('%s: the third refusal is explained instead', (_, facts, refusal, httpStatus) => {
    const { decision, round } = goRound(browser(), facts, NOW_MS, 10)
    expect(decision).toMatchObject({ status: 'refused', code: 'pass-refused', refusal, httpStatus })
    expect(round).toBe(3)
  })

  test('a foreign pass is explained as the visitor can mend it (403)', () => {
    const { passUrl } = walkIn(browser())
    const visitor = browser()
    visitor.go(passUrl)
    visitor.go(passUrl)
    expect(visitor.go(passUrl)).toMatchObject({ status: 'refused', httpStatus: 403 })
  })

  test('refusals count for 60 seconds from the first', () => {
    const { passUrl } = walkIn(browser())
    const thirdAt = (nowMs: number) => {
      const visitor = browser()
      visitor.go(passUrl, NOW_MS)
      visitor.go(passUrl, NOW_MS + 1_000)
      const cookie = visitor.cookieHeader(NOW_MS)
      return visitor.go(passUrl, nowMs, { cookie }).status
    }
    expect(thirdAt(NOW_MS + 59_999)).toBe('refused')
    expect(thirdAt(NOW_MS + 60_000)).toBe('to-room')
  })

  test('refusals of a gate whose clock is ahead count too, but not those of a distant future', () => {
    const { passUrl } = walkIn(browser())
    const thirdOf = (sinceSeconds: number) => {
      const cookie = `antichambre-demo.refusals=2.${sinceSeconds}`
      const request = { method: 'GET', url: passUrl, cookie, ...NAVIGATION }
      return decide(request, config(), NOW_MS, nonce(1)).status
    }
    expect(thirdOf(NOW_MS / 1000 + 59)).toBe('refused')
    expect(thirdOf(NOW_MS / 1000 + 60)).toBe('to-room')
  })

  test('a valid entry clears the count, and only then the cookie is touched', () => {
    const visitor = browser()
    const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
    visitor.go(roomAnswers(location, { keys: foreignKeys }))
    visitor.go(roomAnswers(location, { keys: foreignKeys }))
    const entered = expectStatus(visitor.go(roomAnswers(location)), 'enter')
    expect(entered.cookies[1]).toMatch(/^antichambre-demo\.refusals=; Path=\/; Max-Age=0;/)
  })

  test('after the explanation the visitor may still go to the room, and is not counted for that', () => {
    const visitor = browser()
    goRound(visitor, { keys: foreignKeys }, NOW_MS, 10)
    const { location } = expectStatus(visitor.go(`${SHOP}/sale`), 'to-room')
    expectStatus(visitor.go(roomAnswers(location)), 'enter')
  })

  test.each(['9.x', '-1.5', '99999.1', '1', '', '5.99999999999999'])(
    'a count that cannot be read (%j) counts as none',
    value => {
      const { passUrl } = walkIn(browser())
      const cookie = `antichambre-demo.refusals=${value}`
      const request = { method: 'GET', url: passUrl, cookie, ...NAVIGATION }
      expectStatus(decide(request, config(), NOW_MS, nonce(1)), 'to-room')
    },
  )
})

describe('failure mode 36: an empty rule list passes all, an empty pattern matches all', () => {
  test.each([
    [{ protect: [] }, /protect: at least one rule/],
    [{ protect: [''] }, /protect: an empty rule/],
    [{ bypass: [''] }, /bypass: an empty rule/],
    [{ bypass: ['/*'] }, /bypass: \/\* would bypass everything/],
    [{ keys: [] }, /keys: at least one key/],
  ])('%j is a configuration error', (changes, message) => {
    expect(() => config(changes)).toThrow(message)
  })

  test('without any rule everything is protected', () => {
    for (const path of ['', '/', '/a', '/a/b.css', '/favicon.ico', '/robots.txt']) {
      expectStatus(browser().go(`${SHOP}${path}`), 'to-room')
    }
  })
})

test('failure mode 22: a late claim does not lengthen the session', () => {
  const visitor = browser()
  const { location } = expectStatus(visitor.go(`${SHOP}/`), 'to-room')
  const facts = { nowMs: NOW_MS + 800_000, sessionEndsAtMs: NOW_MS + 900_000 }
  const { session } = expectStatus(visitor.go(roomAnswers(location, facts), facts.nowMs), 'enter')
  expect(session.endsAtMs).toBe(NOW_MS + 900_000)
})
