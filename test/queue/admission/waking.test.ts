import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coveredUntilMs,
  isAsleep,
  isAwake,
  ticksDue,
  wakesAtMs,
} from '../../../lib/queue/admission/waking.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { MADE_MS, OPENS_MS, room, time } from '../rooms.ts'

const open = { openedAtMs: OPENS_MS + 7 }
const CLOSES_MS = OPENS_MS + 60_000

describe('when the clock must think of a room', () => {
  const cases: [string, Record<string, unknown>, Partial<RoomState>, number, number | null][] = [
    ['from its opening on', {}, {}, MADE_MS, OPENS_MS],
    ['never, when the operator opens it', { opensAt: null }, {}, MADE_MS, null],
    ['not while a pause holds the opening', {}, { pausedAtMs: MADE_MS }, MADE_MS, null],
    ['since it opened', {}, open, OPENS_MS + 99, OPENS_MS + 7],
    [
      'during a pause of the open sale',
      {},
      { ...open, pausedAtMs: OPENS_MS },
      CLOSES_MS,
      OPENS_MS + 7,
    ],
    ['a millisecond before it sleeps', {}, { ...open, sleepsAtMs: 500 }, 499, OPENS_MS + 7],
    ['no more once it sleeps', {}, { ...open, sleepsAtMs: 500 }, 500, null],
    [
      'a millisecond before it closes',
      { closesAt: time(CLOSES_MS) },
      open,
      CLOSES_MS - 1,
      OPENS_MS + 7,
    ],
    ['no more once it closed', { closesAt: time(CLOSES_MS) }, open, CLOSES_MS, null],
    ['no more once it is open and switched off', { mode: 'off' }, open, OPENS_MS, null],
    ['at the opening of one that is switched off', { mode: 'off' }, {}, MADE_MS, OPENS_MS],
    ['as ever in a room with an open way', { mode: 'auto' }, open, OPENS_MS, OPENS_MS + 7],
    ['no more once it ended', {}, { ...open, endedAtMs: 1 }, OPENS_MS, null],
  ]
  it.each(cases)('%s', (_, config, state, nowMs, expected) => {
    expect(wakesAtMs(room(config, state), nowMs)).toBe(expected)
  })

  it('and when a join must send for a tick', () => {
    const asleep = room({}, { ...open, sleepsAtMs: 500 })
    expect(isAwake(room({}, {}))).toBe(true)
    expect(isAwake(room({}, open))).toBe(true)
    expect(isAwake(asleep)).toBe(false)
    expect([499, 500].map(nowMs => isAsleep(asleep.state, nowMs))).toEqual([false, true])
    expect(isAsleep(room({}, open).state, 500)).toBe(false)
  })
})

describe('the ticks of a stretch of time', () => {
  it('come each second from the wake on, the end excluded', () => {
    expect(ticksDue(1_000, 0, 4_000)).toEqual([1_000, 2_000, 3_000])
    expect(ticksDue(500, 2_000, 4_000)).toEqual([2_000, 3_000])
    expect(ticksDue(4_000, 0, 4_000)).toEqual([])
    expect(ticksDue(3_999, 0, 4_000)).toEqual([3_999])
    expect(ticksDue(null, 0, 4_000)).toEqual([])
  })

  it('reach to the end of the next minute, so that a late clock run leaves no gap', () => {
    expect(coveredUntilMs(0)).toBe(120_000)
    expect(coveredUntilMs(59_999)).toBe(120_000)
    expect(coveredUntilMs(60_000)).toBe(180_000)
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(59_999), (minute, lateMs) => {
        const runMs = minute * 60_000 + lateMs
        const nextRunMs = (minute + 1) * 60_000 + 59_999
        expect(coveredUntilMs(runMs)).toBeGreaterThan(nextRunMs)
        expect(ticksDue(0, runMs, coveredUntilMs(runMs)).length).toBeLessThanOrEqual(120)
      }),
    )
  })
})
