import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rateAt } from '../../../lib/queue/room/config.ts'
import { storedRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { complaint } from '../complaint.ts'
import { MADE_MS, OPENS_MS, roomConfig, time } from '../rooms.ts'

const DAY_MS = 86_400_000
const refused = (input: Record<string, unknown>) => complaint(() => roomConfig(input))

describe('a mode', () => {
  it('is one of four, and never repeated when it is none', () => {
    for (const mode of ['line', 'auto', 'off', 'closed'])
      expect(roomConfig({ mode }).mode).toBe(mode)
    for (const mode of ['open', 'LINE', '']) {
      expect(refused({ mode })).toBe('mode: a text came, one of line, auto, off, closed is allowed')
    }
    expect(refused({ mode: null })).toMatch(/^mode: null came/)
  })
})

describe('a closing', () => {
  it('is to come: not past, not now, but a millisecond from now', () => {
    const at = (ms: number) => ({ opensAt: null, closesAt: time(ms) })
    expect(roomConfig(at(MADE_MS + 1)).closesAt).toBe(time(MADE_MS + 1))
    for (const ms of [MADE_MS, MADE_MS - 1, 0]) {
      expect(refused(at(ms))).toBe(
        `closesAt: ${time(ms)} came, a time to come is allowed; \`end\` ends a sale now`,
      )
    }
  })
})

describe('a plan of rates', () => {
  const entry = (atMs: number, ratePerMinute: unknown = 60) => ({ at: time(atMs), ratePerMinute })
  const plan = (...entries: unknown[]) => ({ ratePlan: entries })

  it('sets the rate from each of its times on', () => {
    const config = roomConfig(plan(entry(OPENS_MS, 60), entry(OPENS_MS + 1_000, 0)))
    const around = (ms: number) => [ms - 1, ms, ms + 1].map(at => rateAt(config, at))
    expect(around(OPENS_MS)).toEqual([600, 60, 60])
    expect(around(OPENS_MS + 1_000)).toEqual([60, 0, 0])
  })

  it('is refused with two entries at one moment, in whatever zones', () => {
    const [at, same] = ['2026-12-01T06:00:00Z', '2026-12-01T07:00:00+01:00']
    const twice = [
      { at, ratePerMinute: 1 },
      { at: same, ratePerMinute: 2 },
    ]
    expect(refused({ ratePlan: twice })).toBe(
      `ratePlan.1.at: ${same} came, later than the entry before it (${at}) is allowed`,
    )
  })

  it('is refused out of order, and a millisecond apart is in order', () => {
    expect(refused(plan(entry(OPENS_MS + 1), entry(OPENS_MS)))).toMatch(/^ratePlan\.1\.at: /)
    expect(roomConfig(plan(entry(OPENS_MS), entry(OPENS_MS + 1))).ratePlan).toHaveLength(2)
  })

  it('is refused with a time more than a day past: its date is a mistake', () => {
    expect(roomConfig(plan(entry(MADE_MS - DAY_MS))).ratePlan).toHaveLength(1)
    expect(refused(plan(entry(MADE_MS - DAY_MS - 1)))).toBe(
      `ratePlan.0.at: ${time(MADE_MS - DAY_MS - 1)} came, ` +
        'a time that is not more than a day past is allowed',
    )
  })

  it('ends before the closing: an entry at it, or after it, would never be in force', () => {
    const closesAt = time(OPENS_MS + 60_000)
    const at = (ms: number) => ({ ...plan(entry(OPENS_MS), entry(ms)), closesAt })
    expect(roomConfig(at(OPENS_MS + 59_999)).ratePlan).toHaveLength(2)
    for (const ms of [OPENS_MS + 60_000, OPENS_MS + 60_001]) {
      expect(refused(at(ms))).toBe(
        `ratePlan.1.at: ${time(ms)} came, before closesAt (${closesAt}) is allowed`,
      )
    }
    expect(roomConfig({ ...at(OPENS_MS + 60_001), closesAt: null }).ratePlan).toHaveLength(2)
  })

  it('is held against the closing in whatever zones, and each late entry is named', () => {
    const closesAt = '2026-12-01T07:00:00Z'
    const late = ['2026-12-01T08:00:00+01:00', '2026-12-01T07:00:01Z']
    const ratePlan = ['2026-12-01T07:59:59+01:00', ...late].map(at => ({ at, ratePerMinute: 1 }))
    const before = `came, before closesAt (${closesAt}) is allowed`
    expect(refused({ closesAt, ratePlan })).toBe(
      `ratePlan.1.at: ${late[0]} ${before}; ratePlan.2.at: ${late[1]} ${before}`,
    )
  })

  it.each([-1, 0.5, 1_000_001, null, '60'])('is refused with the rate %j', rate => {
    expect(refused(plan(entry(OPENS_MS, rate)))).toMatch(
      /^ratePlan\.0\.ratePerMinute: .+ came, a whole number from 0 to 1000000 is allowed$/,
    )
  })

  it('is refused with an entry that is no entry, a field too many, or too many entries', () => {
    expect(refused({ ratePlan: {} })).toBe(
      'ratePlan: an object came, a list of times and rates is allowed',
    )
    expect(refused(plan(null))).toBe('ratePlan.0: null came, an object is allowed')
    expect(refused(plan({ ...entry(OPENS_MS), until: 5 }))).toBe('ratePlan.0.until: no such field')
    expect(refused(plan({ ratePerMinute: 5 }))).toMatch(/^ratePlan\.0\.at: nothing came, a time/)
    const many = (count: number) =>
      plan(...Array.from({ length: count }, (_, n) => entry(OPENS_MS + n)))
    expect(roomConfig(many(50)).ratePlan).toHaveLength(50)
    expect(refused(many(51))).toBe('ratePlan: 51 came, at most 50 are allowed')
  })

  it('is at every moment the entry that came last, or else the rate of the room', () => {
    const gaps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), rate: fc.nat(99) }), {
      maxLength: 50,
    })
    fc.assert(
      fc.property(gaps, fc.nat(500), (entries, lateMs) => {
        let atMs = OPENS_MS
        const times = entries.map(({ gap, rate }) => {
          atMs += gap
          return { atMs, rate }
        })
        const config = roomConfig(plan(...times.map(({ atMs, rate }) => entry(atMs, rate))))
        const now = OPENS_MS + lateMs
        const expected = times.filter(({ atMs }) => atMs <= now).at(-1)?.rate ?? 600
        expect(rateAt(config, now)).toBe(expected)
      }),
    )
  })
})

describe('groups', () => {
  const groups = (...list: [unknown, unknown][]) => ({
    groups: list.map(([name, sharePercent]) => ({ name, sharePercent })),
  })

  it('are refused when one comes twice', () => {
    expect(refused(groups(['vip', 10], ['press', 10], ['vip', 10]))).toBe(
      'groups.2.name: vip came twice',
    )
  })

  it('leave the main line a tenth: shares over 90 percent are refused', () => {
    expect(roomConfig(groups(['a', 45], ['b', 45])).groups).toHaveLength(2)
    expect(refused(groups(['a', 45], ['b', 46]))).toBe(
      'groups: shares of 91 percent came, together at most 90 are allowed',
    )
    expect(refused(groups(['a', 91]))).toMatch(/^groups\.0\.sharePercent: 91 came/)
  })

  it.each([0, -1, 1.5, 91, null, '10'])('are refused with the share %j', share => {
    expect(refused(groups(['a', share]))).toMatch(
      /^groups\.0\.sharePercent: .+ came, a whole number from 1 to 90 is allowed$/,
    )
  })

  it.each(['', 'VIP', 'a_b', '-a', 'a-', 'a~b', 'a/b', 'é', 'a'.repeat(33), 5, null])(
    'are refused with the name %j',
    name => {
      expect(refused(groups([name, 10]))).toMatch(/^groups\.0\.name: .+ came, a name/)
    },
  )

  it('are three at most', () => {
    expect(roomConfig(groups(['a', 1], ['b', 1], ['c', 1])).groups).toHaveLength(3)
    expect(refused(groups(['a', 1], ['b', 1], ['c', 1], ['d', 1]))).toBe(
      'groups: 4 came, at most 3 are allowed',
    )
  })
})

describe('stock', () => {
  it('has no more left than there is, and nothing left of what is not counted', () => {
    expect(roomConfig({ stock: 5, stockLeft: 5 }).stockLeft).toBe(5)
    expect(refused({ stock: 5, stockLeft: 6 })).toBe(
      'stockLeft: 6 came, at most the stock (5) is allowed',
    )
    expect(refused({ stockLeft: 0 })).toBe('stockLeft: 0 came without a stock, null is allowed')
  })

  it.each([-1, 0.5, 100_000_001, '5'])('is refused with %j left', stockLeft => {
    expect(refused({ stock: 5, stockLeft })).toMatch(
      /^stockLeft: .+ came, a whole number from 0 to 100000000 is allowed$/,
    )
  })

  it('is told now, or was before, but not in a time to come: that would silence the showroom', () => {
    const told = (more: object) => roomConfig({ stock: 5, stockLeft: 2, ...more }).stockLeftAt
    expect(told({})).toBe(time(MADE_MS))
    expect(roomConfig({ stock: 5 }).stockLeftAt).toBeNull()
    for (const atMs of [0, MADE_MS - 1, MADE_MS]) {
      expect(told({ stockLeftAt: time(atMs) })).toBe(time(atMs))
    }
    const later = time(MADE_MS + 1)
    expect(refused({ stock: 5, stockLeft: 2, stockLeftAt: later })).toBe(
      `stockLeftAt: ${later} came, no time to come is allowed`,
    )
  })
})

describe('the bounds of health', () => {
  it('have defaults one by one', () => {
    expect(roomConfig({ health: { floorPercent: 0 } }).health).toEqual({
      ...roomConfig().health,
      floorPercent: 0,
    })
  })

  it.each([
    ['latencyMs', [0, -1, 1.5, 600_001, null, '9']],
    ['errorRate', [-0.001, 1.001, Number.NaN, null, '0']],
    ['floorPercent', [-1, 101, 0.5]],
    ['holdSeconds', [0, 601, 1.5]],
  ])('are refused with a %s of %j', (name, values) => {
    for (const value of values) {
      expect(refused({ health: { [name]: value } })).toMatch(
        new RegExp(`^health\\.${name}: .+ came, an? (whole )?number from`),
      )
    }
  })

  it('are refused as no object, or with a field that is none', () => {
    expect(refused({ health: 5 })).toBe('health: 5 came, an object is allowed')
    expect(refused({ health: { speed: 5 } })).toBe('health.speed: no such field')
  })
})

describe('a configuration that was stored', () => {
  it('before fields existed has their defaults, and keeps its own', () => {
    const { mode: _, ratePlan: __, groups: ___, health: ____, ...older } = roomConfig({ stock: 5 })
    expect(storedRoomConfig(JSON.parse(JSON.stringify(older)))).toEqual(roomConfig({ stock: 5 }))
  })

  it('with fields that are gone since loses them, whatever they say, and keeps the others', () => {
    const config = roomConfig({ stock: 5, capacity: 7, turnSeconds: 60 })
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (...values) => {
        const [stockFactor, lateSharePercent, entriesPerTicket] = values
        const gone = { stockFactor, lateSharePercent, entriesPerTicket }
        const stored = JSON.stringify({ ...config, ...gone })
        expect(storedRoomConfig(JSON.parse(stored))).toEqual(config)
      }),
    )
    expect(() => storedRoomConfig({ ...config, stockFactors: 3 })).toThrow()
    expect(refused({ entriesPerTicket: 2 })).toBe('entriesPerTicket: no such field')
  })

  it('stays good though its times are past by now', () => {
    const stored = {
      ...roomConfig(),
      closesAt: time(0),
      ratePlan: [{ at: time(0), ratePerMinute: 1 }],
    }
    expect(storedRoomConfig(JSON.parse(JSON.stringify(stored)))).toEqual(stored)
  })

  it('is refused when it is none', () => {
    for (const stored of [null, {}, { showroomUrl: 5 }, { ...roomConfig(), capacity: 'many' }]) {
      expect(() => storedRoomConfig(stored)).toThrow()
    }
  })
})
