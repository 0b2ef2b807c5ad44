import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placesByCapacity } from '../../../lib/queue/admission/policies.ts'
import { EMPTY_HOUSE, type House } from '../../../lib/queue/house/house.ts'
import { OPENS_MS, openState, roomConfig } from '../rooms.ts'

const NOW_MS = OPENS_MS + 60_000
const measured = {
  ...{ openTurns: 0, expected: 0, expectedSoon: 0, late: 0 },
  ...{ showUp: 0.65, showUpMost: 0.72, earlyGuess: null },
}

/** So many inside, while so many left within the last minute. */
function seats(capacity: number, inside: number, left: number, walkInSeconds: number): number {
  const state = openState(100, { pace: [{ atMs: OPENS_MS, allowed: 0, entered: 0, gone: 0 }] })
  const house: House = { ...EMPTY_HOUSE, entered: inside + left, gone: left }
  const config = roomConfig({ capacity })
  return placesByCapacity({ config, state }, house, { ...measured, walkInSeconds }, NOW_MS).places
}

describe('free seats', () => {
  it('are given though somebody may leave soon: one free seat of eight is a seat', () => {
    // Nobody is expected; half a person leaves within the time of a walk in.
    expect(seats(8, 7, 4, 7)).toBe(1)
    expect(seats(8, 8, 0, 7)).toBe(0)
  })

  it('is a law: whoever may leave makes no seats fewer', () => {
    const count = fc.integer({ min: 0, max: 500 })
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 1, max: 60 }), (free, inside, left, s) => {
        const capacity = Math.max(1, free + inside)
        expect(seats(capacity, inside, left, s)).toBeGreaterThanOrEqual(
          seats(capacity, inside, 0, s),
        )
      }),
    )
  })
})
