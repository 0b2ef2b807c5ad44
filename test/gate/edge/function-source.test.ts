/** The built files of the edge: their size, their words, and that they need nothing else. */
import { describe, expect, test } from 'vitest'
import { EDGE_BYTES_MAX } from '../../../lib/gate/edge/function-source.ts'
import type { GateOptions } from '../../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../../lib/queue/address/query.ts'
import { PASS_ISSUER } from '../../../lib/queue/tokens/claims.ts'
import { options } from '../browser.ts'
import { edgeSource } from './gate.ts'
import { unknownWords } from './language.ts'
import { edgeFunction, IMPORT } from './runtime.ts'

const many: GateOptions = {
  ...options,
  protect: ['/sale/*', '/checkout/*', '/api/cart', '/été'],
  bypass: ['/sale/terms', '/sale/assets/*'],
  gracePaths: ['/checkout/pay/*'],
}

describe('the built file', () => {
  test('has less than 10 KB', () => {
    const [least, usual] = [edgeSource(options), edgeSource(many)].map(text =>
      Buffer.byteLength(text),
    )
    console.log(
      `edge gate: ${least} bytes, ${usual} with seven rules; ${EDGE_BYTES_MAX} are allowed`,
    )
    expect(usual).toBeLessThan(EDGE_BYTES_MAX)
  })

  test('has room for 64 rules', () => {
    const protect = Array.from({ length: 64 }, (_, at) => `/part-${at}/*`)
    expect(Buffer.byteLength(edgeSource({ ...options, protect }))).toBeLessThan(EDGE_BYTES_MAX)
  })

  test('is the same each time it is built', () => {
    expect(edgeSource(many)).toBe(edgeSource(many))
  })

  test('with more rules than fit is an error that says so', () => {
    const protect = Array.from({ length: 500 }, (_, at) => `/a-long-enough-path/${at}`)
    expect(() => edgeSource({ ...options, protect })).toThrow(/fewer rules/)
  })

  test('has the same code for any number of rules: they are patterns, made when it is built', () => {
    const codeOf = (source: string) => source.slice(source.indexOf('};function'))
    expect(codeOf(edgeSource(many))).toBe(codeOf(edgeSource(options)))
    expect(codeOf(edgeSource(many)).length).toBeGreaterThan(5_000)
    expect(edgeSource(many).match(/new RegExp/g)).toBeNull()
  })

  test('imports on its first line, and exports nothing', () => {
    expect(edgeSource(options).startsWith(IMPORT)).toBe(true)
    expect(edgeSource(options)).not.toMatch(/\bexport\b/)
  })

  test('has no word that the runtime does not know', () => {
    expect(unknownWords(edgeSource(many))).toEqual([])
  })

  test.each([
    'class A {}',
    'for (const a of b) c(a)',
    'const { a } = b',
    'const [a] = b',
    'f(...a)',
    'const a = [...b]',
    'const a = { ...b }',
    'const a = { b }',
    'const a = { b() {} }',
    'const a = { [b]: 1 }',
    'const f = (a = 1) => a',
    'a?.b',
    'a ?? b',
    'a ??= b',
    'try { a() } catch { b() }',
    'const f = async () => 1',
    'function f() { async function g() {} }',
    'function* f() {}',
    'await a',
    'f`a`',
    '1n',
    'import a from "crypto"',
    'export const a = 1',
    'import("a")',
    '/a$/',
    '/a/s',
    '/a/u',
    '/(?<=a)b/',
    '/[^]/',
    '/\\d/',
  ])('the check knows %j for a word that it does not know', text => {
    expect(unknownWords(text)).not.toEqual([])
  })

  test.each([
    'import cf from "cloudfront"; const a = `b`; let c = (...d) => d ** 2',
    'async function f() { try { await a } catch (b) {} }',
    'for (const a in b) { /[$\\]]a$(?!\\n)/.test(a) }',
  ])('and %j for words that it knows', text => {
    expect(unknownWords(text)).toEqual([])
  })

  test('says of tokens what the room says of them', () => {
    const source = edgeSource(options)
    for (const word of [PASS_PARAMETER, PASS_ISSUER]) expect(source).toContain(`"${word}"`)
  })

  test('needs nothing that the runtime does not have: without any of that it does not run', async () => {
    const alone = edgeSource(options)
    const broken = alone.replace('async function handler', 'new Map;async function handler')
    expect(() => edgeFunction(broken)).toThrow(/Map is not defined/)
    for (const method of ['normalize("NFKC")', 'at(0)', 'matchAll(/a/g)', 'charCodeAt(0)']) {
      expect(() => edgeFunction(`${alone};"a".${method}`)).toThrow(/not a function/)
    }
    for (const name of [
      'URL',
      'URLSearchParams',
      'Set',
      'process',
      'setTimeout',
      'fetch',
      'eval',
    ]) {
      expect(() => edgeFunction(`${alone};${name}`)).toThrow(/not defined/)
    }
  })
})
