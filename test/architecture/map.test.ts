/** docs/architecture.md is a map of the tree as it is. */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, it } from 'vitest'
import { filesIn, isModule, read, root } from './source.ts'

const MAP = 'docs/architecture.md'
const text = read(MAP)

it('the map has every folder of the code, and no other', () => {
  const rows = section('## The map').matchAll(/^\| `([a-z/-]+)` \|/gm)
  const mapped = [...rows].map(([, folder = '']) => folder)
  const files = ['lib', 'functions', 'bin'].flatMap(filesIn).filter(isModule)
  const folders = new Set(files.map(path => posix.dirname(path)))
  expect(mapped.toSorted()).toEqual([...folders, 'bench'].toSorted())
})

it('every file that it names is there', () => {
  const named = text.matchAll(/`((?:lib|functions|bin|bench|test|docs)\/[\w./-]*)`/g)
  const missing = [...named]
    .map(([, path = '']) => path)
    .filter(path => !existsSync(join(root, path)))
  expect(missing).toEqual([])
})

it('each question is answered by at most three files', () => {
  const rows = section('## Where is ...?')
    .split('\n')
    .filter(line => line.startsWith('| ...'))
  expect(rows.length).toBeGreaterThanOrEqual(10)
  for (const row of rows) {
    const files = row.match(/`(?:lib|docs|test|functions)\/[^`]*`/g) ?? []
    expect(files.length, row).toBeLessThanOrEqual(3)
    expect(files.length > 0 || row.includes('above'), row).toBe(true)
  }
})

/** From a heading to the next of its kind. */
function section(heading: string): string {
  const from = text.indexOf(`\n${heading}\n`)
  expect(from, `${MAP} has no ${heading}`).toBeGreaterThan(-1)
  const to = text.indexOf('\n## ', from + heading.length)
  return text.slice(from, to === -1 ? undefined : to)
}
