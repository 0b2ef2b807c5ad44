import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PATH_CHARS_MAX, READINGS_MAX } from '../../../lib/gate/options/limits.ts'
import {
  bypassRule,
  isProtected,
  pathRuleComplaint,
  protectRule,
} from '../../../lib/gate/options/path-rules.ts'

const rules = (protect: string[], bypass: string[] = []) => ({
  protect: protect.map(protectRule),
  bypass: bypass.map(bypassRule),
})
const sale = rules(['/sale/*'])

describe('failure mode 26: paths that walk around the gate', () => {
  test.each([
    '/sale',
    '/sale/',
    '/sale/cars',
    '/SALE/cars',
    '/%73ale/cars',
    '/%2573ale/cars',
    '/%252573ale',
    '//sale/cars',
    '/./sale',
    '/x/../sale',
    '/x/%2e%2e/sale',
    '/x/%2E%2E%2fsale',
    '/x/..;/sale',
    '/sale;jsessionid=1/cars',
    '/sale;',
    '/;x/sale',
    '\\sale\\cars',
    '/x\\..\\sale',
    '/x%5c..%5csale',
    '/\u017fale/cars',
    '/%C5%BFale/cars',
    '/%EF%BD%93ale',
    '/sale%2fcars',
    '/sale%3Fx',
    '/sale%23x',
    '/sale/../open',
    '/sale/%2e%2e%2fopen',
    '/sale/..;/open',
    '/../sale',
    '/..//sale//..',
    '/..//x//../sale',
    '/a%2fb/%2e%2e/sale',
    '/a%2fb/../x/%2e%2e%2fsale',
    '/a;b/..;/x%3b/..%2fsale',
    '/open?/../sale',
  ])('%s is the sale', path => {
    expect(isProtected(path, sale)).toBe(true)
  })

  test.each([
    '/',
    '/open',
    '/sales',
    '/salesman/x',
    '/x/sale',
    '/x/sale/cars',
    '/a/./b',
    '/caf%C3%A9',
    '/a%20b',
    '',
  ])('%j is not the sale, though it may contain the word', path => {
    expect(isProtected(path, sale)).toBe(false)
  })

  test('however a protected path is written, it stays protected', () => {
    const escaped = (character: string, depth: number, upper: boolean) => {
      let text = character
      for (let round = 0; round < depth; round++) {
        text = [...Buffer.from(text)]
          .map(byte => `%${byte.toString(16).padStart(2, '0')}`)
          .map(hex => (upper ? hex.toUpperCase() : hex))
          .join('')
      }
      return text
    }
    const style = fc.record({
      depth: fc.integer({ min: 0, max: 3 }),
      upper: fc.boolean(),
      shout: fc.boolean(),
    })
    const noise = fc.constantFrom(
      '',
      '',
      '',
      '/',
      '/.',
      '/x/..',
      '/%2e',
      '/x/%2e%2e',
      '/x/.%2E',
      '//',
      '\\',
    )
    const spelled = fc.tuple(
      fc.constantFrom('/sale', '/sale/cars', '/sale/a/b'),
      fc.array(style, { minLength: 10, maxLength: 10 }),
      noise,
      fc.constantFrom('', ';x=1', ';', '/', '//', '/.'),
    )
    fc.assert(
      fc.property(spelled, ([path, styles, before, after]) => {
        const written = [...path]
          .map((character, index) => {
            const { depth, upper, shout } = styles[index % styles.length] ?? {
              depth: 0,
              upper: false,
              shout: false,
            }
            return escaped(shout ? character.toUpperCase() : character, depth, upper)
          })
          .join('')
        const start = written.startsWith('/') || before !== '' ? '' : '/'
        return isProtected(`${before}${start}${written}${after}`, sale)
      }),
      { numRuns: 2_000 },
    )
  })

  test('what a browser makes of any path is protected if the path is resolved into the sale', () => {
    const part = fc.constantFrom('sale', 'open', '..', '.', '%2e%2e', '%2E.', '', 'SALE', 'x')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), parts => {
        const path = `/${parts.join('/')}`
        const { pathname } = new URL(`http://shop.example${path}`)
        const inSale = /^\/+sale(\/|$)/i.test(pathname)
        return !inSale || isProtected(path, sale)
      }),
      { numRuns: 5_000 },
    )
  })
})

test('whatever a chain of servers does to a path, in any order, the sale stays protected', () => {
  const part = fc.constantFrom(
    ...['sale', 'open', 'x', '..', '.', '', '..;', ';a=1', '%2e%2e', '%252e%252e', '.%2e'],
    ...['x%2fx', '..%2f..', '%2e%2e%2fsale', '..%5csale', 'x%252fx', '%73ale', 'SALE'],
    ...['sale%20', 'sale%2520', '%20'],
  )
  const server = fc.constantFrom<(path: string) => string>(
    path => decodeURIComponent(path),
    path => new URL(`http://h${path}`).pathname,
    path => (URL.canParse(path, 'http://h') ? new URL(path, 'http://h').pathname : path),
    path => path.replaceAll(/\/+/g, '/'),
    path => path.replaceAll(/;[^/]*/g, ''),
    path => path.replaceAll('\\', '/'),
    path => path.toLowerCase(),
  )
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.array(server, { maxLength: 6 }),
      (parts, chain) => {
        const path = `/${parts.join('/')}`
        const seen = chain.reduce((text, step) => step(text), path)
        const inSale = /^\/+sale(\/|$)/i.test(seen)
        return !inSale || isProtected(path, sale)
      },
    ),
    { numRuns: 10_000 },
  )
})

describe('what cannot be read is protected', () => {
  test.each([
    '/%',
    '/%zz',
    '/%f',
    '/%ff',
    '/%c0%af',
    '/%e0%80%af',
    '/open%00',
    '/open%0a',
    '/open\u0000',
    'open',
    '*',
    '/100%25-wool',
  ])('%j', path => {
    expect(isProtected(path, sale)).toBe(true)
  })

  test('a path is decoded until it stays, unless it has more readings than the bound', () => {
    const times = (count: number) => `/%${'25'.repeat(count - 1)}6fpen`
    expect(isProtected(times(READINGS_MAX - 1), sale)).toBe(false)
    expect(isProtected(times(READINGS_MAX), sale)).toBe(true)
  })

  test('a long path is protected unread, at its bound', () => {
    const long = (length: number) => `/${'x'.repeat(length - 1)}`
    expect(isProtected(long(PATH_CHARS_MAX), sale)).toBe(false)
    expect(isProtected(long(PATH_CHARS_MAX + 1), sale)).toBe(true)
  })

  test('any text at all has an answer', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        text => typeof isProtected(`/${text}`, sale) === 'boolean',
      ),
    )
  })
})

describe('rules', () => {
  test('an exact rule is that path alone, with or without a slash at its end', () => {
    const exact = rules(['/sale'])
    for (const path of ['/sale', '/sale/', '/Sale']) expect(isProtected(path, exact)).toBe(true)
    for (const path of ['/', '/sale/cars', '/sales']) expect(isProtected(path, exact)).toBe(false)
    expect(isProtected('/', rules(['/']))).toBe(true)
    expect(isProtected('', rules(['/']))).toBe(true)
    expect(isProtected('/x', rules(['/']))).toBe(false)
  })

  test('rules with letters beyond ASCII match them however they are composed and escaped', () => {
    const cafe = rules(['/café/*'])
    for (const path of ['/caf%C3%A9/x', '/cafe%CC%81', '/CAF%C3%89', '/café/x']) {
      expect(isProtected(path, cafe)).toBe(true)
    }
  })

  test('rules match what a file system that ignores case takes for the same name', () => {
    for (const path of ['/%C4%B1nfo', '/\u0131NFO', '/info']) {
      expect(isProtected(path, rules(['/info']))).toBe(true)
    }
  })

  test('a bypass wins over protection, but only where the path is written exactly so', () => {
    const mixed = rules(['/*'], ['/open', '/assets/*', '/.well-known/*', '/café'])
    for (const path of ['/open', '/assets/a.css', '/assets/', '/.well-known/x', '/caf%C3%A9']) {
      expect(isProtected(path, mixed)).toBe(false)
    }
    for (const path of [
      '/Open',
      '/open/',
      '/%6fpen',
      '//open',
      '/open;x',
      '/assets',
      '/assets/../sale',
      '/assets/%2e%2e/sale',
      '/assets/..;/sale',
      '/assets//a',
      '/assets/%61.css',
      '/assets/a\\..\\b',
      '/ASSETS/a.css',
      '/caf%c3%a9',
    ]) {
      expect(isProtected(path, mixed)).toBe(true)
    }
  })

  test.each([
    'sale',
    'https://shop.example/sale',
    '*',
    '/sa*le',
    '/*/x',
    '/**',
    '/a//b',
    '//',
    '/a/../b',
    '/./a',
    '/a?x',
    '/a#x',
    '/a;b',
    '/a%20b',
    '/a b',
    '/a\\b',
    '/a\n',
    '/sale//*',
  ])('the rule %j is refused with a reason', rule => {
    expect(pathRuleComplaint(rule)).toMatch(/./)
  })

  test.each(['/', '/*', '/sale', '/sale/', '/sale/*', '/a/b/*', '/.well-known/*', '/café', '/a.b'])(
    'the rule %j is taken',
    rule => {
      expect(pathRuleComplaint(rule)).toBeUndefined()
    },
  )
})
