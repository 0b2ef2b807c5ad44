/** Bundles each function of the edge into one file: small, and in no other words than its runtime knows. */
import { fileURLToPath } from 'node:url'
import { type BuildOptions, buildSync } from 'esbuild'
import * as queueLimits from '../../queue/limits.ts'
import * as gateLimits from '../options/limits.ts'
import type { EdgeConfig } from './request/edge-config.ts'
import { LETTER_RUNS } from './request/paths.ts'

/** CloudFront takes no more (AWS: "Quotas on CloudFront Functions"). */
export const EDGE_BYTES_MAX = 10_240

/**
 * ES 5.1 and, of later years, these: what AWS lists for the JavaScript runtime 2.0 of CloudFront
 * Functions. All else esbuild writes in older words, or refuses.
 */
const SUPPORTED = {
  arrow: true,
  'async-await': true,
  'const-and-let': true,
  'exponent-operator': true,
  'rest-argument': true,
  'template-literal': true,
}

/** Fields that neither leave the function nor come into it: the bundle gives them names of one letter. */
const INTERNAL = [
  ...['accept', 'asked', 'bypass', 'config', 'endsAt', 'event', 'fetchMode'],
  ...[
    'gracePaths',
    'graceSeconds',
    'group',
    'isLoop',
    'isNeeded',
    'issuer',
    'keep',
    'navigates',
    'nowMs',
  ],
  ...['passes', 'protect', 'publicOrigin', 'query', 'room', 'skewSeconds', 'start', 'text'],
  ...['ticketId', 'waitingUrl', 'wayUrl', 'where'],
]

/** Declares what the bundle takes from outside; an import must be the first statement of the file. */
const HEAD = 'import cf from "cloudfront";const crypto=require("crypto");'

/**
 * The source of the function that decides, for viewer requests.
 * @throws Error when it is longer than CloudFront takes: only rules can be so many.
 * @example
 * ```ts
 * import { edgeRequestSource } from '../lib/gate/edge/function-source.ts'
 * import { edgeConfig } from '../lib/gate/edge/edge-options.ts'
 *
 * const config = edgeConfig({ room: 'cars', roomUrl: 'https://wait.example', protect: ['/sale'] })
 * console.log(edgeRequestSource(config))
 * ```
 */
export function edgeRequestSource(config: EdgeConfig): string {
  return sourceOf('request-handler.ts', config)
}

/**
 * The source of the function that tells visitors of an open gate, for viewer responses.
 * @throws Error when it is longer than CloudFront takes: only rules can be so many.
 * @example
 * ```ts
 * import { edgeResponseSource } from '../lib/gate/edge/function-source.ts'
 * import { edgeConfig } from '../lib/gate/edge/edge-options.ts'
 *
 * const config = edgeConfig({ room: 'cars', roomUrl: 'https://wait.example', protect: ['/sale'] })
 * console.log(edgeResponseSource(config))
 * ```
 */
export function edgeResponseSource(config: EdgeConfig): string {
  return sourceOf('response-handler.ts', config)
}

/** One gate's configuration, before the bundle that is the same for all. */
function sourceOf(entry: string, config: EdgeConfig): string {
  const { code, names } = bundles.get(entry) ?? built(entry)
  bundles.set(entry, { code, names })
  const source = `${HEAD}const GATE=${literal(config, names)};${code}`
  const bytes = Buffer.byteLength(source)
  if (bytes > EDGE_BYTES_MAX) {
    throw new Error(
      `the gate's function has ${bytes} bytes and ${EDGE_BYTES_MAX} are allowed: give it fewer rules`,
    )
  }
  return source
}

interface Bundled {
  readonly code: string
  /** What became of the names of `INTERNAL`. */
  readonly names: Readonly<Record<string, string | false>>
}

/** A process makes each once. */
const bundles = new Map<string, Bundled>()

/** Bundled twice: only the second time, given their values, does the bundler inline bounds of other files. */
function built(entry: string): Bundled {
  const whole = bundle({ entryPoints: [fileURLToPath(new URL(entry, import.meta.url))] })
  const numbers = Object.entries({ ...queueLimits, ...gateLimits }).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, String(value)]] : [],
  )
  const bounds = Object.fromEntries([...numbers, ['LETTER_RUNS', JSON.stringify(LETTER_RUNS)]])
  const { code, names } = bundle({
    stdin: {
      contents: whole.code.replace(/^var ([A-Z_]+) = .*;\n/gm, (line, name) =>
        name in bounds ? '' : line,
      ),
    },
    define: bounds,
    minify: true,
    mangleProps: new RegExp(`^(?:${INTERNAL.join('|')})$`),
    mangleCache: {},
  })
  return { code: withHandler(code), names }
}

function bundle(options: BuildOptions): Bundled {
  const { outputFiles = [], mangleCache = {} } = buildSync({
    target: 'es5',
    supported: SUPPORTED,
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'error',
    ...options,
  })
  return { code: outputFiles[0]?.text ?? '', names: mangleCache }
}

/** CloudFront calls the function that is named `handler`, and knows no exports. */
function withHandler(code: string): string {
  const [exported = '', name] = /export\s*\{\s*([\w$]+) as handler\s*\};?\s*$/.exec(code) ?? []
  const declared = `async function ${name}(`
  if (name === undefined || code.split(declared).length !== 2) {
    throw new Error('the bundle of the gate has no handler')
  }
  return code.slice(0, -exported.length).replace(declared, 'async function handler(')
}

/** An object in JavaScript: JSON, but for its patterns. */
function literal(config: EdgeConfig, names: Bundled['names']): string {
  const fields = Object.entries(config).map(
    ([name, value]) =>
      `${names[name] || name}:${value instanceof RegExp ? value : JSON.stringify(value)}`,
  )
  return `{${fields.join(',')}}`
}
