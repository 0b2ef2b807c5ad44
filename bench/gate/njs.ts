/**
 * The edge's file in njs, nginx's JavaScript: an engine of the kind that CloudFront's runtime is. Each
 * run is a process; what one without decisions takes is taken off.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../shared/machine.ts'
import { eventsOf, storedFor } from './edge-side.ts'
import type { Microseconds, Side, Visitor } from './side.ts'

const RUNS = 5
const CALLS = 5_000

/** Undefined where njs is not installed. */
export function njsMicroseconds(source: string, visitor: Visitor): Microseconds | undefined {
  if (spawnSync('njs', ['-v']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-bench-njs-'))
  try {
    writeFileSync(join(folder, 'cloudfront'), moduleText(visitor))
    const figure = (kind: keyof Side) => {
      const seconds = (calls: number) =>
        median(
          Array.from({ length: RUNS }, () => run(folder, source + callsOf(visitor, kind, calls))),
        )
      return ((seconds(CALLS) - seconds(1)) * 1e6) / CALLS
    }
    return { session: figure('session'), toRoom: figure('toRoom'), enter: figure('enter') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What CloudFront has under this name and njs lacks. */
function moduleText(visitor: Visitor): string {
  return `const stored = ${JSON.stringify(storedFor(visitor))}
export default { kvs: function () { return { get: function () { return Promise.resolve(stored) } } } }`
}

/** One call after the other. */
function callsOf(visitor: Visitor, kind: keyof Side, calls: number): string {
  const event = eventsOf(visitor, kind)()
  return `
const query = ${JSON.stringify(event.request.rawQueryString())}
function go(left) {
  if (left === 0) return
  const event = ${JSON.stringify(event)}
  event.request.rawQueryString = function () { return query }
  handler(event).then(function () { go(left - 1) })
}
go(${calls})`
}

/** @returns seconds of processor time. */
function run(folder: string, script: string): number {
  const file = join(folder, 'function.js')
  writeFileSync(file, script)
  const timed = 'TIMEFORMAT="%U %S"; time njs -p "$1" "$2"'
  const { status, stderr } = spawnSync('bash', ['-c', timed, 'bash', folder, file], {
    encoding: 'utf8',
  })
  const [user, system] = stderr.trim().split(' ').map(Number)
  if (status !== 0 || user === undefined || system === undefined) throw new Error(`njs: ${stderr}`)
  return user + system
}
