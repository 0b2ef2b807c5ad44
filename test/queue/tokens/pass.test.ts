import { generateKeyPairSync } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { createKeyRing } from '../../../lib/keys/key-ring.ts'
import { CLOCK_SKEW_SECONDS, PASS_SECONDS } from '../../../lib/queue/limits.ts'
import { passClaims, signPass, signPassEs256, verifyPass } from '../../../lib/queue/tokens/pass.ts'

const NOW_MS = Date.UTC(2026, 11, 1, 6, 0)
const HASH = 'h'.repeat(43)
const facts = {
  room: 'demo',
  ticketId: '0.3.41',
  jti: 'j1',
  nonce: HASH,
  nowMs: NOW_MS,
  sessionEndsAtMs: NOW_MS + 900_000,
}
const ring = createKeyRing(JSON.stringify({ current: 'k1', k1: 'k'.repeat(32) }))
const [key] = ring.gateKeys('demo')
if (key === undefined) throw new Error('the ring has a key')
const token = signPass(passClaims(facts), key)
const gate = { room: 'demo', nonceHashes: [HASH], nowMs: NOW_MS, keys: [key] }
const check = (nowMs: number, hash = HASH, checked = token) =>
  verifyPass(checked, { ...gate, nonceHashes: [hash], nowMs })

describe('passes', () => {
  test('say who has a turn, for a minute, and when the session ends', () => {
    const iat = NOW_MS / 1000
    const pass = {
      sub: '0.3.41',
      jti: 'j1',
      iat,
      exp: iat + 60,
      nonce: HASH,
      sessionExp: iat + 900,
    }
    expect(check(NOW_MS)).toEqual({ status: 'valid', pass })
  })

  test('both sides of the end, with the skew of clocks', () => {
    const endMs = NOW_MS + (PASS_SECONDS + CLOCK_SKEW_SECONDS) * 1000
    expect(check(endMs - 1).status).toBe('valid')
    expect(check(endMs)).toEqual({ status: 'invalid', reason: 'expired' })
    expect(check(endMs + 1)).toEqual({ status: 'invalid', reason: 'expired' })
  })

  test('both sides of the start, with the skew of clocks', () => {
    const startMs = NOW_MS - CLOCK_SKEW_SECONDS * 1000
    expect(check(startMs - 1)).toEqual({ status: 'invalid', reason: 'early' })
    expect(check(startMs).status).toBe('valid')
    expect(check(startMs + 1).status).toBe('valid')
  })

  test('a pass is never longer than its session', () => {
    const short = passClaims({ ...facts, sessionEndsAtMs: NOW_MS + 30_999 })
    expect(short.exp).toBe(NOW_MS / 1000 + 30)
    expect(short.sessionExp).toBe(NOW_MS / 1000 + 30)
    expect(passClaims({ ...facts, sessionEndsAtMs: NOW_MS + 60_000 }).exp).toBe(NOW_MS / 1000 + 60)
    expect(passClaims({ ...facts, sessionEndsAtMs: NOW_MS + 61_000 }).exp).toBe(NOW_MS / 1000 + 60)
  })

  test('failure mode 25: a pass is good in one browser alone', () => {
    const foreign = { status: 'invalid', reason: 'foreign-browser' }
    expect(check(NOW_MS, 'x'.repeat(43))).toEqual(foreign)
    expect(check(NOW_MS, '')).toEqual(foreign)
    expect(verifyPass(token, { ...gate, nonceHashes: [] })).toEqual(foreign)
    const unbound = signPass(passClaims({ ...facts, nonce: undefined }), key)
    expect(check(NOW_MS, HASH, unbound)).toEqual(foreign)
    expect(verifyPass(unbound, { ...gate, nonceHashes: [] })).toEqual(foreign)
    const empty = signPass(passClaims({ ...facts, nonce: '' }), key)
    expect(verifyPass(empty, { ...gate, nonceHashes: [] })).toEqual(foreign)
  })

  test('a pass is for one room, by its audience and by its key', () => {
    expect(verifyPass(token, { ...gate, room: 'other' })).toEqual({
      status: 'invalid',
      reason: 'foreign-room',
    })
    for (const keys of [ring.gateKeys('other'), ring.ticketKeys]) {
      expect(verifyPass(token, { ...gate, keys })).toEqual({ status: 'invalid', reason: 'forged' })
    }
  })
})

describe('other libraries', () => {
  const expected = {
    issuer: 'antichambre',
    audience: 'demo',
    typ: 'pass+jwt',
    currentDate: new Date(NOW_MS),
    requiredClaims: ['sub', 'jti', 'iat', 'exp', 'nonce', 'sessionExp'],
  }

  test('jose accepts an HS256 pass with the gate key', async () => {
    const { payload } = await jwtVerify(token, key.secret, { ...expected, algorithms: ['HS256'] })
    expect(payload).toEqual(passClaims(facts))
  })

  test('jose accepts an ES256 pass with the published key set, and picks the key by its id', async () => {
    const rotated = createKeyRing(
      JSON.stringify({ current: 'k2', k2: 'z'.repeat(32), k1: 'k'.repeat(32) }),
    )
    const published = createLocalJWKSet({
      keys: rotated.publicKeys('demo').map(jwk => ({ ...jwk })),
    })
    for (const signer of [ring.passSigner('demo'), rotated.passSigner('demo')]) {
      const signed = signPassEs256(passClaims(facts), signer)
      const outcome = await jwtVerify(signed, published, { ...expected, algorithms: ['ES256'] })
      expect(outcome.payload).toEqual(passClaims(facts))
      expect(outcome.protectedHeader.kid).toBe(signer.id)
    }
  })

  test('jose refuses an ES256 pass of another room or with a key of somebody else', async () => {
    const published = createLocalJWKSet({ keys: ring.publicKeys('demo').map(jwk => ({ ...jwk })) })
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const stranger = {
      id: 'k1',
      privateKey: { key: privateKey, dsaEncoding: 'ieee-p1363' } as const,
    }
    for (const signer of [ring.passSigner('other'), stranger]) {
      const signed = signPassEs256(passClaims(facts), signer)
      await expect(jwtVerify(signed, published, expected)).rejects.toThrow(/signature/)
    }
  })

  test('an ES256 pass is not taken for an HS256 one, nor its public key for a secret', () => {
    const signed = signPassEs256(passClaims(facts), ring.passSigner('demo'))
    expect(check(NOW_MS, HASH, signed)).toEqual({ status: 'invalid', reason: 'forged' })
    const [jwk] = ring.publicKeys('demo')
    const asSecret = { id: 'k1', secret: Buffer.from(JSON.stringify(jwk)) }
    expect(verifyPass(signed, { ...gate, keys: [asSecret] }).status).toBe('invalid')
  })
})
