/** One concept a folder: few files in each, no two of one name, and no two that need each other. */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, importsOf, isModule, partOf, root, targetOf } from './source.ts'

const FILES_MAX = 17
/** One file alone is no folder of lib/, unless it is the door of the folders below it. */
const FILES_MIN = 2

/**
 * Two files of one name in one layer are twins: the same said twice, because the gate at the edge speaks
 * another language. Each pair names the test that compares the two.
 */
const TWINS: Readonly<Record<string, string>> = {
  'lib/gate address.ts': 'test/gate/alike.test.ts',
  'lib/gate cookies.ts': 'test/gate/alike.test.ts',
  'lib/gate decide.ts': 'test/gate/alike.test.ts',
  'lib/gate proof.ts': 'test/gate/alike.test.ts',
}

const all = ['lib', 'functions', 'bin', 'bench'].flatMap(filesIn).filter(isModule)

/** Each file, and the files that it imports, types included. */
const fileGraph = new Map(
  all.map(path => {
    const targets = importsOf(path).map(name => targetOf(path, name))
    return [path, targets.filter(target => all.includes(target))]
  }),
)

describe('folders', () => {
  it(`have ${FILES_MAX} files of code at most, and in lib/ ${FILES_MIN} at least`, () => {
    expect(outOfBounds(all)).toEqual([])
  })

  it('are counted so that one file too many or too few is found', () => {
    const some = (count: number) => Array.from({ length: count }, (_, at) => `lib/a/${at}.ts`)
    expect(outOfBounds(some(FILES_MAX))).toEqual([])
    expect(outOfBounds(some(FILES_MAX + 1))).toEqual([`lib/a: ${FILES_MAX + 1}`])
    expect(outOfBounds(some(1))).toEqual(['lib/a: 1'])
    expect(outOfBounds(['lib/a/door.ts', 'lib/a/b/0.ts', 'lib/a/b/1.ts'])).toEqual([])
    expect(outOfBounds(['functions/support/aws.ts'])).toEqual([])
  })
})

describe('file names', () => {
  it('are there once in a layer, but for twins that a test compares', () => {
    expect(namedTwice(all).filter(pair => !(pair in TWINS))).toEqual([])
  })

  it('of twins are there twice, and so is the test that compares them', () => {
    expect(Object.keys(TWINS).filter(pair => !namedTwice(all).includes(pair))).toEqual([])
    expect(Object.values(TWINS).filter(test => !existsSync(join(root, test)))).toEqual([])
  })

  it('are compared within a layer', () => {
    expect(namedTwice(['lib/a/b/x.ts', 'lib/a/c/x.ts', 'lib/b/x.ts'])).toEqual(['lib/a x.ts'])
    expect(namedTwice(['lib/a/x.ts', 'lib/b/x.ts'])).toEqual([])
    expect(namedTwice(['bench/a/x.ts', 'bench/b/x.ts'])).toEqual(['bench x.ts'])
  })
})

describe('no circle', () => {
  it('of files, types included', () => {
    expect(circlesIn(fileGraph)).toEqual([])
  })

  it('of folders', () => {
    expect(circlesIn(foldersOf(fileGraph))).toEqual([])
  })

  it('is overlooked', () => {
    const files = new Map([
      ['a/1', ['a/2']],
      ['a/2', ['b/1']],
      ['b/1', []],
      ['b/2', ['a/1']],
    ])
    expect(circlesIn(files)).toEqual([])
    expect(circlesIn(foldersOf(files))).toEqual([['a', 'b']])
    expect(circlesIn(new Map([...files, ['b/1', ['b/2']]]))).toEqual([['a/1', 'a/2', 'b/1', 'b/2']])
  })
})

function outOfBounds(paths: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const folder = posix.dirname(path)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  const hasFolders = (folder: string) =>
    [...counts.keys()].some(other => other.startsWith(`${folder}/`))
  return [...counts].flatMap(([folder, count]) => {
    const isLonely = folder.startsWith('lib/') && count < FILES_MIN && !hasFolders(folder)
    return count > FILES_MAX || isLonely ? [`${folder}: ${count}`] : []
  })
}

/** `layer name` of each file name that is there more than once in a layer. */
function namedTwice(paths: readonly string[]): string[] {
  const names = paths.map(path => `${partOf(path)} ${posix.basename(path)}`)
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
}

function foldersOf(files: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const folders = new Map<string, string[]>()
  for (const [path, targets] of files) {
    const folder = posix.dirname(path)
    const others = targets.map(target => posix.dirname(target)).filter(other => other !== folder)
    folders.set(folder, [...(folders.get(folder) ?? []), ...others])
  }
  return folders
}

/** What can reach itself, in groups that reach each other. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...graph.keys()].map(node => [node, reachedFrom(graph, node)]))
  const isCircular = (node: string) => reached.get(node)?.has(node) === true
  const groups = [...graph.keys()].filter(isCircular).map(node => {
    const mates = [...(reached.get(node) ?? [])].filter(other => reached.get(other)?.has(node))
    return mates.sort().join(' ')
  })
  return [...new Set(groups)].map(group => group.split(' '))
}

function reachedFrom(graph: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const seen = new Set<string>()
  const next = [...(graph.get(start) ?? [])]
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    next.push(...(graph.get(node) ?? []))
  }
  return seen
}
