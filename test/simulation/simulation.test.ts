/** Half of the seeds of every run; the other half, which goes beside it, is in more-seeds.test.ts. */
import { describe, expect, it } from 'vitest'
import { EVERYTHING, PEOPLE, playSeeds } from './seeds.ts'
import { simulate } from './simulate.ts'

describe('seeds 0 to 249', () => {
  it('break no law, and everything that can go wrong did', async () => {
    const { counts } = await playSeeds(0, 250)
    // A fault that never came would prove nothing.
    expect([...EVERYTHING, ...PEOPLE].filter(name => !counts.has(name))).toEqual([])
  })
})

describe('a seed that broke a law once', () => {
  it.each([
    [535, 'pace'],
    [4579, 'wakes-up'],
  ])('holds now: %i, %s', async seed => {
    await playSeeds(seed, 1)
  })
})

describe('a seed', () => {
  it('gives the same run again, to the last write and answer', async () => {
    const [one, other] = [await simulate(7), await simulate(7)]
    expect(other.fingerprint).toBe(one.fingerprint)
    expect((await simulate(8)).fingerprint).not.toBe(one.fingerprint)
  })
})
