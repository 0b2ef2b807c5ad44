/** Runs every test and prints how many of each kind ran. Arguments go to vitest. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Whatever the tests and what they start leave behind, browsers and CDK among them, goes with this folder.
const folder = mkdtempSync(join(tmpdir(), 'antichambre-test-'))
// nginx's workers are another user, and read their files below it.
chmodSync(folder, 0o755)
const report = join(folder, 'report.json')
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, TMPDIR: folder } },
)

try {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const kinds = new Map()
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { name, assertionResults } of testResults) {
    const path = name.slice(name.lastIndexOf('/test/') + '/test/'.length)
    const kind = path.includes('/') ? path.slice(0, path.indexOf('/')) : 'architecture'
    const counts = kinds.get(kind) ?? { passed: 0, failed: 0, skipped: 0 }
    kinds.set(kind, counts)
    for (const { status: outcome } of assertionResults) {
      const key = outcome === 'passed' || outcome === 'failed' ? outcome : 'skipped'
      counts[key]++
      total[key]++
    }
  }
  console.log('\nTests by kind')
  for (const [kind, counts] of [...kinds].sort()) {
    const { passed, failed, skipped } = counts
    console.log(`  ${kind.padEnd(14)} ${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit(status ?? 1)
