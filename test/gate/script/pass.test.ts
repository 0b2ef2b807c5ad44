/** The gate in pages says of a pass what the gate at a server says of it, whatever it claims. */
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cookieNames, readCookies } from '../../../lib/gate/decision/cookies.ts'
import { nonceHash } from '../../../lib/gate/decision/nonce.ts'
import { passIn } from '../../../lib/gate/decision/proof.ts'
import { checkedPass, nonceHash as nonceHashInPage } from '../../../lib/gate/script/pass.ts'
import { PASS_PARAMETER } from '../../../lib/queue/address/query.ts'
import { PASS_ISSUER } from '../../../lib/queue/tokens/claims.ts'
import { type PassClaims, signPassEs256 } from '../../../lib/queue/tokens/pass.ts'
import { signToken } from '../../../lib/queue/tokens/token.ts'
import { config, key, NOW_MS, nonce } from '../browser.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signer = { id: 'k1', privateKey: { key: privateKey, dsaEncoding: 'ieee-p1363' as const } }
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' }
const OWN = nonce(1)
const cookies = readCookies(`${cookieNames.nonce('demo', OWN)}=${OWN}`, 'demo')

/** Usually this, now and then one of those. */
const mostly = <Value>(usual: Value, ...others: readonly unknown[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, fc.constantFrom(...others))
const SECOND = NOW_MS / 1000
const around = (second: number) => fc.integer({ min: second - 10, max: second + 10 })

const claims = fc.record({
  iss: mostly(PASS_ISSUER, 'another', undefined),
  aud: mostly('demo', 'other', undefined, 7),
  sub: mostly('0.3.41', undefined, 7),
  jti: mostly('j1', undefined, 7),
  iat: fc.oneof(around(SECOND - 30), around(SECOND), mostly(SECOND, 'x', -1, 0.5, undefined)),
  exp: fc.oneof(around(SECOND + 30), around(SECOND), mostly(SECOND + 30, 'x', -1, undefined)),
  sessionExp: fc.oneof(around(SECOND + 900), around(SECOND), mostly(SECOND, 'x', -1, undefined)),
  nonce: mostly(nonceHash(OWN), nonceHash(nonce(2)), '', undefined, 7),
})

test('a pass with any claims, at any time, opens the same session or is refused alike', async () => {
  const answers = new Set<string>()
  const laterMs = fc.integer({ min: -11_000, max: 11_000 })
  await fc.assert(
    fc.asyncProperty(claims, laterMs, async (claimed, later) => {
      const nowMs = NOW_MS + later
      const search = `?${PASS_PARAMETER}=${signToken('pass', claimed, key('k1', 1))}`
      const atServer = passIn(search, cookies, config(), nowMs)
      const inPage = await checkedPass(signPassEs256(claimed as PassClaims, signer), [jwk], {
        room: 'demo',
        hash: await nonceHashInPage(OWN),
        nowMs,
      })
      expect(inPage).toEqual(
        atServer?.status === 'valid'
          ? { status: 'valid', sessionEndsAtMs: atServer.session.endsAtMs }
          : atServer,
      )
      answers.add(inPage.status === 'valid' ? 'valid' : inPage.refusal)
    }),
    { numRuns: 1_000 },
  )
  expect(answers.size).toBe(6)
})
