import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs, holdMs } from '../../../lib/page/machine/backoff.ts'
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from '../../../lib/page/machine/limits.ts'
import { START_MS, statusAt } from '../walk.ts'

const chance = fc.double({ min: 0, max: 1, noNaN: true })
const failures = fc.integer({ min: 1, max: 1_000_000 })

test('failure mode 40: every pause ends within a minute, however often a request failed', () => {
  fc.assert(
    fc.property(
      failures,
      fc.option(fc.integer({ min: 0, max: 1e9 })),
      chance,
      (count, asked, at) => {
        const pauseMs = backoffMs(count, asked, at)
        expect(pauseMs).toBeGreaterThanOrEqual(BACKOFF_MS_MIN / 2)
        expect(pauseMs).toBeLessThanOrEqual(BACKOFF_MS_MAX)
      },
    ),
  )
})

test('pauses stay short through a rush, then double until the longest one, spread over their upper half', () => {
  expect([1, 2, 3, 4, 10, 11, 12, 13, 14].map(count => backoffMs(count, null, 1))).toEqual([
    2_000, 4_000, 8_000, 8_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ])
  expect([1, 2, 13].map(count => backoffMs(count, null, 0))).toEqual([1_000, 2_000, 30_000])
})

test('a retry-after is obeyed, and spread so that not everybody comes back at once', () => {
  expect(backoffMs(1, 10_000, 0)).toBe(10_000)
  expect(backoffMs(1, 10_000, 1)).toBe(20_000)
  expect(backoffMs(6, 1_000, 1)).toBe(8_000)
  expect(backoffMs(1, 3_600_000, 0.5)).toBe(BACKOFF_MS_MAX)
})

test('on hold a page asks about each two seconds, within the bounds of the status', () => {
  const hold = (pollSecondsMin: number, pollSecondsMax: number) =>
    [0, 0.5, 1].map(at => holdMs(statusAt(START_MS, { pollSecondsMin, pollSecondsMax }), at))
  expect(hold(1, 120)).toEqual([1_600, 2_000, 2_400])
  expect(hold(2, 120)).toEqual([2_000, 2_000, 2_400])
  expect(hold(1, 2)).toEqual([1_600, 2_000, 2_000])
  expect(hold(10, 120)).toEqual([10_000, 10_000, 10_000])
  expect(hold(0, 0)).toEqual([1_000, 1_000, 1_000])
  expect(holdMs(null, 1)).toBe(2_400)
})
