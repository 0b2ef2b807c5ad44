/** Builds the page: its script and style, small and named by their content, and the HTML. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { ICON, STYLESHEET } from './assets.ts'

export interface PageFile {
  readonly body: string
  readonly type: string
  readonly cacheControl: string
}

/** Writes `page.html` and `assets/*` under a directory. */
export function buildPage(outDir: string): void {
  for (const [path, { body }] of pageFiles()) {
    const file = join(outDir, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, body)
  }
}

/** The same files in memory, by their path: `page.html`, `assets/<name>-<hash>.<type>`. */
export function pageFiles(): Map<string, PageFile> {
  const script = asset('page', 'js', bundled('browser/main.ts'))
  const style = asset('page', 'css', bundled('page.css'))
  const icon = asset('icon', 'svg', source('icon.svg').trim())
  checkNames([
    [STYLESHEET, style.path],
    [ICON, icon.path],
  ])
  const html = source('page.html')
    .replace('{{script}}', `/${script.path}`)
    .replace('{{style}}', `/${style.path}`)
    .replace('{{icon}}', `/${icon.path}`)
  const page = { body: html, type: 'text/html; charset=utf-8', cacheControl: 'public, max-age=60' }
  return new Map([
    ['page.html', page],
    ...[script, style, icon].map(({ path, file }) => [path, file] as const),
  ])
}

/** How many bytes of the page's script come from each file, by its path in this package. */
export function scriptSources(): Map<string, number> {
  const outputs = Object.values(built('browser/main.ts').metafile.outputs)
  const inputs = outputs.flatMap(({ inputs }) => Object.entries(inputs))
  return new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput]))
}

function checkNames(names: readonly (readonly [told: string, built: string])[]): void {
  for (const [told, built] of names) {
    if (told === `/${built}`) continue
    throw new Error(
      `lib/page/build/assets.ts says '${told}', and '/${built}' was built: correct it`,
    )
  }
}

const TYPES = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
} as const

function asset(name: string, extension: keyof typeof TYPES, body: string) {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
  const file: PageFile = {
    body,
    type: TYPES[extension],
    cacheControl: 'public, max-age=31536000, immutable',
  }
  return { path: `assets/${name}-${hash}.${extension}`, file }
}

/** Browsers of 2021 and later; older ones have the page without JavaScript. */
const TARGET = ['es2020', 'chrome92', 'firefox90', 'safari14.1']

function bundled(entry: string): string {
  const [output] = built(entry).outputFiles
  if (output === undefined) throw new Error(`${entry} gave no output`)
  return output.text
}

function built(entry: string) {
  return buildSync({
    absWorkingDir: pathOf('../..'),
    entryPoints: [pathOf(entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    target: TARGET,
    legalComments: 'none',
    logLevel: 'error',
  })
}

function source(file: string): string {
  return readFileSync(pathOf(file), 'utf8')
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}
