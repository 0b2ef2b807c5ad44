import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  INVITATION_PARAMETER,
  invitedGroup,
  takenInvitation,
} from '../../../lib/queue/address/query.ts'
import { signInvitation } from '../../../lib/queue/tokens/invitation.ts'

const KEY = { id: 'k1', secret: Buffer.alloc(32, 1) }
const invitation = (group: string) =>
  signInvitation({ room: 'demo', group, id: 'i1', expiresAtMs: 2_000_000 }, 1_000_000, KEY)

const payload = (claims: unknown) =>
  `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`

describe('the group of an invitation', () => {
  test('is read without the key, whatever the group’s name', () => {
    const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/)
    fc.assert(
      fc.property(name, group => {
        expect(invitedGroup(invitation(group))).toBe(group)
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['one part', 'abc'],
    ['no base64', 'h.***.s'],
    ['no JSON', `h.${Buffer.from('{"group":').toString('base64url')}.s`],
    ['no object', payload('members')],
    ['null', payload(null)],
    ['no group', payload({ aud: 'demo' })],
    ['a number', payload({ group: 7 })],
    ['a path', payload({ group: '../x' })],
    ['another line in it', payload({ group: 'a~b' })],
    ['a name too long', payload({ group: 'a'.repeat(33) })],
  ])('is not read from %s', (_, token) => {
    expect(invitedGroup(token)).toBeUndefined()
  })

  test('is read from nothing without end, and never throws', () => {
    expect(invitedGroup('a'.repeat(10_000_000))).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), text => {
        invitedGroup(`h.${text}.s`)
      }),
    )
  })
})

describe('an address with an invitation', () => {
  test('gives it, and keeps all else to the letter', () => {
    const way = 'https://shop.example/a%20b'
    const more = `?x=%7e+1&${INVITATION_PARAMETER}=a.b.c&y#z`
    expect(takenInvitation(way + more)).toEqual({
      address: `${way}?x=%7e+1&y#z`,
      invitation: 'a.b.c',
    })
  })

  test.each(['', 'nowhere', '//shop.example/', 'https://shop.example/?x=1'])(
    'without one stays as it is: "%s"',
    address => {
      expect(takenInvitation(address)).toEqual({ address })
    },
  )
})
