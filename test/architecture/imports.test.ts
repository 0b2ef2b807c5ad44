/** What may import what, and a few other rules that no compiler keeps (docs/decisions/0001-shape.md). */
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { importsIn, importsOf, modules, partOf, read, root, targetOf } from './source.ts'

/** Each part of the source, and the parts it may import besides itself. */
const mayImport: Record<string, readonly string[]> = {
  'lib/queue': [],
  'lib/store': ['lib/queue'],
  'lib/runtime': ['lib/queue'],
  'lib/keys': ['lib/queue', 'lib/runtime'],
  'lib/gate': ['lib/queue'],
  'lib/page': ['lib/queue'],
  'lib/service': ['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime', 'lib/gate'],
  'lib/web': ['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime', 'lib/service', 'lib/page'],
  'lib/rehearsal': ['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime', 'lib/service', 'lib/page'],
  'lib/cli': ['lib/queue', 'lib/store', 'lib/keys', 'lib/gate', 'lib/rehearsal'],
  'lib/local': [
    ...['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime', 'lib/service', 'lib/web'],
    ...['lib/gate', 'lib/page'],
  ],
  'lib/constructs': [
    ...['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime'],
    ...['lib/gate', 'lib/page'],
  ],
  functions: ['lib/queue', 'lib/store', 'lib/keys', 'lib/runtime', 'lib/service', 'lib/web'],
  bin: ['lib/cli', 'lib/local', 'lib/constructs'],
}

/** Packages that only these files may import. */
const packages: { name: RegExp; where: RegExp }[] = [
  // The adapters behind the ports, the embedded AWS, and the wiring of the deployed functions.
  {
    name: /^@aws-sdk\//,
    where:
      /^(?:lib\/(?:store\/dynamodb\/(?:client|requests|warmth)|runtime\/sqs|keys\/(?:secret|secret-versions|key-value-store))\.ts$|lib\/local\/|functions\/)/,
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
} from '../service/b.ts'
import './side-effect.ts'
export * from 'aws-cdk-lib'
export { c } from './c.ts'
const d = await import('@aws-sdk/client-sqs')
// import { no } from 'comment'
`)
    expect(found.sort()).toEqual([
      '../service/b.ts',
      '../web/a.ts',
      './c.ts',
      './side-effect.ts',
      '@aws-sdk/client-sqs',
      'aws-cdk-lib',
    ])
    expect(isAllowed('lib/queue/x.ts', '../store/port.ts')).toBe(false)
    expect(isAllowed('lib/gate/x.ts', '../web/visitor-app.ts')).toBe(false)
    expect(isAllowed('lib/web/x.ts', '../constructs/stack.ts')).toBe(false)
    expect(isAllowed('functions/x.ts', '../lib/local/aws.ts')).toBe(false)
    expect(isAllowed('lib/queue/x.ts', '../../test/y.ts')).toBe(false)
    expect(isAllowed('lib/service/x.ts', '../store/port.ts')).toBe(true)
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

function isAllowed(path: string, name: string): boolean {
  const part = partOf(path)
  const target = partOf(targetOf(path, name))
  return target === part || (mayImport[part] ?? []).includes(target)
}
