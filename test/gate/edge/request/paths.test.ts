/** Paths at the edge, which folds letters without normalising them: never less protected than elsewhere. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  edgeConfig,
  exceptionPattern,
  protectPattern,
} from '../../../../lib/gate/edge/edge-options.ts'
import {
  folded,
  isProtected as isProtectedAtEdge,
  LETTERS,
} from '../../../../lib/gate/edge/request/paths.ts'
import { EDGE_ODD_PATH_CHARS_MAX, PATH_CHARS_MAX } from '../../../../lib/gate/options/limits.ts'
import {
  bypassRule,
  isProtected,
  pathRuleComplaint,
  protectRule,
  readingsOf,
} from '../../../../lib/gate/options/path-rules.ts'
import { options } from '../../browser.ts'

const ranges = LETTERS.flatMap((first, at) => (at % 2 === 0 ? [[first, LETTERS[at + 1] ?? 0]] : []))
const isHalf = (code: number) => code >= 0xd800 && code < 0xe000
const letters = ranges.flatMap(([first = 0, last = 0]) =>
  Array.from({ length: last - first + 1 }, (_, more) => first + more).filter(
    code => code > 0x7f && !isHalf(code),
  ),
)

describe('letters beyond ASCII', () => {
  test('lie in ranges, one after the other', () => {
    expect(LETTERS).toEqual([...LETTERS].sort((one, other) => one - other))
    expect(letters.length).toBeGreaterThan(40_000)
  })

  test('each is folded at the edge as it is elsewhere, and alone is never another number of them', () => {
    const wrong = letters.filter(code => {
      const text = `/${String.fromCodePoint(code)}`
      const at = folded(text)
      return at === undefined || readingsOf(text)?.join() !== at || [...at].length !== 2
    })
    expect(wrong.map(code => code.toString(16))).toEqual([])
  })

  test('side by side, and beside ASCII, they are folded as elsewhere too', () => {
    const letter = fc.constantFrom(...letters).map(code => String.fromCodePoint(code))
    const text = fc.string({
      unit: fc.oneof(letter, fc.constantFrom(...'aZ09-_')),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(text, name => {
        expect(readingsOf(`/${name}`)).toEqual([folded(`/${name}`)])
      }),
      { numRuns: 5_000 },
    )
  })

  test.each(['ß', 'ſ', 'ﬁ', 'ｓ', 'ı', 'İ', '…', '½', '\u212b', 'σ', 'e\u0301', '\u00a0'])(
    '%j is none of them: nobody there can say what it is after normalising',
    text => {
      expect(folded(text)).toBeUndefined()
    },
  )
})

const anything = fc
  .array(
    fc.oneof(
      fc.constantFrom('/', 'sale', 'SALE', '..', '.', '%2e', '%2f', ';', '\\', '//', '%25', 'x'),
      fc.constantFrom('ſale', 'ｓale', '%EF%BD%93', '／', '．．', '；', '%ef%bc%8f', 'é', '\u0338'),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map(parts => `/${parts.join('')}`)

describe('failure mode 26', () => {
  const atEdge = (protect: string[], bypass: string[]) => {
    const rules = [new RegExp(protectPattern(protect.map(protectRule)))] as const
    const exceptions = new RegExp(exceptionPattern(bypass.map(bypassRule)))
    return (path: string) => isProtectedAtEdge(path, ...rules, exceptions)
  }

  test.each([[['/sale/*'], []] as const, [['/*'], ['/sale', '/x/*']] as const])(
    'a path that is protected elsewhere is protected at the edge: protect %j, bypass %j',
    (protect, bypass) => {
      const rules = { protect: protect.map(protectRule), bypass: bypass.map(bypassRule) }
      const isThere = atEdge([...protect], [...bypass])
      fc.assert(
        fc.property(anything, path => !isProtected(path, rules) || isThere(path)),
        { numRuns: 20_000 },
      )
    },
  )

  test('one pattern for all rules says what the rules say one by one', () => {
    const rule = fc
      .array(fc.constantFrom('/sale', '/a.b', '/x(y)', '/$', '/été', '/*', '/'), { maxLength: 3 })
      .map(parts => parts.join(''))
      .filter(text => pathRuleComplaint(text) === undefined)
    const path = fc
      .array(fc.constantFrom('/sale', '/a.b', '/aXb', '/x(y)', '/$', '/%C3%A9t%C3%A9', '/', '/z'), {
        maxLength: 4,
      })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.array(rule, { maxLength: 3 }),
        path,
        (protect, bypass, at) => {
          const rules = { protect: protect.map(protectRule), bypass: bypass.map(bypassRule) }
          expect(atEdge(protect, bypass)(at)).toBe(isProtected(at, rules))
        },
      ),
      { numRuns: 10_000 },
    )
  })

  test('a path with escapes is read as long as there is time to, one without at any length', () => {
    const isThere = atEdge(['/sale/*'], [])
    const long = (length: number) => `/%61${'x'.repeat(length - 4)}`
    expect(isThere(long(EDGE_ODD_PATH_CHARS_MAX))).toBe(false)
    expect(isThere(long(EDGE_ODD_PATH_CHARS_MAX + 1))).toBe(true)
    expect(isThere(`/${'x'.repeat(PATH_CHARS_MAX - 1)}`)).toBe(false)
    expect(isThere(`/${'x'.repeat(PATH_CHARS_MAX)}`)).toBe(true)
  })

  test('a rule with letters that the edge cannot compare is a configuration error', () => {
    const { keys: _, ...edge } = options
    expect(() => edgeConfig({ ...edge, protect: ['/σ'] })).toThrow(/cannot compare/)
    expect(() => edgeConfig({ ...edge, protect: ['/été', '/特売/*', '/straße'] })).not.toThrow()
  })
})
