import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDraw, type Draw } from '../../../lib/queue/cohort/draw.ts'
import { fromHex, vectors } from '../vectors.ts'

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })
const indexes = (size: number) => Array.from({ length: size }, (_, index) => index)
const positions = (draw: Draw) => indexes(draw.size).map(index => draw.position(index))

describe('the draw agrees with other implementations of compute_shuffled_index', () => {
  // Ethereum publishes these mappings as files; their bytes come out again, hash for hash.
  it.each(vectors.published.files)('published mapping of $size: $seed', file => {
    const mapping = positions(createDraw(fromHex(file.seed), file.size))
    const bytes = mappingFile(file.seed, mapping)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  })

  it.each(vectors.permutations)('whole permutation of $size: $seed', ({ seed, size, ...known }) => {
    const draw = createDraw(fromHex(seed), size)
    expect(positions(draw)).toEqual(known.positions)
    expect(known.positions.map(position => draw.indexAt(position))).toEqual(indexes(size))
  })

  it.each(vectors.samples)('samples of $size: $seed', ({ seed, size, samples }) => {
    const draw = createDraw(fromHex(seed), size)
    for (const { index, position } of samples) {
      expect(draw.position(index)).toBe(position)
      expect(draw.indexAt(position)).toBe(index)
    }
  })
})

describe('the draw is a permutation', () => {
  it('of each size from 1 to 40, each position once', () => {
    fc.assert(
      fc.property(seeds, seed => {
        for (let size = 1; size <= 40; size++) {
          const drawn = positions(createDraw(seed, size)).sort((a, b) => a - b)
          expect(drawn).toEqual(indexes(size))
        }
      }),
      { numRuns: 3 },
    )
  })

  it('of sizes up to 2,000, each position once', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 41, max: 2_000 }), (seed, size) => {
        const drawn = positions(createDraw(seed, size)).sort((a, b) => a - b)
        expect(drawn).toEqual(indexes(size))
      }),
      { numRuns: 12 },
    )
  })

  it('of sizes up to 10^7: in range, no position twice, and the inverse leads back', () => {
    const cases = fc
      .tuple(seeds, fc.integer({ min: 1, max: 10_000_000 }))
      .chain(([seed, size]) =>
        fc.tuple(
          fc.constant(createDraw(seed, size)),
          fc.uniqueArray(fc.nat(size - 1), { maxLength: 40, size: 'max' }),
        ),
      )
    fc.assert(
      fc.property(cases, ([draw, sample]) => {
        const drawn = sample.map(index => draw.position(index))
        for (const position of drawn) {
          expect(Number.isInteger(position) && position >= 0 && position < draw.size).toBe(true)
        }
        expect(new Set(drawn).size).toBe(sample.length)
        expect(drawn.map(position => draw.indexAt(position))).toEqual(sample)
        expect(sample.map(index => draw.position(draw.indexAt(index)))).toEqual(sample)
      }),
      { numRuns: 40 },
    )
  })

  it('that another seed changes', () => {
    const one = positions(createDraw(new Uint8Array(32), 100))
    const other = positions(createDraw(new Uint8Array(32).fill(1, 31), 100))
    expect(other).not.toEqual(one)
  })

  it('that keeps its seed even if the caller overwrites the bytes', () => {
    const seed = new Uint8Array(32).fill(7)
    const draw = createDraw(seed, 50)
    const before = positions(draw)
    seed.fill(0)
    expect(positions(draw)).toEqual(before)
  })
})

describe('the draw refuses what is out of bounds', () => {
  const seed = new Uint8Array(32)

  it.each([1, 2 ** 32 - 1])('accepts a cohort of %d', size => {
    const draw = createDraw(seed, size)
    expect(draw.indexAt(draw.position(0))).toBe(0)
    expect(draw.indexAt(draw.position(size - 1))).toBe(size - 1)
  })

  it.each([0, -1, 2 ** 32, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a cohort of %d',
    size => {
      expect(() => createDraw(seed, size)).toThrow(
        new RangeError(`a cohort has 1 to 4294967295 indexes, ${size} came`),
      )
    },
  )

  it.each([0, 31, 33])('refuses a seed of %d bytes', bytes => {
    expect(() => createDraw(new Uint8Array(bytes), 1)).toThrow(
      new RangeError(`a seed has 32 bytes, ${bytes} came`),
    )
  })

  it.each([-1, 10, 0.5, Number.NaN])('refuses index and position %d of 10', value => {
    const draw = createDraw(seed, 10)
    const error = new RangeError(`0 to 9 is allowed in this cohort, ${value} came`)
    expect(() => draw.position(value)).toThrow(error)
    expect(() => draw.indexAt(value)).toThrow(error)
  })
})

/** The file as it is published: YAML whose lines break after 80 columns. */
function mappingFile(seed: string, mapping: readonly number[]): string {
  let line = 'mapping: ['
  let text = `seed: '0x${seed}'\ncount: ${mapping.length}\n`
  mapping.forEach((position, index) => {
    if (index > 0) line += ','
    if (line.length > 80) {
      text += `${line}\n`
      line = '  '
    } else if (index > 0) {
      line += ' '
    }
    line += position
  })
  return `${text}${line}]\n`
}
