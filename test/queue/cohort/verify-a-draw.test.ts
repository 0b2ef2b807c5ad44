import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { CohortRecord } from '../../../lib/queue/cohort/place.ts'
import { vectors } from '../vectors.ts'

/** The script that docs/verify-a-draw.md tells people to save and run. */
const page = readFileSync(new URL('../../../docs/verify-a-draw.md', import.meta.url), 'utf8')
const scripts = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(match => match[1] ?? '')
const folder = mkdtempSync(join(tmpdir(), 'verify-a-draw-'))
const script = join(folder, 'verify.mjs')
writeFileSync(script, scripts[0] ?? '')
afterAll(() => rmSync(folder, { recursive: true }))

function verify(record: CohortRecord, ...rest: string[]) {
  const file = join(folder, 'record.json')
  writeFileSync(file, JSON.stringify(record))
  return run([file, ...rest])
}

function run(given: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...given], {
    input,
    encoding: 'utf8',
  })
  return { status, said: stdout.trimEnd().split('\n'), error: stderr.trimEnd() }
}

const small = vectors.records[0]
if (small === undefined) throw new Error('there is no vector of a record')
const { record } = small
const ticket = small.places[0]?.ticket ?? ''

describe('the script in docs/verify-a-draw.md', () => {
  it('is one, and takes nothing of this project nor of anybody else', () => {
    expect(scripts).toHaveLength(1)
    const imports = [...(scripts[0] ?? '').matchAll(/from '([^']+)'/g)].map(match => match[1])
    expect(imports).toEqual(['node:crypto', 'node:fs'])
    expect(scripts[0]).not.toMatch(/import\(|require\(/)
  })

  it.each(vectors.records)('gives the places of the vectors: cohort $record.cohort', vector => {
    const { commitment } = vector.record
    for (const { ticket, place } of vector.places.slice(0, 4)) {
      expect(verify(vector.record, ticket, commitment)).toEqual({
        status: 0,
        said: [`the seed fits the commitment ${commitment}`, `${ticket} has place ${place}`],
        error: '',
      })
    }
  })

  it.each(vectors.records.slice(0, 3))('checks every place of cohort $record.cohort', vector => {
    const { base, sizes } = vector.record
    const size = sizes.reduce((sum, one) => sum + one, 0)
    const { status, said } = verify(vector.record)
    expect(status).toBe(0)
    expect(said[1]).toBe(`${size} tickets have the places ${base + 1} to ${base + size}, each once`)
  })

  it('reads a record from standard input as well', () => {
    const input = JSON.stringify(record)
    expect(run(['-', ticket], input)).toEqual(verify(record, ticket))
    expect(run([], input)).toEqual(verify(record))
  })

  it.each([
    [
      'another seed',
      { seed: vectors.commitments[0]?.seed ?? '' },
      [],
      /^NOT AS PROMISED: the seed belongs/,
    ],
    ['a short seed', { seed: 'AAAA' }, [], /^NOT AS PROMISED: the seed does not have 32 bytes$/],
    ['another promise', {}, [ticket, 'x'], /^NOT AS PROMISED: the ticket was promised x$/],
    ['another cohort', {}, ['1.0.0'], /^NOT AS PROMISED: this is the record of cohort 0$/],
    ['an index too high', {}, ['0.0.3'], /^NOT AS PROMISED: ticket 0\.0\.3 was never given out$/],
    ['an empty shard', {}, ['0.1.0'], /^NOT AS PROMISED: ticket 0\.1\.0 was never given out$/],
    ['an unknown shard', {}, ['0.8.0'], /^NOT AS PROMISED: ticket 0\.8\.0 was never given out$/],
    ['half a ticket', {}, ['0.0'], /^NOT AS PROMISED: ticket 0\.0 was never given out$/],
  ] as const)('does not accept %s', (_, change, given, reason) => {
    const { status, error } = verify({ ...record, ...change }, ...given)
    expect(status).toBe(1)
    expect(error).toMatch(reason)
  })
})
