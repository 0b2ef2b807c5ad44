import { describe, expect, test } from 'vitest'
import { DEPARTURES_BODY_BYTES_MAX, DEPARTURES_MAX } from '../../lib/queue/limits.ts'
import {
  SIGNATURE_HEADER,
  type Signed,
  signMessage,
} from '../../lib/queue/tokens/showroom-signature.ts'
import { codeOf, createWorld, request, SHOWROOM, type World } from '../support/world.ts'

const DEPARTURES = [{ ticket: '0.3.41', reason: 'bought' }]
const STOCK = { left: 5, at: '2026-12-01T06:00:00Z' }

async function rooms(): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, stock: 97 })
  await world.operator('PUT', '/other', { showroomUrl: SHOWROOM, stock: 97 })
  return world
}

const post = (world: World, what: Signed, text: string, headers: Record<string, string>) =>
  request(world.visitors, `/r/demo/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  })

/** A body that is signed as it is, whatever it is. */
function sendSigned(world: World, what: Signed, text: string, label = what, room = 'demo') {
  const [key] = world.keys.gateKeys(room)
  if (key === undefined) throw new Error('no key')
  return post(world, what, text, { [SIGNATURE_HEADER]: signMessage(label, room, text, key) })
}

describe.each([
  ['departures', DEPARTURES],
  ['stock', STOCK],
] as const)('what a showroom says of its %s', (what, body) => {
  const text = JSON.stringify(body)

  test('is taken when the gate key of the room signed it, and kept by no cache', async () => {
    const world = await rooms()
    const answer = await world.tell(what, 'demo', body)
    expect([answer.status, answer.body]).toEqual([202, { accepted: 1 }])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(world.said).toHaveLength(1)
  })

  test('is refused when it is not signed, or by another key, for another room or as something else', async () => {
    const world = await rooms()
    const other = what === 'stock' ? 'departures' : 'stock'
    const [key] = world.keys.gateKeys('demo')
    const good = signMessage(what, 'demo', text, key ?? { id: '', secret: new Uint8Array() })
    const forged = signMessage(what, 'demo', text, { id: 'k1', secret: new Uint8Array(32) })
    const answers = [
      await post(world, what, text, {}),
      await post(world, what, text, { [SIGNATURE_HEADER]: '' }),
      await post(world, what, text, { [SIGNATURE_HEADER]: good.slice(0, -1) }),
      await post(world, what, text, { [SIGNATURE_HEADER]: good.replace('k1.', 'k2.') }),
      await post(world, what, text, { [SIGNATURE_HEADER]: forged }),
      await post(world, what, `${text} `, { [SIGNATURE_HEADER]: good }),
      await sendSigned(world, what, text, what, 'other'),
      await sendSigned(world, what, text, other),
    ]
    for (const answer of answers)
      expect([answer.status, codeOf(answer)]).toEqual([401, 'bad-token'])
    expect(world.said).toEqual([])
  })

  test('is not even read before its signature is checked', async () => {
    const world = await rooms()
    expect(codeOf(await post(world, what, '{', {}))).toBe('bad-token')
    expect(codeOf(await sendSigned(world, what, '{'))).toBe('bad-json')
    const form = { 'content-type': 'text/plain' }
    expect(codeOf(await post(world, what, text, form))).toBe('wrong-media-type')
  })

  test('is told 404 of a room that is not there', async () => {
    const world = await rooms()
    const answer = await world.tell(what, 'nowhere', body)
    expect([answer.status, codeOf(answer)]).toEqual([404, 'unknown-room'])
  })
})

/** What a signed body of the wrong form is told. */
async function complaint(what: Signed, body: unknown): Promise<string> {
  const world = await rooms()
  const answer = await world.tell(what, 'demo', body)
  expect([answer.status, codeOf(answer), world.said]).toEqual([400, 'bad-request', []])
  return (answer.body.error as { message: string }).message
}

describe('departures of a wrong form', () => {
  test.each([
    [{}, 'body: an object came, a list of 1 to 1000 departures is allowed'],
    [[], 'body: a list came, a list of 1 to 1000 departures is allowed'],
    [[null], '0: null came, an object is allowed'],
    [
      [{ ticket: '0.3', reason: 'left' }],
      '0.ticket: a text came, a ticket id such as 0.3.41 is allowed',
    ],
    [[{ ticket: 41, reason: 'left' }], '0.ticket: 41 came, a ticket id such as 0.3.41 is allowed'],
    [
      [{ ticket: '0.3.-1', reason: 'left' }],
      '0.ticket: a text came, a ticket id such as 0.3.41 is allowed',
    ],
    [
      [...DEPARTURES, { ticket: '0.3.42', reason: 'sold' }],
      '1.reason: a text came, bought or left is allowed',
    ],
    [[{ ...DEPARTURES[0], price: 5 }], '0.price: no such field'],
    [
      [{ ...DEPARTURES[0], at: 'now' }],
      '0.at: a text came, a time with its zone, such as 2026-12-01T06:00:00Z, is allowed',
    ],
  ])('are refused by name: %j', async (body, message) => {
    expect(await complaint('departures', body)).toBe(message)
  })

  test('are refused above a thousand, and a thousand are taken', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ ticket: `0.0.${n}`, reason: 'left' }))
    const world = await rooms()
    expect((await world.tell('departures', 'demo', many(DEPARTURES_MAX))).body).toEqual({
      accepted: DEPARTURES_MAX,
    })
    expect(codeOf(await world.tell('departures', 'demo', many(DEPARTURES_MAX + 1)))).toBe(
      'bad-request',
    )
    const padded = `${JSON.stringify(DEPARTURES)}${' '.repeat(DEPARTURES_BODY_BYTES_MAX)}`
    expect(codeOf(await sendSigned(world, 'departures', padded))).toBe('too-large')
  })
})

describe('a word about the stock of a wrong form', () => {
  test.each([-1, 1.5, 100_000_001, '5', null, undefined])('is refused with %j left', async left => {
    expect(await complaint('stock', { ...STOCK, left })).toMatch(
      /^left: .+ came, a whole number from 0 to 100000000 is allowed$/,
    )
  })

  test.each(['yesterday', '2026-12-01', 5, null, undefined])(
    'is refused at the time %j',
    async at => {
      expect(await complaint('stock', { ...STOCK, at })).toMatch(
        /^at: .+ came, a time with its zone, such as 2026-12-01T06:00:00Z, is allowed$/,
      )
    },
  )

  test('is refused as a list, or with a field that is none', async () => {
    expect(await complaint('stock', [STOCK])).toBe('body: a list came, an object is allowed')
    expect(await complaint('stock', { ...STOCK, right: 5 })).toBe('right: no such field')
  })
})
