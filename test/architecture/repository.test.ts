/** Rules of the repository that no compiler keeps. */
import { describe, expect, it } from 'vitest'
import { filesIn, read, sources } from './source.ts'

const LINES_MAX = 400

describe('the repository', () => {
  it(`has no file in lib/ above ${LINES_MAX} lines`, () => {
    const long = sources
      .filter(path => path.startsWith('lib/'))
      .map(path => ({ path, lines: read(path).trimEnd().split('\n').length }))
    expect(long.filter(({ lines }) => lines > LINES_MAX)).toEqual([])
  })

  it('locks packages by their hashes, not by the address of a registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":/)
  })

  it('has a row in docs/failure-modes.md for each failure mode that is named', () => {
    const rows = read('docs/failure-modes.md').matchAll(/^(\d+)\. /gm)
    const known = new Set([...rows].map(([, number]) => number))
    const named = ['lib', 'functions', 'bench', 'test', 'docs']
      .flatMap(filesIn)
      .flatMap(path =>
        [...read(path).matchAll(/\bfailure modes? (\d+)(?:(?:,| and) (\d+))?/g)]
          .flatMap(([, one, other]) => [one, other])
          .filter(number => number !== undefined),
      )
    expect(named.length).toBeGreaterThan(50)
    expect([...new Set(named)].filter(number => !known.has(number))).toEqual([])
  })

  it('has no test that is left out, but for what its surroundings lack', () => {
    const tests = filesIn('test').filter(path => path.endsWith('.ts'))
    const wrong = tests.flatMap(path => leftOut(read(path)).map(line => `${path}: ${line}`))
    expect(wrong).toEqual([])
  })

  it('finds tests that are left out', () => {
    const name = (word: string) => `it.${word}('x', () => {})`
    expect(leftOut(name('only'))).toHaveLength(1)
    expect(leftOut(name('skip'))).toHaveLength(1)
    expect(leftOut(`describe('a', () => {\n  ${name('skip')}\n})`)).toHaveLength(1)
    expect(leftOut(`if (missing) {\n  ${name('skip')}\n}`)).toHaveLength(0)
    expect(leftOut(`if (missing) {\n  ${name('only')}\n}`)).toHaveLength(1)
    expect(leftOut(name('skipIf(missing)'))).toHaveLength(0)
  })
})

/** Lines that leave a test out whatever the surroundings: `.only` ever, `.skip` outside of an `if`. */
function leftOut(text: string): string[] {
  const lines = text.split('\n')
  return lines.filter((line, at) => {
    if (/\b(?:it|test|describe)\.only\b/.test(line)) return true
    if (!/\b(?:it|test|describe)\.(?:skip|todo)\b|\bx(?:it|describe)\(/.test(line)) return false
    const indent = line.search(/\S/)
    const opener = lines
      .slice(0, at)
      .findLast(one => one.trim() !== '' && one.search(/\S/) < indent)
    return !/^\s*(?:if \(|\} else)/.test(opener ?? '')
  })
}
