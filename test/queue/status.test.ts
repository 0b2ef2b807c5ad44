import { describe, expect, it } from 'vitest'
import { STATUS_BYTES_MAX } from '../../lib/queue/limits.ts'
import { PHASES } from '../../lib/queue/phase.ts'
import type { RoomConfig } from '../../lib/queue/room-config.ts'
import { statusOf, statusSchema } from '../../lib/queue/status.ts'
import { OPENS_MS, openState, room, roomConfig, time } from './rooms.ts'

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

/** 400 bytes as they travel, from characters that JSON and UTF-8 lengthen in every way. */
const messages = ['"', '\\', '\n', '\u0001', '\u007f', 'é', '€', '🚗', '\ud800', 'a'].map(text =>
  text.repeat(Math.floor(400 / (bytes(text) - 2))),
)

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
      openedAtMs: largest,
      nextBatchAtMs: largest,
      openCohort: largest,
      front: largest - 1,
      tail: largest,
    })
    const there = { id: 'r'.repeat(63), config, configVersion: 0, state }
    const status = statusOf(there, largest - 1, Date.parse('9999-12-31T00:00:00Z'))
    expect(bytes(status)).toBeLessThanOrEqual(STATUS_BYTES_MAX)
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
    })
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
