import { describe, expect, it } from 'vitest'
import { EVERYTHING, playSeeds } from './seeds.ts'

describe('seeds 250 to 499', () => {
  it('break no law, and everything that can go wrong did', async () => {
    const { counts } = await playSeeds(250, 250)
    expect(EVERYTHING.filter(name => !counts.has(name))).toEqual([])
  })
})
