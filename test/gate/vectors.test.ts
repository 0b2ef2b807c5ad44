/** The shared vectors (test/vectors/tokens.json): any other implementation of the gate runs them too. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cookieNames } from '../../lib/gate/decision/cookies.ts'
import { decide } from '../../lib/gate/decision/decide.ts'
import { nonceHash } from '../../lib/gate/decision/nonce.ts'
import { verifySession } from '../../lib/gate/decision/session.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import { verifyTicket } from '../../lib/queue/tokens/ticket.ts'
import { signToken, type TokenKind } from '../../lib/queue/tokens/token.ts'
import { config, NAVIGATION, SHOP } from './browser.ts'

interface Vector {
  name: string
  token: string
  nowMs?: number
  nonce?: string | null
  outcome: { status: 'valid' } | { status: 'invalid'; reason: string }
}

interface Vectors {
  room: string
  nowMs: number
  keys: { id: string; secret: string }[]
  nonce: string
  nonceHash: string
  signing: { kind: TokenKind; keyId: string; claims: object; token: string }[]
  tickets: Vector[]
  passes: Vector[]
  sessions: Vector[]
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/tokens.json', import.meta.url), 'utf8'),
)
const { room } = vectors
const keys = vectors.keys.map(({ id, secret }) => ({
  id,
  secret: Buffer.from(secret, 'base64url'),
}))
const gateConfig = config({ room, keys })
const at = ({ nowMs = vectors.nowMs }: Vector) => nowMs
const verifierAt = (vector: Vector) => ({ room, nowMs: at(vector), keys })

test('the hash of the nonce is as the vectors say', () => {
  expect(nonceHash(vectors.nonce)).toBe(vectors.nonceHash)
})

test.each(vectors.signing)('signing $kind with $keyId gives the vector to the letter', vector => {
  const key = keys.find(({ id }) => id === vector.keyId)
  if (key === undefined) throw new Error('the vectors name a key that they lack')
  expect(signToken(vector.kind, vector.claims, key)).toBe(vector.token)
})

test.each(vectors.tickets)('ticket: $name', vector => {
  expect(verifyTicket(vector.token, verifierAt(vector))).toEqual(vector.outcome)
})

describe.each(vectors.passes)('pass: $name', vector => {
  const nonce = vector.nonce === undefined ? vectors.nonce : vector.nonce

  test('is checked as the vector says', () => {
    const nonceHashes = nonce === null ? [] : [nonceHash(nonce)]
    expect(verifyPass(vector.token, { ...verifierAt(vector), nonceHashes })).toEqual(vector.outcome)
  })

  test('opens a session at the gate, or opens none', () => {
    const cookie = nonce === null ? '' : `${cookieNames.nonce(room, nonce)}=${nonce}`
    const url = `${SHOP}/?${PASS_PARAMETER}=${vector.token}`
    const request = { method: 'GET', url, cookie, ...NAVIGATION }
    const decision = decide(request, gateConfig, at(vector), 'AAAAAAAAAAAAAAAAAAAAAB')
    expect(decision).toMatchObject(
      vector.outcome.status === 'valid'
        ? { status: 'enter', location: `${SHOP}/` }
        : { status: 'to-room', refusal: vector.outcome.reason },
    )
  })
})

describe.each(vectors.sessions)('session: $name', vector => {
  test('is checked as the vector says', () => {
    expect(verifySession(vector.token, verifierAt(vector))).toEqual(vector.outcome)
  })

  test('walks through the gate, or is sent to the room', () => {
    const cookie = `${cookieNames.session(room)}=${vector.token}`
    const request = { method: 'GET', url: `${SHOP}/`, cookie, ...NAVIGATION }
    const decision = decide(request, gateConfig, at(vector), vectors.nonce)
    expect(decision.status).toBe(vector.outcome.status === 'valid' ? 'through' : 'to-room')
  })
})
