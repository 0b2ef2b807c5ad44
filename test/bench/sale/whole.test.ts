import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createVisitors } from '../../../bench/sale/visitors.ts'
import { checkWhole } from '../../../bench/sale/whole.ts'
import type { CohortRecord } from '../../../lib/queue/cohort/place.ts'

const seeds = [7, 8].map(byte => Buffer.alloc(32, byte))
const commitments = seeds.map(seed => createHash('sha256').update(seed).digest('base64url'))

function record(cohort: number, base: number, sizes: number[]): CohortRecord {
  const seed = seeds[cohort]?.toString('base64url') ?? ''
  return { cohort, base, sizes, seed, commitment: commitments[cohort] ?? '', closedAtMs: 0 }
}

const records = [record(0, 0, [3, 2]), record(1, 5, [4])]
const ids = ['0.0.0', '0.0.1', '0.0.2', '0.1.0', '0.1.1', '1.0.0', '1.0.1', '1.0.2', '1.0.3']

function visitorsWith(given: readonly string[], commitment?: string) {
  const visitors = createVisitors(given.length)
  for (const id of given) {
    const [cohort = 0, shard, index] = id.split('.').map(Number)
    const promised = commitment ?? commitments[cohort]
    visitors.joined(
      JSON.stringify({ ticket: 't', id, cohort, shard, index, commitment: promised }),
      0,
    )
  }
  return visitors
}

const check = (given: readonly string[], of = records, commitment?: string) =>
  checkWhole(visitorsWith(given, commitment).tickets(), of)

describe('the check of a whole result', () => {
  test('finds nothing wrong where every index has one ticket, and gives each place once', () => {
    const whole = check(ids)
    expect(whole).toMatchObject({ broken: [], ghosts: 0, leased: 9 })
    expect([...whole.places].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Math.max(...whole.places.slice(0, 5))).toBe(5)
  })

  test('counts an index that nobody got as a ghost, which is nothing broken', () => {
    expect(check(ids.slice(1))).toMatchObject({ broken: [], ghosts: 1 })
  })

  test('finds a ticket that was given twice', () => {
    expect(check([...ids, '0.1.1']).broken.join()).toMatch(/duplicate: place \d has two tickets/)
  })

  test('finds a ticket that no record knows', () => {
    expect(check([...ids, '1.0.4']).broken.join()).toContain('lost: tickets of cohort 1 beyond')
    expect(check([...ids, '2.0.0']).broken.join()).toContain('lost: tickets of cohort 2')
  })

  test('finds a cohort that does not begin where the one before it ended', () => {
    const shifted = [record(0, 0, [3, 2]), record(1, 6, [4])]
    expect(check(ids, shifted).broken.join()).toContain('order: cohort 1 begins at 6')
  })

  test('finds a promise that was broken, and two promises for one cohort', () => {
    expect(check(ids, records, commitments[1]).broken.join()).toContain('promise: the seed of co')
    const [first, ...others] = records
    const other = { ...first, seed: seeds[1]?.toString('base64url') ?? '' } as CohortRecord
    expect(check(ids, [other, ...others]).broken.join()).toContain('promise: the seed of cohort 0')
  })
})

describe('the visitors of a run', () => {
  test('are chosen evenly from first to last', () => {
    expect(visitorsWith(ids).chosen(3)).toMatchObject([
      { id: '0.0.0' },
      { id: '0.1.0' },
      { id: '1.0.1' },
    ])
  })

  test('find a join that was sent after a later cohort had begun and is in an earlier one', () => {
    const visitors = visitorsWith(['1.0.0'])
    expect(visitors.broken()).toEqual([])
    const late = { ticket: 't', id: '0.0.0', cohort: 0, shard: 0, index: 0, commitment: 'c' }
    visitors.joined(JSON.stringify(late), visitors.latestCohort)
    expect(visitors.broken().join()).toContain('order: a late join')
  })
})
