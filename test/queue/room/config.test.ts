import { describe, expect, it } from 'vitest'
import {
  ARRIVAL_WINDOW_SECONDS,
  BATCH_SECONDS,
  CAPACITY,
  RATE_PER_MINUTE,
  SESSION_SECONDS,
  STOCK,
  TURN_SECONDS,
} from '../../../lib/queue/limits.ts'
import { roomConfigSchema } from '../../../lib/queue/room/config.ts'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { complaint } from '../complaint.ts'

const NOW_MS = Date.parse('2026-12-01T05:00:00.000Z')
const showroomUrl = 'https://shop.example/sale'

const parse = (input: Record<string, unknown>) => parseRoomConfig({ showroomUrl, ...input }, NOW_MS)

describe('a configuration', () => {
  it('needs nothing but the address of the showroom', () => {
    expect(parse({})).toEqual({
      showroomUrl,
      allowedOrigins: ['https://shop.example'],
      doorsAt: null,
      opensAt: '2026-12-01T05:00:00.000Z',
      closesAt: null,
      arrivalWindowSeconds: 5,
      batchSeconds: 2,
      ratePerMinute: 600,
      capacity: null,
      stock: null,
      turnSeconds: 600,
      sessionSeconds: 900,
      message: null,
      passAlgorithm: 'HS256',
      mode: 'line',
      ratePlan: [],
      stockLeft: null,
      stockLeftAt: null,
      health: { latencyMs: 2_000, errorRate: 0.05, floorPercent: 10, holdSeconds: 10 },
      groups: [],
    })
  })

  it('keeps what is given, and is its own valid form', () => {
    const whole = {
      showroomUrl: 'http://127.0.0.1:8081/',
      allowedOrigins: ['http://127.0.0.1:8081', 'https://shop.example'],
      doorsAt: '2026-12-01T05:30:00Z',
      opensAt: '2026-12-01T07:00:00+01:00',
      closesAt: '2026-12-01T08:00:00.5Z',
      arrivalWindowSeconds: 6,
      batchSeconds: 3,
      ratePerMinute: 601,
      capacity: 400,
      stock: 97,
      turnSeconds: 601,
      sessionSeconds: 901,
      message: 'Soon.',
      passAlgorithm: 'ES256',
      mode: 'auto',
      ratePlan: [{ at: '2026-12-01T06:30:00Z', ratePerMinute: 60 }],
      stockLeft: 96,
      stockLeftAt: '2026-12-01T04:00:00Z',
      health: { latencyMs: 800, errorRate: 0.01, floorPercent: 0, holdSeconds: 5 },
      groups: [{ name: 'members', sharePercent: 40 }],
    }
    const config = parseRoomConfig(whole, NOW_MS)
    expect(config).toEqual(whole)
    expect(roomConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config)
    expect(parseRoomConfig(config, NOW_MS)).toEqual(config)
  })

  it('tells an opening by the operator from one that was left out', () => {
    expect(parse({ opensAt: null }).opensAt).toBeNull()
    expect(parse({}).opensAt).toBe('2026-12-01T05:00:00.000Z')
  })
})

describe('a number of a configuration', () => {
  const bounds = {
    arrivalWindowSeconds: ARRIVAL_WINDOW_SECONDS,
    batchSeconds: BATCH_SECONDS,
    ratePerMinute: RATE_PER_MINUTE,
    capacity: CAPACITY,
    stock: STOCK,
    turnSeconds: TURN_SECONDS,
    sessionSeconds: SESSION_SECONDS,
  }
  it.each(Object.entries(bounds))('%s has both its bounds', (name, { min, max }) => {
    const allowed = `a whole number from ${min} to ${max} is allowed`
    expect(parse({ [name]: min })).toMatchObject({ [name]: min })
    expect(parse({ [name]: max })).toMatchObject({ [name]: max })
    for (const value of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const said = `${name}: ${value} came, ${allowed}`
      expect(complaint(() => parse({ [name]: value }))).toBe(said)
    }
    expect(complaint(() => parse({ [name]: String(min) }))).toBe(`${name}: a text came, ${allowed}`)
    expect(complaint(() => parse({ [name]: true }))).toBe(`${name}: true came, ${allowed}`)
    expect(complaint(() => parse({ [name]: [min] }))).toBe(`${name}: a list came, ${allowed}`)
    expect(complaint(() => parse({ [name]: {} }))).toBe(`${name}: an object came, ${allowed}`)
  })

  it('may be null where null means no limit, and only there', () => {
    expect(parse({ capacity: null, stock: null })).toMatchObject({ capacity: null, stock: null })
    expect(complaint(() => parse({ ratePerMinute: null }))).toMatch(/^ratePerMinute: null came, /)
  })
})

const AN_ADDRESS = 'an http(s) address without credentials is allowed'
const AN_ORIGIN = 'an origin without a path, such as https://shop.example, is allowed'
const A_TIME = 'a time with its zone, such as 2026-12-01T06:00:00Z, is allowed'

describe('a configuration that is wrong', () => {
  it.each([null, 'x', 5, [], undefined])('is refused as a body when it is %j', input => {
    expect(complaint(() => parseRoomConfig(input, NOW_MS))).toMatch(
      /^body: .+ came, an object is allowed$/,
    )
  })

  it.each([
    ['', 'a text'],
    ['shop.example', 'a text'],
    ['ftp://shop.example', 'a text'],
    ['javascript:alert(1)', 'a text'],
    ['https://user@shop.example/', 'a text'],
    ['https://user:secret@shop.example/', 'a text'],
    ['https://:secret@shop.example/', 'a text'],
    ['https://', 'a text'],
    ['https:///shop.example', 'a text'],
    ['https:shop.example', 'a text'],
    [5, '5'],
    [null, 'null'],
    [undefined, 'nothing'],
  ])('is refused with the address %j', (address, came) => {
    expect(complaint(() => parse({ showroomUrl: address }))).toBe(
      `showroomUrl: ${came} came, ${AN_ADDRESS}`,
    )
  })

  it.each([
    'https://shop.example/',
    'https://shop.example/path',
    'https://SHOP.example',
    'https://shop.example:443',
    'https://user@shop.example',
    'https://shop.example?x',
    '*',
    'null',
    '',
  ])('is refused with the origin %j', origin => {
    expect(complaint(() => parse({ allowedOrigins: ['https://shop.example', origin] }))).toBe(
      `allowedOrigins.1: a text came, ${AN_ORIGIN}`,
    )
  })

  it('is refused with too few or too many origins, or without its own', () => {
    const origins = (count: number) =>
      Array.from({ length: count }, (_, n) => (n === 0 ? 'https://shop.example' : `https://s${n}`))
    const allowed = 'came, 1 to 20 are allowed'
    expect(parse({ allowedOrigins: origins(1) }).allowedOrigins).toHaveLength(1)
    expect(parse({ allowedOrigins: origins(20) }).allowedOrigins).toHaveLength(20)
    expect(complaint(() => parse({ allowedOrigins: [] }))).toBe(`allowedOrigins: 0 ${allowed}`)
    expect(complaint(() => parse({ allowedOrigins: origins(21) }))).toBe(
      `allowedOrigins: 21 ${allowed}`,
    )
    expect(complaint(() => parse({ allowedOrigins: 'https://shop.example' }))).toBe(
      'allowedOrigins: a text came, a list of origins is allowed',
    )
    expect(complaint(() => parse({ allowedOrigins: ['https://other.example'] }))).toBe(
      "allowedOrigins: the showroom's own origin is missing",
    )
  })

  it.each([
    'tomorrow',
    '2026-12-01',
    '2026-12-01T06:00:00',
    '2026-12-01 06:00:00Z',
    '2026-02-29T06:00:00Z',
    '2026-12-01T24:00:00Z',
    '2026-12-01T06:00:60Z',
    '2026-12-01T06:00:00+24:00',
    '1796104800',
    '',
  ])('is refused with the time %j', at => {
    for (const name of ['doorsAt', 'opensAt', 'closesAt']) {
      expect(complaint(() => parse({ [name]: at }))).toBe(`${name}: a text came, ${A_TIME}`)
    }
  })

  it('is refused with times in the wrong order, both sides of each bound', () => {
    const times = (doorsAt: string | null, opensAt: string | null, closesAt: string | null) =>
      parse({ doorsAt, opensAt, closesAt })
    const [six, sixAndAMoment] = ['2026-12-01T06:00:00Z', '2026-12-01T06:00:00.001Z']
    times(six, six, sixAndAMoment)
    times(null, six, null)
    times(six, null, sixAndAMoment)
    expect(complaint(() => times(sixAndAMoment, six, null))).toBe(
      `opensAt: ${six} came, not before doorsAt (${sixAndAMoment}) is allowed`,
    )
    expect(complaint(() => times(null, six, six))).toBe(
      `closesAt: ${six} came, later than opensAt (${six}) is allowed`,
    )
    expect(complaint(() => times(six, null, six))).toBe(
      `closesAt: ${six} came, later than doorsAt (${six}) is allowed`,
    )
    // The same moment in two zones.
    expect(() => times('2026-12-01T07:00:00+01:00', six, null)).not.toThrow()
  })

  it('is refused with a message one byte too long, as JSON counts', () => {
    const refused = (message: string, bytes: number) =>
      expect(complaint(() => parse({ message }))).toBe(
        `message: ${bytes} bytes of JSON came, at most 400 are allowed`,
      )
    expect(parse({ message: 'a'.repeat(400) }).message).toHaveLength(400)
    expect(parse({ message: '"'.repeat(200) }).message).toHaveLength(200)
    expect(parse({ message: '\u0001'.repeat(66) }).message).toHaveLength(66)
    expect(parse({ message: '' }).message).toBe('')
    refused('a'.repeat(401), 401)
    refused('"'.repeat(201), 402)
    refused('\u0001'.repeat(67), 402)
    refused('é'.repeat(201), 402)
    expect(complaint(() => parse({ message: 5 }))).toBe('message: 5 came, a text is allowed')
  })

  it('is refused with another algorithm, never a free choice', () => {
    for (const passAlgorithm of ['none', 'hs256', 'RS256', '']) {
      expect(complaint(() => parse({ passAlgorithm }))).toBe(
        'passAlgorithm: a text came, HS256 or ES256 is allowed',
      )
    }
  })

  it('names an unknown field, and never more than 80 characters of it', () => {
    expect(complaint(() => parse({ rate: 5 }))).toBe('rate: no such field')
    // Settings once, constants now, whatever value an owner's file still has.
    for (const name of ['stockFactor', 'lateSharePercent']) {
      for (const value of [3, 10, null]) {
        expect(complaint(() => parse({ [name]: value }))).toBe(`${name}: no such field`)
      }
    }
    expect(complaint(() => parse({ ['x'.repeat(1_000)]: 5 }))).toBe(
      `${'x'.repeat(80)}: no such field`,
    )
    expect(complaint(() => parse(JSON.parse('{"__proto__": {"stock": 5}}')))).toBe(
      '__proto__: no such field',
    )
  })

  it('names both of two mistakes, and all of many', () => {
    expect(complaint(() => parse({ batchSeconds: 0, turnSeconds: 9 }))).toBe(
      'batchSeconds: 0 came, a whole number from 1 to 60 is allowed; ' +
        'turnSeconds: 9 came, a whole number from 10 to 3600 is allowed',
    )
    const six = '2026-12-01T06:00:00Z'
    const said = complaint(() =>
      parse({ opensAt: six, closesAt: six, allowedOrigins: ['https://other.example'] }),
    )
    expect(said).toMatch(/^closesAt: .+; allowedOrigins: /)
    const all = complaint(() =>
      parseRoomConfig({ showroomUrl: 1, stock: -1, capacity: 0, message: 1, a: 1, b: 2 }, NOW_MS),
    )
    for (const name of ['showroomUrl', 'stock', 'capacity', 'message', 'a', 'b']) {
      expect(all.split('; ').some(part => part.startsWith(`${name}: `))).toBe(true)
    }
  })

  it('never repeats a text that came', () => {
    const secret = 'https://user:hunter2@shop.example'
    for (const name of ['showroomUrl', 'opensAt', 'ratePerMinute', 'message', 'passAlgorithm']) {
      const input = { [name]: name === 'message' ? secret.repeat(50) : secret }
      expect(complaint(() => parse(input))).not.toContain('hunter2')
    }
  })
})
