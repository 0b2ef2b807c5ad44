import { CompactSign, compactVerify, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { passClaims, signPassEs256 } from '../../lib/queue/tokens/pass.ts'

const A = 'a-master-secret-of-some-32-chars-A'
const B = 'a-master-secret-of-some-32-chars-B'
const secret = (keys: Record<string, string>) => JSON.stringify(keys)
const one = createKeyRing(secret({ current: 'k1', k1: A }))
const both = createKeyRing(secret({ current: 'k2', k1: A, k2: B }))
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('keys', () => {
  test('failure mode 29: the same master secret gives the same keys, in any process', () => {
    const again = createKeyRing(secret({ current: 'k1', k1: A }))
    expect(hex(again.ticketKeys[0]?.secret)).toBe(hex(one.ticketKeys[0]?.secret))
    expect(hex(again.gateKeys('demo')[0]?.secret)).toBe(hex(one.gateKeys('demo')[0]?.secret))
    expect(hex(again.drawKey('k1'))).toBe(hex(one.drawKey('k1')))
    expect(again.publicKeys('demo')).toEqual(one.publicKeys('demo'))
    expect(again.operatorToken).toBe(one.operatorToken)
  })

  test('every use and every room has a key of its own', () => {
    const keys = [
      hex(one.ticketKeys[0]?.secret),
      hex(one.gateKeys('demo')[0]?.secret),
      hex(one.gateKeys('other')[0]?.secret),
      hex(one.drawKey('k1')),
      Buffer.from(one.operatorToken, 'base64url').toString('hex'),
      Buffer.from(one.publicKeys('demo')[0]?.x ?? '', 'base64url').toString('hex'),
      Buffer.from(one.publicKeys('other')[0]?.x ?? '', 'base64url').toString('hex'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    for (const key of keys) expect(key).toHaveLength(64)
  })

  test('failure mode 30: in a rotation the current key comes first and the old one is kept', () => {
    expect(both.currentId).toBe('k2')
    expect(both.ticketKeys.map(key => key.id)).toEqual(['k2', 'k1'])
    expect(both.gateKeys('demo').map(key => key.id)).toEqual(['k2', 'k1'])
    expect(both.publicKeys('demo').map(key => key.kid)).toEqual(['k2', 'k1'])
    expect(both.passSigner('demo').id).toBe('k2')
    expect(hex(both.gateKeys('demo')[1]?.secret)).toBe(hex(one.gateKeys('demo')[0]?.secret))
    expect(hex(both.drawKey('k1'))).toBe(hex(one.drawKey('k1')))
  })

  test('a draw key that the ring does not know is an error', () => {
    for (const id of ['k2', '', 'current', 'constructor', '__proto__']) {
      expect(() => one.drawKey(id)).toThrow('a key id is not in the master secret')
    }
  })

  test('the published key is the public half of what signs, and holds nothing private', async () => {
    const [jwk] = one.publicKeys('demo')
    if (jwk === undefined) throw new Error('there is a key')
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const claims = passClaims({
      room: 'demo',
      ticketId: '0.3.41',
      jti: 'j',
      nonce: undefined,
      nowMs: 0,
      sessionEndsAtMs: 1_000,
    })
    const { payload } = await compactVerify(
      signPassEs256(claims, one.passSigner('demo')),
      await importJWK({ ...jwk }),
    )
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(claims)
    const forged = await new CompactSign(new Uint8Array())
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(jwk.x, 'base64url'))
    await expect(compactVerify(forged, await importJWK({ ...jwk }))).rejects.toThrow()
  })
})

describe("the operator's token", () => {
  test('is the one that was given, else one derived from the current key', () => {
    const given = createKeyRing(secret({ current: 'k1', k1: A }), 't')
    expect(given.operatorToken).toBe('t')
    expect(given.isOperatorToken('t')).toBe(true)
    expect(given.isOperatorToken(one.operatorToken)).toBe(false)
    expect(one.isOperatorToken(one.operatorToken)).toBe(true)
    expect(both.operatorToken).not.toBe(one.operatorToken)
    for (const token of ['', ' ', 'T', 'undefined']) expect(one.isOperatorToken(token)).toBe(false)
  })

  test.each(['', ' ', '\n'])('failure mode 41: an empty one (%j) opens nothing', empty => {
    const ring = createKeyRing(secret({ current: 'k1', k1: A }), empty)
    expect(ring.isOperatorToken(empty)).toBe(false)
    expect(ring.isOperatorToken('')).toBe(false)
    expect(ring.operatorToken).toBe(one.operatorToken)
  })
})

describe('a master secret of another form is an error that repeats nothing of it', () => {
  test.each([
    ['', 'not JSON'],
    ['hunter2-hunter2-hunter2-hunter2-hunter2', 'not JSON'],
    ['null', 'not an object'],
    ['[]', 'not an object'],
    ['"hunter2"', 'not an object'],
    [secret({ k1: A }), 'not an object'],
    ['{"current":"k1","k1":["hunter2"]}', 'not an object'],
    [secret({ current: 'k2', k1: A }), 'lacks its current key'],
    [secret({ current: 'toString', k1: A }), 'lacks its current key'],
    [secret({ current: 'k1', k1: 'hunter2'.padEnd(31, 'x') }), 'at least 32 characters'],
    [secret({ current: 'k1', k1: A, k2: 'hunter2' }), 'at least 32 characters'],
  ])('%j', (text, message) => {
    const make = () => createKeyRing(text)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/hunter2|master-secret-of/)
  })

  test('32 characters are enough', () => {
    expect(createKeyRing(secret({ current: 'k1', k1: 'x'.repeat(32) })).currentId).toBe('k1')
  })
})
