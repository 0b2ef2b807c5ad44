import { describe, expect, it } from 'vitest'
import {
  GROUP_COHORTS,
  GROUPS_MAX,
  SELL_OUT_POLL_SECONDS_MIN,
  SELL_OUT_POLL_SHARE,
  STATUS_BYTES_MAX,
} from '../../../lib/queue/limits.ts'
import type { RoomConfig } from '../../../lib/queue/room/config.ts'
import { PHASES } from '../../../lib/queue/room/phase.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { statusOf, statusSchema } from '../../../lib/queue/visitor/room-status.ts'
import { OPENS_MS, openState, room, roomConfig, time } from '../rooms.ts'

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

/** 400 bytes as they travel, from characters that JSON and UTF-8 lengthen in every way. */
const messages = ['"', '\\', '\n', '\u0001', '\u007f', 'é', '€', '🚗', '\ud800', 'a'].map(text =>
  text.repeat(Math.floor(400 / (bytes(text) - 2))),
)

const NOW_MS = Date.parse('9999-12-31T00:00:00Z')

describe('the status of a room', () => {
  it.each(messages)('fits its bound with the largest values and the message %j', message => {
    const config: RoomConfig = {
      ...roomConfig({
        message,
        ratePerMinute: 1_000_000,
        stock: 100_000_000,
        opensAt: '9998-12-31T23:59:59.999Z',
        closesAt: '9999-12-31T23:59:59.999Z',
      }),
    }
    const largest = Number.MAX_SAFE_INTEGER
    const state = openState(0, {
      openedAtMs: NOW_MS,
      nextBatchAtMs: NOW_MS + 999_999_999,
      openCohort: (GROUPS_MAX + 1) * GROUP_COHORTS - 1,
      front: largest - 1,
      tail: largest,
      binding: 'capacity',
      bought: 12_345_678,
      left: 23_456_789,
      // As long ago as makes the sell-out as far away as it is ever told.
      firstBoughtAtMs: NOW_MS - 360_000_000,
      hopeful: largest,
      // No more than the pace ever has.
      lateSeats: 9_999_999,
      health: { share: 0.333, changedAtMs: 0, isBad: true, reportedAtMs: 0 },
    })
    const group = 'g'.repeat(32)
    const there = { id: 'r'.repeat(63), group, config, configVersion: 0, state }
    const status = statusOf(there, largest - 1, NOW_MS)
    expect(bytes(status)).toBeLessThanOrEqual(STATUS_BYTES_MAX)
    expect(status.room).toHaveLength(96)
    expect(status.odds).toMatchObject({ before: largest })
    expect(status.soldOutAtMs).toBeGreaterThan(NOW_MS)
    for (const phase of PHASES) {
      expect(bytes({ ...status, phase })).toBeLessThanOrEqual(STATUS_BYTES_MAX)
    }
    expect(statusSchema.parse(JSON.parse(JSON.stringify(status)))).toEqual(
      JSON.parse(JSON.stringify(status)),
    )
  })

  it('refuses a message that would be longer as JSON', () => {
    for (const message of messages) {
      expect(() => roomConfig({ message: `${message}"""` })).toThrow(/^message: \d+ bytes/)
    }
  })

  it('counts everybody who holds a ticket and has not had their turn', () => {
    const there = room({ closesAt: time(OPENS_MS + 1) }, openState(50, { front: 20 }))
    expect(statusOf(there, 7, OPENS_MS)).toEqual({
      room: 'demo',
      arrivalWindowSeconds: 5,
      phase: 'open',
      nowMs: OPENS_MS,
      opensAtMs: OPENS_MS,
      closesAtMs: OPENS_MS + 1,
      openCohort: 1,
      front: 20,
      tail: 50,
      waiting: 37,
      ratePerMinute: 600,
      nextBatchAtMs: OPENS_MS,
      pollSecondsMin: 2,
      pollSecondsMax: 120,
      message: null,
      stock: null,
      mode: 'line',
      binding: null,
      soldOutAtMs: null,
      odds: null,
      lateSeats: 0,
    })
  })

  it('names the policy that binds: the last batch, or the pause', () => {
    const bound = { ...openState(5), binding: 'capacity' as const }
    expect(statusOf(room({}, bound), 0, OPENS_MS).binding).toBe('capacity')
    expect(statusOf(room({}, { ...bound, pausedAtMs: 1 }), 0, OPENS_MS).binding).toBe('pause')
  })

  it('shows the rate as plan and health have it just now', () => {
    const ratePlan = [{ at: time(OPENS_MS + 1_000), ratePerMinute: 90 }]
    const rate = (nowMs: number, change: Partial<RoomState> = {}) =>
      statusOf(room({ ratePlan }, openState(5, change)), 0, nowMs).ratePerMinute
    expect([999, 1_000, 1_001].map(lateMs => rate(OPENS_MS + lateMs))).toEqual([600, 90, 90])
    const health = { share: 0.25, changedAtMs: 0, isBad: true, reportedAtMs: 0 }
    expect(rate(OPENS_MS, { health })).toBe(150)
    expect(rate(OPENS_MS + 1_000, { health })).toBe(22.5)
  })

  it('counts what is left by what was bought, unless it was told', () => {
    const left = (config: object, bought: number) =>
      statusOf(room({ ...config }, openState(5, { bought })), 0, OPENS_MS).stock
    expect([0, 96, 97, 98].map(bought => left({ stock: 97 }, bought))).toEqual([97, 1, 0, 0])
    expect(left({ stock: 97, stockLeft: 40 }, 60)).toBe(40)
    expect(left({}, 60)).toBeNull()
  })

  it('foresees the sell-out in an open sale alone, and asks everybody to come sooner near it', () => {
    const [firstBoughtAtMs, lastBoughtAtMs] = [OPENS_MS, OPENS_MS + 60_000]
    const state = openState(50, { bought: 50, left: 0, firstBoughtAtMs, lastBoughtAtMs })
    const sale = { stock: 100, ratePerMinute: 50 }
    const at = (nowMs: number, config: object = {}, change: object = {}) =>
      statusOf(room({ ...sale, ...config }, { ...state, ...change }), 0, nowMs)
    // Fifty in a minute: fifty more in another.
    expect(at(OPENS_MS + 60_000)).toMatchObject({
      soldOutAtMs: OPENS_MS + 120_000,
      pollSecondsMin: 2,
      pollSecondsMax: 60 * SELL_OUT_POLL_SHARE,
    })
    expect(at(OPENS_MS + 60_000, { stock: 51 })).toMatchObject({
      soldOutAtMs: OPENS_MS + 61_200,
      pollSecondsMin: SELL_OUT_POLL_SECONDS_MIN,
      pollSecondsMax: SELL_OUT_POLL_SECONDS_MIN,
    })
    expect(at(OPENS_MS + 60_000, { stock: 100_000 })).toMatchObject({ pollSecondsMax: 120 })
    for (const closed of [{ pausedAtMs: 1 }, { endedAtMs: 1 }, { bought: 100 }]) {
      expect(at(OPENS_MS + 60_000, {}, closed)).toMatchObject({
        soldOutAtMs: null,
        odds: null,
        pollSecondsMin: 2,
        pollSecondsMax: 120,
      })
    }
  })

  it('gives what a chance needs once enough have decided', () => {
    const odds = (bought: number, left: number) =>
      statusOf(room({ stock: 97 }, openState(5, { bought, left, hopeful: 7 })), 0, OPENS_MS).odds
    expect(odds(10, 9)).toBeNull()
    expect(odds(10, 10)).toEqual({ buyShare: 0.5, low: 0.299, high: 0.701, before: 7 })
  })

  it('says when the sale opens, or opened', () => {
    expect(statusOf(room({}, {}), 0, 0).opensAtMs).toBe(OPENS_MS)
    expect(statusOf(room({}, { openedAtMs: 5 }), 0, 0).opensAtMs).toBe(5)
    expect(statusOf(room({ opensAt: null }, {}), 0, 0).opensAtMs).toBeNull()
  })

  it('names the next batch in an open sale alone, and never one in the past', () => {
    const state = openState(5, { nextBatchAtMs: 1_000 })
    const next = (nowMs: number, change: object = {}, config: object = {}) =>
      statusOf(room({ ...config }, { ...state, ...change }), 0, nowMs).nextBatchAtMs
    expect([999, 1_000, 1_001].map(nowMs => next(nowMs))).toEqual([1_000, 1_000, 1_001])
    expect(next(999, { pausedAtMs: 1 })).toBeNull()
    expect(next(999, { openedAtMs: null, nextBatchAtMs: null })).toBeNull()
    expect(next(999, {}, { stock: 0 })).toBeNull()
  })
})
