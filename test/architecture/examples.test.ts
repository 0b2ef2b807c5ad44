/** What a reader copies from a docstring compiles, and there is something to copy for each public export. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { filesIn, isModule, read, root, targetOf } from './source.ts'

/** The folders whose examples are compiled, and the files of each that owners import. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'lib/constructs': ['lib/constructs/index.ts'],
  'lib/gate': [
    'lib/gate/node.ts',
    'lib/gate/hono.ts',
    'lib/gate/fetch.ts',
    'lib/gate/auth-request.ts',
    'lib/gate/departures.ts',
    'lib/gate/environment.ts',
    'lib/gate/script/build.ts',
    'lib/gate/edge/function-source.ts',
  ],
  'lib/web': ['lib/web/visitor-app.ts', 'lib/web/operator-app.ts'],
}
/** The folders in which every public export has an example. */
const COMPLETE_IN = ['lib/constructs', 'lib/gate', 'lib/web']

const examples = Object.keys(DOORS)
  .flatMap(filesIn)
  .filter(isModule)
  .flatMap(path => examplesIn(read(path)).map(example => ({ path, ...example })))

describe('examples in docstrings', () => {
  it('compile, each by itself', async () => {
    expect(examples.length).toBeGreaterThan(0)
    const files = examples.map(({ path, line, code }) => ({
      name: `${path.replaceAll('/', '-')}-line-${line}.ts`,
      code,
    }))
    const wrong = { name: 'wrong.ts', code: 'export const text: string = 1\n' }
    const complaints = await compile([...files, wrong])
    expect(complaints.filter(one => !one.startsWith('wrong.ts('))).toEqual([])
    expect(complaints).toHaveLength(1)
  }, 120_000)

  it('import this project as `../lib/...`', () => {
    const wrong = examples.flatMap(({ path, line, code }) =>
      [...code.matchAll(/from '(\.[^']*|antichambre)'/g)]
        .filter(([, name]) => !name?.startsWith('../lib/'))
        .map(([, name]) => `${path}:${line}: ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it.each(COMPLETE_IN)('are there for every public export of %s', folder => {
    const doors = DOORS[folder] ?? []
    const exported = doors.flatMap(path => exportsOf(path))
    expect(exported.length).toBeGreaterThan(0)
    const missing = exported.filter(one => one.needsExample && !one.hasExample)
    expect(missing.map(({ name, path }) => `${path}: ${name}`)).toEqual([])
  })

  it('are found', () => {
    const text = `
/** @example
 * \`\`\`ts
 * const a = 1
 *
 *   a
 * \`\`\`
 */
export function a() {}
/**
 * \`\`\`ts
 * no example
 * \`\`\`
 */
export class B {}
export interface CProps {}
export interface D {}
export const E = 1
export const f = () => 1
`
    expect(examplesIn(text)).toEqual([{ line: 4, code: 'const a = 1\n\n  a\n' }])
    const found = ['a', 'B', 'CProps', 'D', 'E', 'f'].map(name => declarationIn('x.ts', text, name))
    expect(found).toEqual([
      { needsExample: true, hasExample: true },
      { needsExample: true, hasExample: false },
      { needsExample: true, hasExample: false },
      { needsExample: false, hasExample: false },
      { needsExample: false, hasExample: false },
      { needsExample: true, hasExample: false },
    ])
  })
})

interface Example {
  /** Of the example's first line in its file. */
  readonly line: number
  readonly code: string
}

/** Every \`\`\`ts block that comes after \`@example\` in a docstring. */
function examplesIn(text: string): Example[] {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const tag = comment.indexOf('@example')
    if (tag < 0) return []
    return [...comment.slice(tag).matchAll(/```ts\n([\s\S]*?)^[ *]*```/gm)].map(block => {
      const start = index + tag + block.index
      const lines = (block[1] ?? '').replace(/\n$/, '').split('\n')
      return {
        line: text.slice(0, start).split('\n').length + 1,
        code: lines.map(line => `${line.replace(/^\s*\* ?/, '')}\n`).join(''),
      }
    })
  })
}

/** What the project's own compiler says of these files, below the root like the folders of the project. */
async function compile(files: readonly { name: string; code: string }[]): Promise<string[]> {
  const folder = mkdtempSync(join(root, '.examples-'))
  try {
    for (const { name, code } of files) writeFileSync(join(folder, name), code)
    const compilerOptions = {
      // An example shows what is made, whether or not the rest of it has a use for that.
      noUnusedLocals: false,
      noUnusedParameters: false,
      // No name in one example is known in another one.
      moduleDetection: 'force',
    }
    const config = { extends: '../tsconfig.json', compilerOptions, include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const run = promisify(execFile)(process.execPath, [tsc, '-p', '.'], { cwd: folder })
    const { stdout } = await run.catch(error => error as { stdout: string })
    return stdout.split('\n').filter(line => /^\S/.test(line))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface PublicExport {
  readonly name: string
  readonly path: string
  readonly needsExample: boolean
  readonly hasExample: boolean
}

/** What a file exports, followed to where it is declared. */
function exportsOf(path: string): PublicExport[] {
  const { module } = parseSync(basename(path), read(path))
  return module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ exportName, importName, moduleRequest }) => {
      const name = exportName.name ?? ''
      if (moduleRequest === null) return [{ name, path, ...declarationIn(path, read(path), name) }]
      const target = targetOf(path, moduleRequest.value)
      const found = exportsOf(target).find(one => one.name === importName.name)
      if (found === undefined) throw new Error(`${path}: ${name} is not exported by ${target}`)
      return [found]
    })
}

/**
 * Functions and classes are used by calling them, and props by writing them down: these need an example.
 * Other types and constants do not.
 */
function declarationIn(path: string, text: string, name: string) {
  const { program, comments } = parseSync(basename(path), text)
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue
    const { declaration } = statement
    if (declaration === null) continue
    const declared =
      declaration.type === 'VariableDeclaration' ? declaration.declarations[0] : declaration
    if (declared === undefined || !('id' in declared)) continue
    if (declared.id?.type !== 'Identifier' || declared.id.name !== name) continue
    const doc = comments.findLast(({ end }) => end <= statement.start)
    const isAbove = doc !== undefined && text.slice(doc.end, statement.start).trim() === ''
    const isCalled =
      declared.type === 'VariableDeclarator'
        ? declared.init?.type === 'ArrowFunctionExpression'
        : declared.type === 'FunctionDeclaration' || declared.type === 'ClassDeclaration'
    const isProps = declared.type === 'TSInterfaceDeclaration' && /Props$/.test(name)
    return {
      needsExample: isCalled || isProps,
      hasExample: isAbove && examplesIn(text.slice(doc.start, doc.end)).length > 0,
    }
  }
  throw new Error(`${path}: ${name} is exported, but not where it is declared`)
}
