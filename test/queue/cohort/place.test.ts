import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CohortRecord,
  cohortRecordSchema,
  cohortSize,
  keepsCommitment,
  placeIn,
} from '../../../lib/queue/cohort/place.ts'
import { cohortRecord, cohortSeed, commitmentOf } from '../../../lib/queue/cohort/record.ts'
import { fromHex, vectors } from '../vectors.ts'

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** The places of everybody in a cohort, by shard and index. */
function placesOf(record: CohortRecord): number[] {
  return record.sizes.flatMap((size, shard) =>
    Array.from({ length: size }, (_, index) => placeIn(record, shard, index)),
  )
}

const count = (from: number, size: number) => Array.from({ length: size }, (_, n) => from + n)

describe('cohort records', () => {
  it.each(vectors.records)('give the places of the vectors: cohort $record.cohort', vector => {
    const { record, places } = vector
    for (const { shard, index, place } of places) expect(placeIn(record, shard, index)).toBe(place)
  })

  it.each(vectors.records)('are seeded as in the vectors: cohort $record.cohort', vector => {
    const { record } = vector
    const seed = cohortSeed(fromHex(vector.drawKey), vector.room, record.cohort)
    expect(
      cohortRecord({
        cohort: record.cohort,
        base: record.base,
        sizes: record.sizes,
        seed,
        closedAtMs: record.closedAtMs,
      }),
    ).toEqual(record)
  })

  it('give exactly the places base + 1 .. base + size, whatever the shards', () => {
    const shards = fc.array(fc.nat(30), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(seeds, shards, fc.nat(1_000_000), (seed, sizes, base) => {
        const record = cohortRecord({ cohort: 0, base, sizes, seed, closedAtMs: 0 })
        const places = placesOf(record).sort((a, b) => a - b)
        expect(places).toEqual(count(base + 1, cohortSize(sizes)))
      }),
      { numRuns: 20 },
    )
  })

  it('put nobody of cohort n + 1 before anybody of cohort n', () => {
    const cohorts = fc.array(fc.tuple(seeds, fc.array(fc.nat(8), { minLength: 1, maxLength: 4 })), {
      minLength: 2,
      maxLength: 5,
    })
    fc.assert(
      fc.property(cohorts, drawn => {
        let tail = 0
        for (const [cohort, [seed, sizes]] of drawn.entries()) {
          const record = cohortRecord({ cohort, base: tail, sizes, seed, closedAtMs: 0 })
          for (const place of placesOf(record)) expect(place).toBeGreaterThan(tail)
          tail = Math.max(tail, ...placesOf(record))
        }
      }),
      { numRuns: 20 },
    )
  })

  it('have no place for an index that was never leased', () => {
    const record = cohortRecord({
      cohort: 3,
      base: 10,
      sizes: [2, 0, 1],
      seed: new Uint8Array(32),
      closedAtMs: 0,
    })
    for (const [shard, index] of [
      [0, 2],
      [0, -1],
      [0, 0.5],
      [1, 0],
      [2, 1],
      [3, 0],
      [-1, 0],
      [0.5, 0],
    ] as const) {
      expect(() => placeIn(record, shard, index)).toThrow(
        new RangeError(`cohort 3 has no index ${index} in shard ${shard}`),
      )
    }
  })

  it('survive their own schema', () => {
    for (const { record } of vectors.records) {
      expect(cohortRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
    }
  })
})

describe('the schema of a cohort record', () => {
  const good = vectors.records[0]?.record
  const length = good?.seed.length ?? 0

  it.each([
    { seed: '' },
    { seed: 'A'.repeat(length - 1) },
    { seed: 'A'.repeat(length + 1) },
    { seed: `${'A'.repeat(length - 1)}+` },
    { seed: `${'A'.repeat(length)}\n` },
    { commitment: 'promise' },
    { base: -1 },
    { base: 0.5 },
    { cohort: '0' },
    { sizes: [1, -1] },
    { sizes: 8 },
    { closedAtMs: null },
  ])('refuses %j', change => {
    expect(cohortRecordSchema.safeParse(good).success).toBe(true)
    expect(cohortRecordSchema.safeParse({ ...good, ...change }).success).toBe(false)
  })
})

describe('commitments', () => {
  it.each(vectors.commitments)('are the SHA-256 of the seed: $seed', ({ seed, commitment }) => {
    expect(commitmentOf(Buffer.from(seed, 'base64url'))).toBe(commitment)
    expect(keepsCommitment({ seed }, commitment)).toBe(true)
  })

  it('are broken by any changed bit of the seed', () => {
    fc.assert(
      fc.property(seeds, fc.nat(255), (seed, bit) => {
        const promised = commitmentOf(seed)
        const other = Uint8Array.from(seed)
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const { seed: revealed } = cohortRecord({
          cohort: 0,
          base: 0,
          sizes: [1],
          seed: other,
          closedAtMs: 0,
        })
        expect(keepsCommitment({ seed: revealed }, promised)).toBe(false)
      }),
    )
  })

  it('differ between rooms, cohorts and draw keys', () => {
    const key = new Uint8Array(32)
    const other = new Uint8Array(32).fill(1)
    const all = [
      cohortSeed(key, 'a', 1),
      cohortSeed(key, 'a', 11),
      cohortSeed(key, 'a1', 1),
      cohortSeed(other, 'a', 1),
    ].map(commitmentOf)
    expect(new Set(all).size).toBe(all.length)
  })
})
