/**
 * Requests that mean harm, put together at random: the function at the edge lets in nobody whom the
 * decision in TypeScript would not, and the other way round. What each of them answers: alike.test.ts.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cookieNames } from '../../lib/gate/decision/cookies.ts'
import type { GateOptions } from '../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { key, NAVIGATION, NOW_MS, nonce, options as own, SHOP } from './browser.ts'
import { passedClaims, sessionClaims, ticket, tokenWith, wrongHeaders } from './cases/parts.ts'
import { passToken, sessionToken } from './cases.ts'
import { edgeGate } from './edge/gate.ts'
import { decisionGate, withOptions } from './wire.ts'

const pick = fc.constantFrom
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

/** Of a token that is good, ones that look like it. */
const bent = (token: string) => [
  ...[`${token}=`, `${token}.`, `.${token}`, `${token}.${token}`, ` ${token}`, `"${token}`],
  ...[token.toLowerCase(), token.replaceAll('-', '+').replaceAll('_', '/'), token.slice(0, -1)],
  ...[`""${token}""`, token.replaceAll('.', '%2e'), token.split('.').slice(0, 2).join('.')],
]

/** Well signed, and its claims are not what they should be. */
const signed = (typ: string, claims: Readonly<Record<string, unknown>>) =>
  [
    ...[
      { exp: `${claims.exp}` },
      { exp: -1 },
      { exp: 1e21 },
      { exp: 0.5 },
      { exp: null },
      { exp: [] },
    ],
    ...[{ aud: ['demo'] }, { aud: 'demo\u0000' }, { aud: 'other' }, { sub: 7 }, { sub: 'a\r\nb' }],
    ...[{ iat: true }, { iss: 'Antichambre' }, { jti: 1 }, { nonce: 7 }, { nonce: null }],
    ...[{ sessionExp: 1e15 }, { sessionExp: 1.5 }, { toString: 1, constructor: 2 }],
  ].map(changes => tokenWith({ alg: 'HS256', typ, kid: 'k1' }, { ...claims, ...changes }))

const others = (typ: string, claims: object) =>
  wrongHeaders(typ).map(([, header]) => tokenWith(header, claims))

const sessions = pick(
  ...[
    sessionToken(),
    sessionToken(),
    ...bent(sessionToken()),
    passToken(),
    ticket,
    '',
    '__proto__',
  ],
  ...[...signed('session+jwt', sessionClaims), ...others('session+jwt', sessionClaims)],
  ...[sessionToken({ endsAtMs: NOW_MS - 1_000 }), tokenWith({}, sessionClaims)],
)
const passes = pick(
  ...[passToken(), passToken(), ...bent(passToken()), sessionToken(), ticket, '', '__proto__'],
  ...[...signed('pass+jwt', passedClaims), ...others('pass+jwt', passedClaims)],
  passToken({ hash: undefined }),
)

const path = fc
  .array(
    fc.oneof(
      pick('/', '/sale', '/pay', '/open', '/Sale', '/..', '/.', '//', '/..;/', '..', ';x', '\\'),
      pick('%2e%2e', '%2f', '%5c', '%25', '%252e', '%73ale', '%u0073', '%00', '%0a', '%20', '%'),
      pick('%c0%af', '%e0%80%af', '%ed%a0%80', '%EF%BB%BF', '%ef%bc%8f', '%c5%bfale', '%C4%B0'),
      pick('ſale', 'ＳALE', '／', '\u200d', 'ß', 'İ', 'ı', 'ς', 'ﬁ', '…', '\u2028', '\x7f', '🚗'),
      pick('//x', '//u:p@x', '@', ':', '$', '~1', '%61'.repeat(200), '/x'.repeat(600)),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map(parts => `/${parts.join('').replaceAll('#', '')}`)

const query = fc.array(
  fc.oneof(
    fc
      .tuple(pick(PASS_PARAMETER, '%61ntichambre', 'antichambr%65'), passes)
      .map(it => it.join('=')),
    pick(
      '__proto__=1',
      'toString',
      `${PASS_PARAMETER}[]=x`,
      `+${PASS_PARAMETER}=x`,
      '?',
      '%zz',
      ';',
    ),
    pick('//evil.example', '\\evil.example', '@evil.example', '%0d%0aset-cookie:x=1', '\u0000'),
  ),
  { maxLength: 4 },
)

const [name, one] = [cookieNames.session('demo'), nonce(5)]
const cookie = fc.array(
  fc.oneof(
    sessions.map(token => `${name}=${token}`),
    sessions.map(token => ` ${name} = "${token}" `),
    pick(`${cookieNames.nonce('demo', one)}=${one}`),
    pick('2.', '999.', '-1.').map(count => `${name}.refusals=${count}${NOW_MS / 1000}`),
    pick(
      '__proto__=1',
      'constructor=x',
      'toString',
      `${name}x=1`,
      `${name}.nonce-__proto__=x`,
      '=',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }),
  ),
  { maxLength: 5 },
)

const options: fc.Arbitrary<GateOptions> = fc
  .record({
    keys: pick(own.keys, [key('__proto__', 1), ...own.keys], [key('k1', 9)], [key('a"b', 1)]),
    publicUrl: pick(SHOP, undefined),
    protect: pick(['/*'], ['/sale/*', '/pay'], ['/']),
    bypass: pick([], ['/open', '/x/*']),
    gracePaths: pick([], ['/pay', '/sale/*']),
    mode: pick('on' as const, 'on' as const, { openUntilMs: NOW_MS + 30_000 }),
  })
  .map(withOptions)

const call = fc.record({
  options,
  nowMs: pick(0, 0, -5_001, -5_000, 64_999, 65_000, 899_999, 900_000, 1_199_999, 1_200_000).map(
    laterMs => NOW_MS + laterMs,
  ),
  request: fc.record({
    method: pick('GET', 'GET', 'HEAD', 'POST', 'get', 'OPTIONS', ''),
    url: fc.tuple(path, query).map(([at, pairs]) => `${SHOP}${at}?${pairs.join('&')}`),
    cookie: maybe(cookie.map(pairs => pairs.join(';'))),
    accept: maybe(pick(NAVIGATION.accept, 'application/json', '*/*')),
    fetchMode: maybe(pick('navigate', 'cors', 'websocket')),
  }),
})

test('failure modes 26 and 31: who is let in at the edge is let in elsewhere, and the other way round', async () => {
  await fc.assert(
    fc.asyncProperty(call, async given => {
      const [edge, other] = [await edgeGate(given), await decisionGate(given)]
      // a path that the edge cannot read needs a session there alone
      if (edge.status === 'through') expect(other.status).toBe('through')
      if (other.status === 'through' && other.via !== 'unprotected') expect(edge).toEqual(other)
    }),
    { numRuns: 2_000 },
  )
})

test('failure mode 27: and nobody is ever led anywhere but to the showroom and the room', async () => {
  await fc.assert(
    fc.asyncProperty(call, async given => {
      for (const gate of [edgeGate, decisionGate]) {
        const wire = await gate(given)
        if (wire.status === 'through' || !('location' in wire) || wire.location === '') continue
        expect(wire.location).toMatch(
          /^https:\/\/(?:shop\.example\/|wait\.example\/r\/demo\b)[!-~]*$/,
        )
      }
    }),
    { numRuns: 2_000 },
  )
})
