import fc from 'fast-check'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { TOKEN_CHARS_MAX } from '../../../lib/queue/limits.ts'
import {
  type SigningKey,
  sameText,
  signToken,
  verifyToken,
} from '../../../lib/queue/tokens/token.ts'

const key = (id: string, byte: number): SigningKey => ({
  id,
  secret: new Uint8Array(32).fill(byte),
})
const k1 = key('k1', 1)
const kinds = ['ticket', 'pass', 'session', 'invitation'] as const

describe('tokens', () => {
  test('what was signed is valid, and its claims come back with the id of the key', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (kind, claims) => {
          const token = signToken(kind, claims, k1)
          fc.pre(token.length <= TOKEN_CHARS_MAX)
          expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
          expect(verifyToken(kind, token, [key('k0', 0), k1])).toEqual({
            status: 'valid',
            claims: JSON.parse(JSON.stringify(claims)),
            keyId: 'k1',
          })
        },
      ),
    )
  })

  test('a token of one kind is none of another, though the same key signed it', () => {
    for (const signed of kinds) {
      for (const asked of kinds) {
        const { status } = verifyToken(asked, signToken(signed, { a: 1 }, k1), [k1])
        expect(status).toBe(signed === asked ? 'valid' : 'invalid')
      }
    }
  })

  test('the reasons tell an unknown key from a bad signature', () => {
    const token = signToken('pass', { a: 1 }, k1)
    const reason = (keys: SigningKey[]) => verifyToken('pass', token, keys)
    expect(reason([])).toEqual({ status: 'invalid', reason: 'unknown-key' })
    expect(reason([key('k2', 1)])).toEqual({ status: 'invalid', reason: 'unknown-key' })
    expect(reason([key('k1', 2)])).toEqual({ status: 'invalid', reason: 'bad-signature' })
  })

  test('the length is checked before anything is decoded, at its bound', () => {
    const outcome = (length: number) => verifyToken('pass', 'x'.repeat(length), [k1])
    expect(outcome(TOKEN_CHARS_MAX)).toEqual({ status: 'invalid', reason: 'malformed' })
    expect(outcome(TOKEN_CHARS_MAX + 1)).toEqual({ status: 'invalid', reason: 'too-long' })
  })

  test('any text at all is an outcome, never an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, two) => {
        for (const text of [one, `${one}.${two}.`, `${one}.${two}.${one}`]) {
          expect(verifyToken('session', text, [k1]).status).toBe('invalid')
        }
      }),
    )
  })

  test('every prefix of a token is invalid', () => {
    const token = signToken('pass', { sub: '0.3.41' }, k1)
    for (let length = 0; length < token.length; length++) {
      expect(verifyToken('pass', token.slice(0, length), [k1]).status).toBe('invalid')
    }
  })

  test('jose reads each kind as an HS256 JWT of its type', async () => {
    for (const kind of kinds) {
      const token = signToken(kind, { sub: '0.3.41' }, k1)
      const { payload, protectedHeader } = await jwtVerify(token, k1.secret, {
        algorithms: ['HS256'],
        typ: `${kind}+jwt`,
      })
      expect(payload).toEqual({ sub: '0.3.41' })
      expect(protectedHeader).toEqual({ alg: 'HS256', typ: `${kind}+jwt`, kid: 'k1' })
    }
  })
})

test('texts are the same only if every byte is', () => {
  expect(sameText('abc', 'abc')).toBe(true)
  expect(sameText('', '')).toBe(true)
  for (const other of ['abd', 'ab', 'abcd', '', 'äbc']) expect(sameText('abc', other)).toBe(false)
})
