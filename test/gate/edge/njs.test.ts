/**
 * The built function in a real engine of the kind that CloudFront's runtime is: njs, nginx's JavaScript,
 * whose strings are code points, whose patterns are Perl's, and which knows little of ES 6.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { NAVIGATION, NOW_MS, SHOP } from '../browser.ts'
import { callOf, cases, type GateCase } from '../cases.ts'
import { decisionGate, type GateCall, type Wire, withOptions } from '../wire.ts'
import { edgeSource, wireOf, worldOf } from './gate.ts'
import { viewerRequest } from './runtime.ts'

const isThere = (() => {
  try {
    return /^\d/.test(execFileSync('njs', ['-v'], { encoding: 'utf8' }))
  } catch {
    return false
  }
})()

const folder = mkdtempSync(join(tmpdir(), 'antichambre-njs-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The module that CloudFront has and njs lacks. */
const CLOUDFRONT = `export default {
  kvs: function () {
    return {
      get: function (name) {
        const value = globalThis.store[name]
        if (value === undefined) return Promise.reject(new Error('no such key'))
        return Promise.resolve(JSON.parse(value))
      },
    }
  },
}`

/** One call after the other; no async closures, of which njs 0.7 dies. */
const callsOf = (calls: readonly object[]) => `
const calls = JSON.parse(${JSON.stringify(JSON.stringify(calls))})
function go(at) {
  if (at === calls.length) return
  const call = calls[at]
  globalThis.store = call.store
  globalThis.nowMs = call.nowMs
  call.event.request.rawQueryString = function () { return call.query }
  handler(call.event).then(function (answer) {
    console.log(JSON.stringify(answer))
    go(at + 1)
  })
}
go(0)
`

/** What njs makes of many calls of one function. */
function answersOf(source: string, calls: readonly GateCall[]): Wire[] {
  const facts = calls.map(call => {
    const event = viewerRequest(call.request)
    return { event, query: event.request.rawQueryString(), ...worldOf(call) }
  })
  const script = join(folder, 'function.js')
  writeFileSync(join(folder, 'cloudfront'), CLOUDFRONT)
  writeFileSync(script, source.replaceAll('Date.now()', 'globalThis.nowMs') + callsOf(facts))
  const output = execFileSync('njs', ['-p', folder, script], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: 20_000,
  })
  const answers = output.trim().split('\n')
  return calls.map((call, at) => wireOf(call, JSON.parse(answers[at] ?? 'null')))
}

const bySource = new Map<string, GateCase[]>()
for (const given of cases) {
  // a megabyte in an event is more than a script of njs may have; CloudFront takes 20 KB of headers
  if (given.name.includes('megabyte')) continue
  const source = edgeSource(callOf(given).options)
  bySource.set(source, [...(bySource.get(source) ?? []), given])
}

/** Up to 0.8.1 njs loses its way after a match that ends a text of 32 letters, if one is beyond ASCII. */
const longPaths = ['//', ';a=1', '/', '\\'].map(
  end => `/%C3%A9${'x'.repeat(30 - end.length)}${end}`,
)

if (isThere) {
  test('in njs a path with letters beyond ASCII is read to its end at any length', async () => {
    const options = withOptions({ protect: ['/sale/*'] })
    const calls = longPaths.map(path => ({
      options,
      nowMs: NOW_MS,
      request: { method: 'GET', url: `${SHOP}${path}`, ...NAVIGATION },
    }))
    const unprotected = calls.map(() => ({ status: 'through', via: 'unprotected' }))
    expect(answersOf(edgeSource(options), calls)).toEqual(unprotected)
  })

  test.each([...bySource])(
    'in njs a function decides as everywhere (%#)',
    async (source, given) => {
      const calls = given.map(callOf)
      const expected = await Promise.all(calls.map(decisionGate))
      const named = (wires: readonly Wire[]) => wires.map((wire, at) => [given[at]?.name, wire])
      expect(named(answersOf(source, calls))).toEqual(named(expected))
    },
  )
} else {
  test.skip('in njs a function decides as everywhere: njs is not installed (apt-get install njs)', () => {})
}
