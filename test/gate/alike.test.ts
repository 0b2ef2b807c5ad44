/** The function at the edge decides as the decision in TypeScript does, whatever comes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cookieNames } from '../../lib/gate/decision/cookies.ts'
import { nonceHash } from '../../lib/gate/decision/nonce.ts'
import type { GateOptions } from '../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { key, NAVIGATION, NOW_MS, nonce, SHOP } from './browser.ts'
import { passToken, sessionToken } from './cases.ts'
import { edgeGate } from './edge/gate.ts'
import { decisionGate, withOptions } from './wire.ts'

const pick = fc.constantFrom
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const nonces = [nonce(5), nonce(6)]
const tokens = [
  sessionToken(),
  sessionToken({ endsAtMs: NOW_MS + 60_000 }),
  sessionToken({ room: 'other' }),
  sessionToken({ key: key('k2', 2) }),
  passToken(),
  passToken({ endsAtMs: NOW_MS + 950_000 }),
  passToken({ hash: nonceHash(nonce(6)), key: key('k2', 2) }),
  passToken({ hash: undefined }),
  passToken({ room: 'other' }),
  'x',
  '',
]

const path = fc
  .array(
    fc.oneof(
      pick('/', '/sale', '/pay', '/open', '/Sale', '/assets', '/a.css', '/..', '/.', ';x', '//'),
      pick('%2e%2e', '%2f', '%5c', '%25', '%73ale', '%', '%ff', '%0a', '%00', '\\', '/x', '?'),
      pick('é', '%C3%A9', '%C3%89', '特売', '%E7%89%B9', 'РАСП', '🚗', '@', '"', "'", ' '),
    ),
    { maxLength: 5 },
  )
  .map(parts => `/${parts.join('')}`.replace(/^\/\//, '/'))

const query = fc.array(
  fc.oneof(
    pick(...tokens).map(token => `${PASS_PARAMETER}=${token}`),
    pick(...tokens).map(token => `%61ntichambre=${token}`),
    pick('a=1', '&', '=', 'b=%20+', PASS_PARAMETER, 'antichambrex=1', '%', '?', '%E9', 'é=ü'),
  ),
  { maxLength: 4 },
)

const cookie = fc.array(
  fc.oneof(
    pick(...tokens).map(token => `${cookieNames.session('demo')}=${token}`),
    pick(...nonces).map(one => `${cookieNames.nonce('demo', one)}=${one}`),
    pick('1.', '2.', '3.', 'x').map(
      count => `${cookieNames.refusals('demo')}=${count}${NOW_MS / 1000}`,
    ),
    pick('a=b', 'antichambre-demo.nonce-=x', 'antichambre-demo="x"', 'theme', '=', '%'),
  ),
  { maxLength: 6 },
)

const isFirstNonce = (pair: string, at: number, pairs: readonly string[]) =>
  !pair.includes('.nonce-') || pairs.indexOf(pair) === at

const options: fc.Arbitrary<GateOptions> = fc
  .record({
    keys: pick([key('k1', 1)], [key('k2', 2), key('k1', 1)], [key('k1', 9)]),
    publicUrl: pick(SHOP, undefined),
    protect: pick(['/*'], ['/sale/*', '/pay'], ['/café/*', '/特売']),
    bypass: pick([], ['/open', '/assets/*', '/café']),
    gracePaths: pick([], ['/pay', '/sale/*']),
    way: pick('page' as const, 'through' as const),
    mode: pick('on' as const, 'on' as const, 'off' as const, { openUntilMs: NOW_MS + 30_000 }),
  })
  .map(withOptions)

const call = fc.record({
  options,
  nowMs: pick(0, -90_000, 30_000, 60_000, 64_999, 65_000, 899_999, 900_000, 1_200_000).map(
    laterMs => NOW_MS + laterMs,
  ),
  request: fc.record({
    method: pick('GET', 'GET', 'GET', 'HEAD', 'POST', 'BREW'),
    url: fc
      .tuple(path, query)
      .map(([at, pairs]) => `${SHOP}${at}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`),
    // CloudFront gives the cookies of one name together, so with more nonces than are tried it would
    // be others that are; but each nonce has a name of its own
    cookie: maybe(cookie.map(pairs => pairs.filter(isFirstNonce).join('; '))),
    accept: maybe(pick(NAVIGATION.accept, 'application/json', '*/*', 'a/b+json;q=0.5,text/html')),
    fetchMode: maybe(pick('navigate', 'navigate', 'cors', 'no-cors', 'websocket', '')),
    referer: maybe(pick(`${SHOP}/sale?a=1#b`, SHOP, `${SHOP}.evil.example/`, 'x')),
  }),
})

test('every request, however it is put together, is answered alike', async () => {
  await fc.assert(
    fc.asyncProperty(call, async given => {
      expect(await edgeGate(given)).toEqual(await decisionGate(given))
    }),
    { numRuns: 2_000 },
  )
})
