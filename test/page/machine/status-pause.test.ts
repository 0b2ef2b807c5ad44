import { describe, expect, test } from 'vitest'
import { type StatusPollFacts, statusPauseMs } from '../../../lib/page/machine/status-pause.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import { OFFSET_MS, START_MS, statusAt } from '../walk.ts'

const NOW_MS = START_MS + OFFSET_MS

/** A page without a place that has just read its first status, in the middle of every chance. */
function pauseMs(change: Partial<Status>, more: Partial<StatusPollFacts> = {}): number | null {
  const status = statusAt(START_MS, { ratePerMinute: 6, tail: 1_000, ...change })
  return statusPauseMs({
    status,
    serverMs: NOW_MS,
    phase: status.phase,
    phaseForMs: 10_000,
    joinedForMs: 10_000,
    place: 0,
    front: 0,
    pacePerMinute: status.ratePerMinute,
    verdict: null,
    missedForMs: 0,
    isHidden: false,
    chance: 0.5,
    ...more,
  })
}

describe('the pause until the next status', () => {
  test('is 40 % of what a change of unknown time has taken so far, at least two seconds', () => {
    const unknown = [{ phase: 'paused' }, { phase: 'gathering', opensAtMs: null }] as const
    for (const change of unknown) {
      expect(pauseMs(change)).toBe(4_000)
      expect(pauseMs(change, { phaseForMs: 100_000 })).toBe(40_000)
      expect(pauseMs(change, { phaseForMs: 0 })).toBe(2_000)
    }
    // Before the draw it counts from the opening, or from the ticket if that is newer.
    expect(pauseMs({ phase: 'open' }, { phaseForMs: 100_000 })).toBe(4_000)
    expect(pauseMs({ phase: 'open' }, { joinedForMs: 100_000 })).toBe(4_000)
  })

  test('is 40 % of the time to the closing where that comes first', () => {
    const long = { phaseForMs: 100_000, joinedForMs: 100_000 }
    expect(pauseMs({ closesAtMs: NOW_MS + 20_000 }, long)).toBe(8_000)
    expect(pauseMs({ closesAtMs: null }, long)).toBe(40_000)
  })

  test('goes to the turn at once where that is near, and to 40 % of the way where it is not', () => {
    const soon = { place: 2, pacePerMinute: 6 }
    expect(pauseMs({ ratePerMinute: 6 }, soon)).toBe(21_000)
    expect(pauseMs({ ratePerMinute: 6 }, { ...soon, place: 3 })).toBe(12_000)
  })

  test('is about half of the way at a pace that is clearly slower than the rate', () => {
    const slow = { place: 20, pacePerMinute: 60 }
    expect(pauseMs({ ratePerMinute: 60 }, { ...slow, pacePerMinute: 6 })).toBe(40_000)
    expect(pauseMs({ ratePerMinute: 60 }, { ...slow, pacePerMinute: 0 })).toBe(10_000)
  })

  test('is twice as long while the page is hidden, and ends at the opening and at the turn', () => {
    const hidden = { isHidden: true }
    expect(pauseMs({ phase: 'paused' }, hidden)).toBe(8_000)
    expect(pauseMs({ ratePerMinute: 6 }, { ...hidden, place: 5 })).toBe(40_000)
    const opensAtMs = NOW_MS + 100_000
    expect(pauseMs({ phase: 'gathering', opensAtMs }, hidden)).toBe(80_000)
  })

  test('follows a refusal that knew more than the status within the shortest pause', () => {
    for (const phase of ['ended', 'closed', 'soldOut'] as const) {
      expect(pauseMs({ phase: 'open' }, { phase })).toBe(2_000)
    }
  })

  test('has no end where the sale has one', () => {
    expect(pauseMs({ phase: 'ended' })).toBeNull()
    expect(pauseMs({ phase: 'soldOut' }, { isHidden: true })).toBeNull()
    expect(pauseMs({ phase: 'soldOut' })).toBe(120_000)
  })
})
