import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { TICKET_SECONDS_MAX } from '../../../lib/queue/limits.ts'
import {
  parseTicketId,
  signTicket,
  ticketId,
  verifyTicket,
} from '../../../lib/queue/tokens/ticket.ts'
import { signToken } from '../../../lib/queue/tokens/token.ts'

const NOW_MS = Date.UTC(2026, 11, 1, 5, 30)
const key = { id: 'k1', secret: new Uint8Array(32).fill(1) }
const verifier = { room: 'demo', nowMs: NOW_MS, keys: [key] }
const ticket = {
  room: 'demo',
  id: ticketId(0, 3, 41),
  cohort: 0,
  shard: 3,
  index: 41,
  commitment: 'c'.repeat(43),
}

describe('the id of a ticket', () => {
  test('says what it is made of', () => {
    const part = (max: number) => fc.integer({ min: 0, max })
    fc.assert(
      fc.property(part(9_999_999_999), part(999), part(9_999_999_999), (cohort, shard, index) => {
        expect(parseTicketId(ticketId(cohort, shard, index))).toEqual({ cohort, shard, index })
      }),
    )
  })

  test.each([
    '',
    '0.3',
    '0.3.41.5',
    '0.3.x',
    '-1.3.41',
    '0.1000.41',
    '10000000000.3.41',
    ' 0.3.41',
  ])('is not "%s"', text => {
    expect(parseTicketId(text)).toBe(undefined)
  })
})

describe('tickets', () => {
  test('a ticket comes back as it was signed', () => {
    expect(ticket.id).toBe('0.3.41')
    const token = signTicket(ticket, NOW_MS, key)
    expect(verifyTicket(token, verifier)).toEqual({ status: 'valid', ticket })
  })

  test('is good until its last millisecond, also when it was signed inside a second', () => {
    const token = signTicket(ticket, NOW_MS + 999, key)
    const endMs = NOW_MS + TICKET_SECONDS_MAX * 1000
    const at = (nowMs: number) => verifyTicket(token, { ...verifier, nowMs })
    expect(at(endMs - 1).status).toBe('valid')
    expect(at(endMs)).toEqual({ status: 'invalid', reason: 'expired' })
    expect(at(endMs + 1)).toEqual({ status: 'invalid', reason: 'expired' })
  })

  test('a ticket of another room is none here', () => {
    const token = signTicket({ ...ticket, room: 'other' }, NOW_MS, key)
    expect(verifyTicket(token, verifier)).toEqual({
      status: 'invalid',
      reason: 'foreign-room',
    })
  })

  test('a ticket of the old key is good during a rotation and not after it', () => {
    const token = signTicket(ticket, NOW_MS, key)
    const next = { id: 'k2', secret: new Uint8Array(32).fill(2) }
    expect(verifyTicket(token, { ...verifier, keys: [next, key] }).status).toBe('valid')
    expect(verifyTicket(token, { ...verifier, keys: [next] })).toEqual({
      status: 'invalid',
      reason: 'forged',
    })
  })

  test('failure mode 31: a pass or session with the claims of a ticket is no ticket', () => {
    const claims = decodeJwt(signTicket(ticket, NOW_MS, key))
    for (const kind of ['pass', 'session'] as const) {
      const token = signToken(kind, claims, key)
      expect(verifyTicket(token, verifier)).toEqual({
        status: 'invalid',
        reason: 'forged',
      })
    }
    expect(verifyTicket(signToken('ticket', claims, key), verifier).status).toBe('valid')
  })

  test.each(['aud', 'sub', 'cohort', 'shard', 'index', 'commitment', 'iat', 'exp'])(
    'without %s it is none, though it was signed',
    name => {
      const { [name]: _, ...claims } = decodeJwt(signTicket(ticket, NOW_MS, key))
      const token = signToken('ticket', claims, key)
      expect(verifyTicket(token, verifier)).toEqual({
        status: 'invalid',
        reason: 'forged',
      })
    },
  )
})
