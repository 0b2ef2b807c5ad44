import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDraw } from '../../../lib/queue/cohort/draw.ts'

/** Where a shuffle of `SIZE` under a seed puts an index. */
type Shuffle = (seed: Uint8Array, index: number) => number

const SIZE = 12
const SEEDS = 3_000
/**
 * Chi-square bounds that a uniform shuffle passes by chance but for odds of 2.5e-7: 11 degrees of
 * freedom for one index's position, 10 for the distance of two. Three figures, so a false alarm
 * comes once in more than a million runs.
 */
const POSITION_MAX = 52.21
const DISTANCE_MAX = 50.15

/** DRAW_SEED=<hex> repeats a run. */
const runSeed = process.env.DRAW_SEED ?? randomBytes(16).toString('hex')
console.log(`draw uniformity: DRAW_SEED=${runSeed}`)
const seeds = Array.from({ length: SEEDS }, (_, n) =>
  createHash('sha256').update(`${runSeed}/${n}`).digest(),
)

describe(`uniformity over ${SEEDS} seeds (chi-square)`, () => {
  it('the draw puts an index anywhere, and two indexes at any distance, equally often', () => {
    const draw: Shuffle = (seed, index) => createDraw(seed, SIZE).position(index)
    expect(excesses(draw), `DRAW_SEED=${runSeed}`).toEqual([])
  })

  it('the same check finds a shuffle that only rotates the line', () => {
    const rotate: Shuffle = (seed, index) => (index + ((seed[0] ?? 0) % SIZE)) % SIZE
    expect(excesses(rotate).map(({ figure }) => figure)).toContain('distance of 0 and 1')
  })

  it('the same check finds a draw of too few rounds', () => {
    const oneRound: Shuffle = (seed, index) => {
      const partner = ((seed[0] ?? 0) % SIZE) + SIZE - index
      const isSwapped = ((seed[1] ?? 0) & 1) === 1
      return isSwapped ? partner % SIZE : index
    }
    expect(excesses(oneRound).length).toBeGreaterThan(0)
  })
})

/** The figures that are above their bounds. */
function excesses(shuffle: Shuffle) {
  const first = seeds.map(seed => shuffle(seed, 0))
  const second = seeds.map(seed => shuffle(seed, 1))
  const last = seeds.map(seed => shuffle(seed, SIZE - 1))
  const distances = first.map((position, n) => (position - (second[n] ?? 0) + SIZE) % SIZE)
  return [
    { figure: 'position of 0', max: POSITION_MAX, chiSquare: chiSquare(first, 0) },
    { figure: 'position of the last', max: POSITION_MAX, chiSquare: chiSquare(last, 0) },
    { figure: 'distance of 0 and 1', max: DISTANCE_MAX, chiSquare: chiSquare(distances, 1) },
  ].filter(({ chiSquare, max }) => chiSquare > max)
}

/** How far the counts of `min` .. SIZE - 1 are from equal; any other value is infinitely far. */
function chiSquare(values: readonly number[], min: number): number {
  const counts = new Array<number>(SIZE).fill(0)
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  if (counts.slice(0, min).some(count => count > 0)) return Number.POSITIVE_INFINITY
  const expected = values.length / (SIZE - min)
  return counts.slice(min).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
