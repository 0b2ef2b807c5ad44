import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf, arrivalOf, generalLine } from '../../../lib/page/browser/arrival.ts'
import { signInvitation } from '../../../lib/queue/tokens/invitation.ts'

const ROOM = 'https://room.example/r/demo'
const TO = 'https://shop.example/cars?a=1'
const NONCE = 'n'.repeat(43)
const KEY = { id: 'k1', secret: Buffer.alloc(32, 1) }
const TOKEN = signInvitation(
  { room: 'demo', group: 'members', id: 'i1', expiresAtMs: 2_000_000 },
  1_000_000,
  KEY,
)
const invitedTo = `${TO}&antichambre-invitation=${TOKEN}`
const at = (page: string, query: Record<string, string> = {}) =>
  arrivalOf(Object.keys(query).length === 0 ? page : `${page}?${new URLSearchParams(query)}`)

describe('an arrival', () => {
  test('with nothing but the room', () => {
    expect(at(ROOM)).toEqual({
      room: 'demo',
      base: '/r/demo',
      to: null,
      nonce: null,
      isTried: false,
      isGroup: false,
      invitation: null,
      elsewhere: null,
      uninvited: null,
      clean: null,
    })
  })

  test('from a gate, with the way back', () => {
    expect(at(ROOM, { to: TO, nonce: NONCE })).toMatchObject({ to: TO, nonce: NONCE, clean: null })
  })

  test('from the open way, which is tried again after a reload', () => {
    const arrival = at(ROOM, { to: TO, nonce: NONCE, tried: '1' })
    expect(arrival).toMatchObject({ isTried: true, clean: addressOf('/r/demo', arrival) })
    expect(arrival.clean).not.toContain('tried')
  })

  test('with the same way back as it came with, to each address of the room', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), to => {
        const arrival = at(ROOM, { to, nonce: NONCE })
        const through = new URL(addressOf('/r/demo/through', arrival), ROOM)
        expect(through.pathname).toBe('/r/demo/through')
        expect([...through.searchParams]).toEqual([
          ['to', to],
          ['nonce', NONCE],
        ])
      }),
    )
  })
})

describe('an invited visitor', () => {
  test.each([
    ['in the return address', at(ROOM, { to: invitedTo, nonce: NONCE })],
    [
      'in the room’s own address',
      at(ROOM, { to: TO, nonce: NONCE, 'antichambre-invitation': TOKEN }),
    ],
  ])(
    '%s is sent to the line of the group, with the invitation in the fragment alone',
    (_, arrival) => {
      const { elsewhere, clean } = arrival
      const page = new URL(elsewhere ?? '', ROOM)
      expect(page.pathname).toBe('/r/demo~members')
      expect([...page.searchParams]).toEqual([
        ['to', TO],
        ['nonce', NONCE],
      ])
      expect(page.hash).toBe(`#antichambre-invitation=${TOKEN}`)
      expect(clean).not.toContain(TOKEN)
    },
  )

  test('has arrived there, and the invitation is in no address', () => {
    const { elsewhere } = at(ROOM, { to: invitedTo, nonce: NONCE })
    const arrival = arrivalOf(new URL(elsewhere ?? '', ROOM).href)
    expect(arrival).toMatchObject({
      room: 'demo~members',
      base: '/r/demo~members',
      isGroup: true,
      invitation: TOKEN,
      elsewhere: null,
      to: TO,
    })
    expect(arrival.clean).toBe(addressOf('/r/demo~members', arrival))
    expect(at(`${ROOM}~members`, { to: TO }).clean).toBeNull()
  })

  test('in the line of another group goes on to theirs', () => {
    const { elsewhere } = at(`${ROOM}~guests`, { 'antichambre-invitation': TOKEN })
    expect(elsewhere).toBe(`/r/demo~members#antichambre-invitation=${TOKEN}`)
  })

  test('with an invitation that nobody can read is told so, and can join the general line', () => {
    const arrival = at(`${ROOM}~members`, { to: `${TO}&antichambre-invitation=a.b.c` })
    expect(arrival).toMatchObject({ uninvited: 'bad-invitation', elsewhere: null })
    expect(arrival.clean).toBe(addressOf('/r/demo~members', { to: TO, nonce: null }))
    expect(generalLine(arrival)).toBe(addressOf('/r/demo', { to: TO, nonce: null }))
  })
})

test('whatever an address holds, nobody is sent to another site', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, text, (to, nonce, token) => {
      const group = Buffer.from(JSON.stringify({ group: token })).toString('base64url')
      for (const invitation of [token, `h.${group}.s`]) {
        const arrival = at(ROOM, { to, nonce, 'antichambre-invitation': invitation })
        for (const address of [arrival.elsewhere, arrival.clean, generalLine(arrival)]) {
          if (address !== null) expect(new URL(address, ROOM).origin).toBe('https://room.example')
        }
      }
    }),
  )
})
