/** One check of claims for tokens of every kind: both sides of each bound, and the same answers as jose's. */
import fc from 'fast-check'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { signSession, verifySession } from '../../../lib/gate/decision/session.ts'
import { CLOCK_SKEW_SECONDS, PASS_SECONDS, TICKET_SECONDS_MAX } from '../../../lib/queue/limits.ts'
import { claimsRefusal, PASS_ISSUER } from '../../../lib/queue/tokens/claims.ts'
import { signInvitation, verifyInvitation } from '../../../lib/queue/tokens/invitation.ts'
import { passClaims, signPass, verifyPass } from '../../../lib/queue/tokens/pass.ts'
import { signTicket, ticketId, verifyTicket } from '../../../lib/queue/tokens/ticket.ts'
import { signToken } from '../../../lib/queue/tokens/token.ts'

const key = { id: 'k1', secret: new Uint8Array(32).fill(1) }
const keys = [key]
const room = fc.constantFrom('demo', 'cars')
/** From 2001 to 2096. */
const second = fc.integer({ min: 1_000_000_000, max: 4_000_000_000 })

/** Claims and expectations of all kinds, at a time that is near to one of the bounds. */
const asked = fc
  .record({
    claims: fc.record({ iss: fc.constantFrom(PASS_ISSUER, 'another'), aud: room, iat: second }),
    length: fc.integer({ min: -30, max: 3_600 }),
    issuer: fc.constantFrom({}, { issuer: PASS_ISSUER }),
    room,
    skew: fc.constantFrom({}, { skewSeconds: 0 }, { skewSeconds: 1 }, { skewSeconds: 5 }),
    isAtEnd: fc.boolean(),
    besideMs: fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -7_000, max: 7_000 })),
  })
  .map(({ claims, length, issuer, room, skew, isAtEnd, besideMs }) => {
    const exp = claims.iat + length
    const skewSeconds = 'skewSeconds' in skew ? skew.skewSeconds : 0
    const bound = isAtEnd ? exp + skewSeconds : claims.iat - skewSeconds
    const nowMs = bound * 1000 + besideMs
    return { claims: { ...claims, exp }, expected: { ...issuer, room, nowMs, ...skew } }
  })

test('whatever is claimed and expected, the answer is as jose gives it', async () => {
  const answers = new Set<string | undefined>()
  await fc.assert(
    fc.asyncProperty(asked, async ({ claims, expected }) => {
      const { issuer, room, nowMs, skewSeconds } = {
        issuer: [],
        skewSeconds: undefined,
        ...expected,
      }
      const nbf = skewSeconds === undefined ? {} : { nbf: claims.iat }
      const isGood = await jwtVerify(signToken('pass', { ...claims, ...nbf }, key), key.secret, {
        ...(issuer.length === 0 ? {} : { issuer }),
        audience: room,
        currentDate: new Date(nowMs),
        clockTolerance: skewSeconds ?? 0,
      }).then(
        () => true,
        () => false,
      )
      const refusal = claimsRefusal(claims, expected)
      expect(refusal === undefined).toBe(isGood)
      answers.add(refusal)
    }),
    { numRuns: 1_000 },
  )
  expect(answers.size).toBe(5)
})

/** A kind of token with its first and last second, and what its verifier says at a time in a room. */
interface Kind {
  readonly name: string
  readonly firstSecond: (iat: number) => number
  readonly endSecond: (iat: number) => number
  readonly answer: (iat: number, room: string, nowMs: number) => string
}

/** What a pass, a session and an invitation may last is said by who signs them. */
const LENGTH = 900
const answerOf = (outcome: { status: 'valid' } | { status: 'invalid'; reason: string }) =>
  outcome.status === 'valid' ? 'valid' : outcome.reason

const kinds: readonly Kind[] = [
  {
    name: 'ticket',
    firstSecond: () => 0,
    endSecond: iat => iat + TICKET_SECONDS_MAX,
    answer(iat, room, nowMs) {
      const place = { id: ticketId(0, 3, 41), cohort: 0, shard: 3, index: 41, commitment: 'c' }
      const token = signTicket({ room: 'demo', ...place }, iat * 1000, key)
      return answerOf(verifyTicket(token, { room, nowMs, keys }))
    },
  },
  {
    name: 'pass',
    firstSecond: iat => iat - CLOCK_SKEW_SECONDS,
    endSecond: iat => iat + PASS_SECONDS + CLOCK_SKEW_SECONDS,
    answer(iat, room, nowMs) {
      const facts = { room: 'demo', ticketId: '0.3.41', jti: 'j', nonce: 'n', nowMs: iat * 1000 }
      const claims = passClaims({ ...facts, sessionEndsAtMs: (iat + LENGTH) * 1000 })
      return answerOf(verifyPass(signPass(claims, key), { room, nonceHashes: ['n'], nowMs, keys }))
    },
  },
  {
    name: 'invitation',
    firstSecond: () => 0,
    endSecond: iat => iat + LENGTH,
    answer(iat, room, nowMs) {
      const group = { room: 'demo', group: 'vip', id: 'guest' }
      const expiresAtMs = (iat + LENGTH) * 1000
      const token = signInvitation({ ...group, expiresAtMs }, iat * 1000, key)
      return answerOf(verifyInvitation(token, { room, group: 'vip', nowMs, keys }))
    },
  },
  {
    name: 'session',
    firstSecond: () => 0,
    endSecond: iat => iat + LENGTH,
    answer(iat, room, nowMs) {
      const session = { ticketId: '0.3.41', endsAtMs: (iat + LENGTH) * 1000 }
      return answerOf(
        verifySession(signSession(session, 'demo', iat * 1000, key), { room, nowMs, keys }),
      )
    },
  },
]

describe.each(kinds)('a $name', ({ firstSecond, endSecond, answer }) => {
  test('is good from the first millisecond of its beginning to the last before its end', () => {
    const around = fc.constantFrom(-1, 0, 1)
    fc.assert(
      fc.property(second, around, (iat, besideMs) => {
        const [firstMs, endMs] = [firstSecond(iat) * 1000, endSecond(iat) * 1000]
        expect(answer(iat, 'demo', firstMs + besideMs)).toBe(
          besideMs < 0 && firstMs > 0 ? 'early' : 'valid',
        )
        expect(answer(iat, 'demo', endMs + besideMs)).toBe(besideMs < 0 ? 'valid' : 'expired')
      }),
    )
  })

  test('of another room says so first, whatever the time', () => {
    fc.assert(
      fc.property(second, second, (iat, now) => {
        expect(answer(iat, 'cars', now * 1000)).toBe('foreign-room')
      }),
    )
  })
})
