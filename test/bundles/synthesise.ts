/** The stack of these tests, made once before them all, as `npm run synth` makes it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { synthesiseInto } from '../../bench/functions/bundles.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the cloud assembly: template and assets. */
    assembly: string
  }
}

export default function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-bundles-'))
  synthesiseInto(folder)
  project.provide('assembly', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
