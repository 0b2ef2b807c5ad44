/** What is written into the store, as laws: whatever lay there, the function at the edge reads what was meant. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keysIn, modeIn } from '../../../lib/gate/edge/request/edge-config.ts'
import {
  EDGE_KEYS_MAX,
  EDGE_VALUE_BYTES_MAX,
  readEdgeValue,
  withKeys,
  withMode,
} from '../../../lib/gate/edge/stored.ts'
import { key, NOW_MS } from '../browser.ts'

const mode = fc.oneof(
  fc.constantFrom('on' as const, 'off' as const),
  fc.integer({ min: -2, max: 2 }).map(ms => ({ openUntilMs: NOW_MS + ms })),
)
const anything = fc.oneof(
  fc.string(),
  fc.jsonValue().map(value => JSON.stringify(value)),
  fc
    .record({ keys: fc.jsonValue(), mode: fc.oneof(mode, fc.jsonValue()) })
    .map(one => JSON.stringify(one)),
)
const keys = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 9 })
  .map(bytes => bytes.map((byte, at) => key(`k${at}`, byte)))

const modeAfter = (text: string, laterMs = 0) => modeIn(JSON.parse(text), NOW_MS + laterMs)

describe('keys that are put', () => {
  test('are what the edge reads: the one that signs first, then the latest', () => {
    fc.assert(
      fc.property(fc.option(anything, { nil: undefined }), keys, (text, given) => {
        const ids = keysIn(JSON.parse(withKeys(text, given, 'on', NOW_MS))).map(({ id }) => id)
        const [current, ...others] = given.map(({ id }) => id)
        expect(ids).toEqual([current, ...others.slice(-EDGE_KEYS_MAX + 1)])
      }),
    )
  })

  test('leave the gate as it was, now and later, whatever lay there', () => {
    fc.assert(
      fc.property(anything, keys, fc.integer({ min: 0, max: 3 }), (text, given, laterMs) => {
        let before: unknown
        try {
          before = JSON.parse(text)
        } catch {
          before = undefined
        }
        const after = withKeys(text, given, 'off', NOW_MS)
        expect(modeAfter(after, laterMs)).toBe(modeIn(before, NOW_MS + laterMs))
        expect(withKeys(after, given, 'off', NOW_MS)).toBe(after)
      }),
    )
  })

  test.each(['on', 'off'] as const)('make a gate that was not there %s', initial => {
    expect(modeAfter(withKeys(undefined, [key('k1', 1)], initial, NOW_MS))).toBe(initial)
  })

  test('are at least one', () => {
    expect(() => withKeys(undefined, [], 'on', NOW_MS)).toThrow('a gate needs a key')
  })

  test(`fit into ${EDGE_VALUE_BYTES_MAX} bytes, and are named by their length alone when they do not`, () => {
    const put = (length: number) => withKeys(undefined, [key('k'.repeat(length), 7)], 'on', NOW_MS)
    const room = EDGE_VALUE_BYTES_MAX - put(0).length
    expect(Buffer.byteLength(put(room))).toBe(EDGE_VALUE_BYTES_MAX)
    expect(() => put(room + 1)).toThrow(
      /^the keys of the gate take 1025 bytes, and the store takes 1024: their ids are too long$/,
    )
  })
})

describe('a mode that is said', () => {
  test('is what the edge reads, and the keys stay', () => {
    fc.assert(
      fc.property(keys, mode, mode, (given, one, other) => {
        const text = withMode(withKeys(undefined, given, 'on', NOW_MS), one)
        const changed = withMode(text, other)
        expect(keysIn(JSON.parse(changed))).toEqual(keysIn(JSON.parse(text)))
        expect(modeAfter(changed)).toBe(modeIn({ mode: other }, NOW_MS))
      }),
    )
  })

  test('is read back by people as the edge reads it', () => {
    const until = (openUntilMs: number) =>
      readEdgeValue(JSON.stringify({ keys: [], mode: { openUntilMs } }), NOW_MS).mode
    expect(until(NOW_MS + 1)).toEqual({ openUntilMs: NOW_MS + 1 })
    expect(until(NOW_MS)).toBe('on')
    expect(readEdgeValue('', NOW_MS)).toEqual({ keyIds: [], mode: 'on' })
  })
})
