import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signInvitation, verifyInvitation } from '../../../lib/queue/tokens/invitation.ts'
import { type SigningKey, signToken } from '../../../lib/queue/tokens/token.ts'
import { MADE_MS } from '../rooms.ts'

const key = (id: string, byte: number): SigningKey => ({
  id,
  secret: new Uint8Array(32).fill(byte),
})
const k1 = key('k1', 1)
const EXPIRES_MS = MADE_MS + 60_000
const invitation = { room: 'demo', group: 'vip', id: 'guest-1', expiresAtMs: EXPIRES_MS }
const token = signInvitation(invitation, MADE_MS, k1)
const verify = (text: string, nowMs = MADE_MS, keys = [k1], room = 'demo', group = 'vip') =>
  verifyInvitation(text, { room, group, nowMs, keys })

describe('an invitation', () => {
  it('is good for its room and group until the millisecond before it expires', () => {
    expect(verify(token)).toEqual({ status: 'valid', invitation })
    expect(verify(token, EXPIRES_MS - 1).status).toBe('valid')
    for (const nowMs of [EXPIRES_MS, EXPIRES_MS + 1]) {
      expect(verify(token, nowMs)).toEqual({ status: 'invalid', reason: 'expired' })
    }
  })

  it('is none to another group, nor to another room', () => {
    const foreign = { status: 'invalid', reason: 'foreign-room' }
    expect(verify(token, MADE_MS, [k1], 'demo', 'press')).toEqual(foreign)
    expect(verify(token, MADE_MS, [k1], 'other', 'vip')).toEqual(foreign)
  })

  it('is forged when another key signed it, and stays good through a rotation', () => {
    const forged = { status: 'invalid', reason: 'forged' }
    expect(verify(signInvitation(invitation, MADE_MS, key('k1', 2)))).toEqual(forged)
    expect(verify(token, MADE_MS, [key('k2', 2)])).toEqual(forged)
    expect(verify(token, MADE_MS, [key('k2', 2), k1]).status).toBe('valid')
  })

  it('is no other token, and no other token is an invitation', () => {
    const claims = { aud: 'demo', group: 'vip', jti: 'x', iat: 0, exp: EXPIRES_MS }
    for (const kind of ['ticket', 'pass', 'session'] as const) {
      expect(verify(signToken(kind, claims, k1)).status).toBe('invalid')
    }
    const { group: _, ...lacking } = claims
    expect(verify(signToken('invitation', lacking, k1))).toMatchObject({ reason: 'forged' })
    expect(verify(signToken('invitation', { ...claims, exp: 'never' }, k1))).toMatchObject({
      reason: 'forged',
    })
  })

  it('is forged by any change of a single character', () => {
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.~'), (at, other) => {
        fc.pre(token[at] !== other)
        const altered = `${token.slice(0, at)}${other}${token.slice(at + 1)}`
        // The last character of base64url has bits that nobody reads; the text is compared all the same.
        expect(verify(altered).status).toBe('invalid')
      }),
    )
  })
})
