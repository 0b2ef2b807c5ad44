/** What may import what, and a few other rules that no compiler keeps (docs/decisions/0001-shape.md). */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Each part of the source, and the parts it may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  'lib/queue': [],
  'lib/store': ['lib/queue'],
  'lib/gate': ['lib/queue'],
  'lib/page': ['lib/queue'],
  'lib/cli': ['lib/queue', 'lib/store', 'lib/gate', 'lib/rehearsal'],
  'lib/room': ['lib/queue', 'lib/store', 'lib/gate'],
  'lib/web': ['lib/queue', 'lib/store', 'lib/room', 'lib/page'],
  'lib/rehearsal': ['lib/queue', 'lib/store', 'lib/room', 'lib/page'],
  'lib/local': ['lib/queue', 'lib/store', 'lib/room', 'lib/web', 'lib/gate', 'lib/page'],
  'lib/constructs': ['lib/queue', 'lib/store', 'lib/gate', 'lib/page'],
  functions: ['lib/queue', 'lib/store', 'lib/room', 'lib/web', 'lib/gate'],
  bin: ['lib/queue', 'lib/cli', 'lib/local', 'lib/constructs', 'lib/rehearsal'],
}

/** Packages that only these files may import. */
const packages: { name: RegExp; where: RegExp }[] = [
  // The adapters behind the ports, the embedded AWS, and the wiring of the deployed functions.
  {
    name: /^@aws-sdk\//,
    where: /^(?:lib\/store\/(?:dynamodb|sqs|secret|key-value-store)\b|lib\/local\/|functions\/)/,
  },
  // The stack is made by a machine that deploys; nothing that runs knows it.
  {
    name: /^(?:aws-cdk-lib|constructs|cdk-nag)(?:\/|$)/,
    where: /^(?:lib\/constructs\/|bin\/app\.ts$)/,
  },
  { name: /^(?:dynalite|local-aws-sqs|@hono\/node-server)(?:\/|$)/, where: /^lib\/local\// },
  // The whole of zod is ten times its small form.
  { name: /^zod(?!\/mini$)/, where: /^$/ },
]

/** All that lib/queue takes from outside: hashes and schemas, no clock, no chance, no network. */
const queuePackages = ['node:crypto', 'zod/mini', '@noble/hashes/sha2.js']

/** Clock, chance, surroundings and output: arguments in lib/queue, never reached for. */
const impurities = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /(?<!new )\bDate\(/,
  /\bperformance\./,
  /\bMath\.random\b/,
  /\brandom(?:Bytes|UUID|Int|FillSync)\b/,
  /\bgetRandomValues\b/,
  /\bprocess\s*[.[]/,
  /\bconsole\s*[.[]/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bfetch\(/,
]

const LINES_MAX = 400

const sources = ['lib', 'functions', 'bin'].flatMap(folder => filesIn(folder))
const modules = sources.filter(path => /\.(?:ts|js|mjs)$/.test(path))

describe('imports', () => {
  it.each(modules)('%s points one way', path => {
    const wrong = importsOf(path).filter(name => name.startsWith('.') && !isAllowed(path, name))
    expect(wrong).toEqual([])
  })

  it('name every folder of the source', () => {
    expect([...new Set(modules.map(partOf))].filter(part => !(part in mayImport))).toEqual([])
  })

  it.each(packages)('of $name stay in $where', ({ name, where }) => {
    const wrong = modules.filter(
      path => !where.test(path) && importsOf(path).some(imported => name.test(imported)),
    )
    expect(wrong).toEqual([])
  })

  it('of lib/constructs are made by the stack alone', () => {
    const wrong = modules.filter(
      path =>
        path !== 'bin/app.ts' &&
        partOf(path) !== 'lib/constructs' &&
        importsOf(path).some(name => targetOf(path, name).startsWith('lib/constructs/')),
    )
    expect(wrong).toEqual([])
  })

  it('are literal: none is computed, none is required', () => {
    const wrong = modules.filter(path =>
      /\bimport\((?!\s*'[^']+'\s*\))|(?<![.\w])require\('/.test(read(path)),
    )
    expect(wrong).toEqual([])
  })

  it('are all seen by this test: it finds every one that the bundler finds', async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: modules.filter(path => path.endsWith('.ts')),
      outdir: 'dist',
      bundle: true,
      write: false,
      metafile: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
    })
    const files = Object.entries(metafile.inputs)
    expect(files.length).toBeGreaterThan(50)
    for (const [path, { imports }] of files) {
      const seen = importsOf(path)
      for (const found of imports) expect(seen, path).toContain(found.original ?? found.path)
    }
  }, 60_000)

  it('that break the rules are found', () => {
    const found = importsIn(`
import { a } from '../web/a.ts'
import type {
  B,
} from '../room/b.ts'
import './side-effect.ts'
export * from 'aws-cdk-lib'
export { c } from './c.ts'
const d = await import('@aws-sdk/client-sqs')
// import { no } from 'comment'
`)
    expect(found.sort()).toEqual([
      '../room/b.ts',
      '../web/a.ts',
      './c.ts',
      './side-effect.ts',
      '@aws-sdk/client-sqs',
      'aws-cdk-lib',
    ])
    expect(isAllowed('lib/queue/x.ts', '../store/store.ts')).toBe(false)
    expect(isAllowed('lib/gate/x.ts', '../web/http.ts')).toBe(false)
    expect(isAllowed('lib/web/x.ts', '../constructs/stack.ts')).toBe(false)
    expect(isAllowed('functions/x.ts', '../lib/local/aws.ts')).toBe(false)
    expect(isAllowed('lib/queue/x.ts', '../../test/y.ts')).toBe(false)
    expect(isAllowed('lib/room/x.ts', '../store/store.ts')).toBe(true)
    expect(isAllowed('lib/queue/x.ts', './limits.ts')).toBe(true)
  })
})

describe('lib/queue is pure', () => {
  const pure = modules.filter(path => partOf(path) === 'lib/queue')

  it.each(pure)('%s: no clock, no chance, no surroundings', path => {
    expect(impurities.filter(pattern => pattern.test(read(path)))).toEqual([])
    const packaged = importsOf(path).filter(name => !name.startsWith('.'))
    expect(packaged.filter(name => !queuePackages.includes(name))).toEqual([])
  })

  it('by a check that finds what it looks for', () => {
    const impure = ['Date.now()', 'new Date()', 'Math.random()', 'process.env.X', 'console.log(1)']
    for (const text of impure) expect(impurities.some(pattern => pattern.test(text))).toBe(true)
    for (const text of ['new Date(nowMs)', 'Date.parse(time)', 'reprocess.x']) {
      expect(impurities.some(pattern => pattern.test(text))).toBe(false)
    }
  })
})

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

/** Files of a folder, with paths from the root. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => posix.join(entry.parentPath.slice(root.length + 1), entry.name))
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** `lib/queue`, `functions`, ...: the part that a file belongs to. */
function partOf(path: string): string {
  const [top = '', next = ''] = path.split('/')
  return top === 'lib' ? `${top}/${next}` : top
}

function targetOf(path: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name
}

function isAllowed(path: string, name: string): boolean {
  const part = partOf(path)
  const target = partOf(targetOf(path, name))
  return target === part || (mayImport[part] ?? []).includes(target)
}

function importsOf(path: string): string[] {
  return importsIn(read(path))
}

/** What a module imports or exports from, types included. Imports start their line by Biome's format. */
function importsIn(text: string): string[] {
  const forms = [
    /^(?:import|export)\b[^'"`;]{0,4000}?\bfrom '([^']+)'/gm,
    /^import '([^']+)'/gm,
    /\bimport\(\s*'([^']+)'/g,
  ]
  return forms.flatMap(form => [...text.matchAll(form)].map(match => match[1] ?? ''))
}

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
