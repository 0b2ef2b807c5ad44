/** Makes the one file that pages without a server of their own load. */
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** Browsers of 2021 and later, as the waiting page. */
const TARGET = ['es2021', 'chrome92', 'firefox90', 'safari14.1']

/**
 * The text of the script, which a page loads first of all in its head.
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { scriptGate } from '../lib/gate/script/build.ts'
 *
 * writeFileSync('public/antichambre-gate.js', scriptGate())
 * ```
 */
export function scriptGate(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: TARGET,
    legalComments: 'none',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
