import { describe, expect, it } from 'vitest'
import { verifyPlace } from '../../../lib/cli/offline/verify.ts'
import { vectors } from '../../queue/vectors.ts'
import { closedCohort, folderWith, run } from '../support.ts'

const WORDS = ['verify', '--record', 'record.json', '--ticket', 'ticket.json']

/** Runs `verify` on files with these contents. */
function verify(record: unknown, ticket: unknown, more: string[] = []) {
  const folder = folderWith({ 'record.json': record, 'ticket.json': ticket })
  return run([...WORDS, ...more], { folder, env: { ANTICHAMBRE_TOKEN: '' } })
}

describe('verify', () => {
  it.each(vectors.records)('finds the places of the vectors: cohort $record.cohort', vector => {
    const { record, places } = vector
    const { cohort, commitment } = record
    for (const { shard, index, place } of places) {
      const id = `${cohort}.${shard}.${index}`
      const report = verifyPlace(record, { id, cohort, shard, index, commitment })
      expect(report).toMatchObject({ status: 'verified', place })
    }
  })

  it('says step by step what it checked, needs no token, and keeps the ticket to itself', async () => {
    const { record, ticket, place } = closedCohort()
    const { exitCode, output, complaint } = await verify(record, ticket)
    expect([exitCode, complaint]).toEqual([0, ''])
    expect(output.split('\n')).toEqual([
      'ok  id          ticket 4.2.41 is cohort 4, shard 2, index 41',
      "ok  cohort      the record is of cohort 4, the ticket's own",
      'ok  commitment  the record shows the commitment that the ticket was given with',
      'ok  seed        SHA-256 of the revealed seed is that commitment: the draw was fixed before the cohort closed',
      'ok  index       index 41 is among the 52 that shard 2 gave out',
      `ok  place       the draw gives place ${place}, in the cohort's places 101 to 162`,
      `verified: place ${place}`,
      '',
    ])
    expect(output).not.toContain(ticket.ticket)
  })

  it('reports the same for scripts with --json', async () => {
    const { record, ticket, place } = closedCohort()
    const { exitCode, output } = await verify(record, ticket, ['--json'])
    expect(exitCode).toBe(0)
    const report = JSON.parse(output)
    expect(report).toMatchObject({ status: 'verified', place })
    expect(report.checks.map((each: { check: string }) => each.check)).toEqual([
      'id',
      'cohort',
      'commitment',
      'seed',
      'index',
      'place',
    ])
  })

  it('takes the record from standard input, and a ticket without the secret part', async () => {
    const { record, ticket, place } = closedCohort()
    const { ticket: _secret, ...facts } = ticket
    const folder = folderWith({ 'ticket.json': facts })
    const input = JSON.stringify(record)
    const words = ['verify', '--record', '-', '--ticket', 'ticket.json']
    const { exitCode, output } = await run(words, { folder, input })
    expect(exitCode).toBe(0)
    expect(output).toContain(`verified: place ${place}`)
  })

  it('compares a place that the ticket file carries', async () => {
    const { record, ticket, place } = closedCohort()
    expect((await verify(record, { ...ticket, place })).exitCode).toBe(0)
    const wrong = await verify(record, { ...ticket, place: place + 1 })
    expect(wrong.exitCode).toBe(1)
    expect(wrong.output).toContain(`gives place ${place}, but the ticket file says ${place + 1}`)
  })
})

const good = closedCohort()
const otherSeed = Buffer.alloc(32, 8).toString('base64url')

/** The check that fails, and what is changed in record and ticket. */
const BROKEN: [string, string, object, object, string][] = [
  ['the wrong cohort’s record', 'cohort', { cohort: 5 }, {}, 'cohort 5, the ticket of cohort 4'],
  ['an id that is not its own', 'id', {}, { id: '4.2.40' }, 'make 4.2.41'],
  ['another commitment in the ticket', 'commitment', {}, { commitment: 'x' }, 'another commitment'],
  [
    'another commitment in the record',
    'commitment',
    { commitment: otherSeed },
    {},
    'another commitment',
  ],
  ['another seed', 'seed', { seed: otherSeed }, {}, 'the seed was changed'],
  [
    'the first index beyond',
    'index',
    { sizes: [10, 0, 41] },
    {},
    'shard 2 of cohort 4 gave out 41',
  ],
  ['a shard that is not there', 'index', { sizes: [10, 52] }, {}, 'gave out 0'],
  ['no sizes at all', 'index', { sizes: [] }, {}, 'gave out 0'],
  ['more indexes than a draw can hold', 'index', { sizes: [2 ** 32, 0, 52] }, {}, 'at most'],
]

describe('verify fails with exit code 1, and names the check, on', () => {
  it.each(BROKEN)('%s', async (_, failed, inRecord, inTicket, named) => {
    const record = { ...good.record, ...inRecord }
    const ticket = { ...good.ticket, ...inTicket }
    const { exitCode, output, complaint } = await verify(record, ticket)
    expect([exitCode, complaint]).toEqual([1, ''])
    expect(output).toContain(named)
    expect(output).toMatch(new RegExp(`^FAILED +${failed} `, 'm'))
    expect(output).toContain(`not verified: the check "${failed}" failed`)
    const json = JSON.parse((await verify(record, ticket, ['--json'])).output)
    expect(json).toMatchObject({ status: 'failed', failed })
    expect(json.checks.at(-1)).toMatchObject({ check: failed, status: 'failed' })
  })

  it('nothing: the last index of the shard is in the record', async () => {
    const { exitCode } = await verify({ ...good.record, sizes: [10, 0, 42] }, good.ticket)
    expect(exitCode).toBe(0)
  })
})

/** Files that are no record or no ticket, and what the complaint names. */
const BAD_FILES: [string, unknown, unknown, string[]][] = [
  [
    'a ticket for a record',
    good.ticket,
    good.ticket,
    ['record.json is not a cohort', 'base: nothing'],
  ],
  [
    'a record for a ticket',
    good.record,
    good.record,
    ['ticket.json is not a ticket', 'base: no such'],
  ],
  [
    'an error answer for a record',
    { error: { code: 'cohort-open', message: 'still open' } },
    good.ticket,
    ['the error answer "cohort-open"'],
  ],
  ['a list', [good.record], good.ticket, ['a list came, an object is expected']],
  ['null', null, good.ticket, ['null came, an object is expected']],
  ['a negative size', { ...good.record, sizes: [-1] }, good.ticket, ['sizes.0: at least 0']],
  ['a fraction', { ...good.record, base: 0.5 }, good.ticket, ['base: 0.5 came, a whole number']],
  ['a text index', good.record, { ...good.ticket, index: '1' }, ['index: a text came']],
  ['place 0', good.record, { ...good.ticket, place: 0 }, ['place: at least 1']],
  [
    'a seed that is no base64url',
    { ...good.record, seed: '%'.repeat(43) },
    good.ticket,
    ['seed: 32'],
  ],
  ['a seed of 31 bytes', { ...good.record, seed: 'A'.repeat(42) }, good.ticket, ['seed: 32 bytes']],
  ['an unknown field', good.record, { ...good.ticket, extra: 1 }, ['extra: no such field']],
  [
    'two mistakes',
    good.record,
    { ...good.ticket, id: 1, shard: null },
    ['id: 1 came, a text is expected', 'shard: null came'],
  ],
]

describe('verify checks nothing and exits 2 on', () => {
  it.each(BAD_FILES)('%s', async (_, record, ticket, named) => {
    const { exitCode, output, complaint } = await verify(record, ticket)
    expect([exitCode, output]).toEqual([2, ''])
    for (const name of named) expect(complaint).toContain(name)
    expect(complaint).toContain('(bad-file)')
  })

  it('failure mode 42: broken JSON, without quoting the ticket in it', async () => {
    const { record, ticket } = good
    for (const broken of [ticket.ticket, `{"ticket": ${ticket.ticket}}`, `["${ticket.ticket}"`]) {
      const { exitCode, complaint } = await verify(record, broken)
      expect(exitCode).toBe(2)
      expect(complaint).toContain('file ticket.json is not valid JSON')
      expect(complaint).not.toContain('payload')
    }
    const wrongType = await verify(record, { ...ticket, index: ticket.ticket })
    expect(wrongType.complaint).not.toContain('payload')
  })
})
