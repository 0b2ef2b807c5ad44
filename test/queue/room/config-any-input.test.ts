import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRoomId } from '../../../lib/queue/address/room-path.ts'
import { AntichambreError } from '../../../lib/queue/errors.ts'
import { roomConfigSchema, timeMs } from '../../../lib/queue/room/config.ts'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'

const NOW_MS = Date.parse('2026-12-01T05:00:00.000Z')
const showroomUrl = 'https://shop.example/sale'
const parse = (input: Record<string, unknown>) => parseRoomConfig({ showroomUrl, ...input }, NOW_MS)

describe('any input', () => {
  it('gives a configuration that stands, or a complaint: never another error', () => {
    const value = fc.oneof(
      fc.anything(),
      fc.constantFrom(showroomUrl, null, undefined, '2026-12-01T06:00:00Z', 5),
    )
    const names = Object.keys(parse({}))
    const input = fc.oneof(
      fc.anything(),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value),
    )
    fc.assert(
      fc.property(input, given => {
        try {
          const config = parseRoomConfig(given, NOW_MS)
          expect(roomConfigSchema.parse(config)).toEqual(config)
        } catch (error) {
          expect(error).toBeInstanceOf(AntichambreError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('that is taken as a time is one', () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map(n => String(n).padStart(2, '0'))
    const text = fc
      .tuple(fc.integer({ min: 0, max: 9_999 }), part(13), part(32), part(25), part(61), part(61))
      .map(([year, month, day, hour, minute, second]) => {
        const date = `${String(year).padStart(4, '0')}-${month}-${day}`
        return `${date}T${hour}:${minute}:${second}Z`
      })
    fc.assert(
      fc.property(text, closesAt => {
        try {
          expect(timeMs(parse({ opensAt: null, closesAt }).closesAt)).not.toBeNaN()
        } catch (error) {
          expect(error).toBeInstanceOf(AntichambreError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe("a room's id", () => {
  it.each(['a', '0', 'a-b', 'cars-2026', 'a'.repeat(63)])('may be %s', id => {
    expect(parseRoomId(id)).toBe(id)
  })

  it.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'é', 'a/b', 'a\n', ' a', 'a'.repeat(64)])(
    'may not be %j',
    id => {
      expect(() => parseRoomId(id)).toThrow(
        expect.objectContaining({
          code: 'bad-room-id',
          message: "a room's id has 1 to 63 lower-case letters, digits and inner hyphens",
        }),
      )
    },
  )
})
