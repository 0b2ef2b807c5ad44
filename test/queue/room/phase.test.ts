import { describe, expect, it } from 'vitest'
import {
  busyWindowSeconds,
  isGathering,
  nextDoublings,
  windowMs,
} from '../../../lib/queue/cohort/arrival-window.ts'
import { PHASES, type Phase, phaseOf } from '../../../lib/queue/room/phase.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { MADE_MS, OPENS_MS, room, roomState, time } from '../rooms.ts'

const DOORS_MS = OPENS_MS - 1_800_000
const CLOSES_MS = OPENS_MS + 7_200_000
const schedule = { doorsAt: time(DOORS_MS), closesAt: time(CLOSES_MS) }
const open = { openedAtMs: OPENS_MS }

interface Case {
  config?: Record<string, unknown>
  state?: Partial<RoomState>
  at: number
  phase: Phase
}

const cases: Case[] = [
  // Doors.
  { at: DOORS_MS - 1, phase: 'scheduled' },
  { at: DOORS_MS, phase: 'gathering' },
  { at: DOORS_MS + 1, phase: 'gathering' },
  { config: { doorsAt: null }, at: MADE_MS, phase: 'gathering' },
  // Opening: the clock alone does not open a room, its tick does.
  { at: OPENS_MS - 1, phase: 'gathering' },
  { at: OPENS_MS, phase: 'gathering' },
  { at: OPENS_MS + 1, phase: 'gathering' },
  { state: open, at: OPENS_MS - 1, phase: 'open' },
  { state: open, at: OPENS_MS, phase: 'open' },
  { state: open, at: DOORS_MS - 1, phase: 'open' },
  { config: { opensAt: null }, at: OPENS_MS, phase: 'gathering' },
  // Closing.
  { state: open, at: CLOSES_MS - 1, phase: 'open' },
  { state: open, at: CLOSES_MS, phase: 'ended' },
  { state: open, at: CLOSES_MS + 1, phase: 'ended' },
  { at: CLOSES_MS, phase: 'ended' },
  { config: { closesAt: null }, state: open, at: CLOSES_MS, phase: 'open' },
  // Pause.
  { state: { ...open, pausedAtMs: OPENS_MS + 5 }, at: OPENS_MS + 5, phase: 'paused' },
  { state: { pausedAtMs: MADE_MS }, at: DOORS_MS - 1, phase: 'paused' },
  { state: { ...open, pausedAtMs: OPENS_MS }, at: CLOSES_MS, phase: 'ended' },
  // Stock.
  { config: { stock: 1 }, state: open, at: OPENS_MS, phase: 'open' },
  { config: { stock: 0 }, state: open, at: OPENS_MS, phase: 'soldOut' },
  {
    config: { stock: 0 },
    state: { ...open, pausedAtMs: OPENS_MS },
    at: OPENS_MS,
    phase: 'soldOut',
  },
  { config: { stock: 0 }, state: open, at: CLOSES_MS, phase: 'ended' },
  { config: { stock: 5 }, state: { ...open, bought: 4 }, at: OPENS_MS, phase: 'open' },
  { config: { stock: 5 }, state: { ...open, bought: 5 }, at: OPENS_MS, phase: 'soldOut' },
  { config: { stock: 5 }, state: { ...open, bought: 6 }, at: OPENS_MS, phase: 'soldOut' },
  { config: { stock: 5, stockLeft: 0 }, state: open, at: OPENS_MS, phase: 'soldOut' },
  {
    config: { stock: 5, stockLeft: 1 },
    state: { ...open, bought: 5 },
    at: OPENS_MS,
    phase: 'open',
  },
  // Modes.
  { config: { mode: 'auto' }, state: open, at: OPENS_MS, phase: 'open' },
  { config: { mode: 'off' }, state: open, at: OPENS_MS, phase: 'open' },
  { config: { mode: 'closed' }, at: DOORS_MS - 1, phase: 'closed' },
  { config: { mode: 'closed' }, state: open, at: OPENS_MS, phase: 'closed' },
  { config: { mode: 'closed', stock: 0 }, state: open, at: OPENS_MS, phase: 'closed' },
  {
    config: { mode: 'closed' },
    state: { ...open, pausedAtMs: OPENS_MS },
    at: OPENS_MS,
    phase: 'closed',
  },
  { config: { mode: 'closed' }, state: open, at: CLOSES_MS, phase: 'ended' },
  // End.
  { state: { ...open, endedAtMs: OPENS_MS + 9 }, at: OPENS_MS + 8, phase: 'ended' },
  { state: { endedAtMs: MADE_MS }, at: DOORS_MS - 1, phase: 'ended' },
]

describe('the phase of a room', () => {
  it.each(cases)('is $phase at $at with $config $state', ({ config, state, at, phase }) => {
    expect(phaseOf(room({ ...schedule, ...config }, state ?? {}), at)).toBe(phase)
  })

  it('has a case for every phase', () => {
    expect(new Set(cases.map(({ phase }) => phase))).toEqual(new Set(PHASES))
  })
})

describe('the arrival window', () => {
  const after = { ...open, cohortOpenedAtMs: OPENS_MS }

  it('is over with the gathering', () => {
    const gathering = { ...open, cohortOpenedAtMs: OPENS_MS - 1 }
    expect(isGathering(roomState())).toBe(true)
    expect(isGathering(roomState(gathering))).toBe(true)
    expect(isGathering(roomState(after))).toBe(false)
    expect(windowMs(room({}, gathering), 1)).toBe(0)
  })

  it('is the configured one while somebody waits, and the quiet one otherwise', () => {
    const config = { arrivalWindowSeconds: 7 }
    expect(windowMs(room(config, { ...after, front: 4, tail: 5 }), 1)).toBe(7_000)
    expect(windowMs(room(config, { ...after, front: 5, tail: 5 }), 1)).toBe(1_000)
  })
})

describe('doublings of the arrival window', () => {
  const after = { openedAtMs: OPENS_MS, cohortOpenedAtMs: OPENS_MS + 1 }
  const doubled = (windowDoublings: number, size: number, retried: number) =>
    nextDoublings(room({}, { ...after, windowDoublings }), size, retried)

  it('go up above 1 % of failed joins and not at it, and down otherwise', () => {
    expect(doubled(0, 1_000, 10)).toBe(0)
    expect(doubled(0, 1_000, 11)).toBe(1)
    expect(doubled(2, 1_000, 10)).toBe(1)
    expect(doubled(2, 1_000, 11)).toBe(3)
  })

  it('never make a window longer than 60 s, nor count on beyond it', () => {
    expect(doubled(4, 100, 100)).toBe(4)
    expect(busyWindowSeconds(room({}, { ...after, windowDoublings: 4 }))).toBe(60)
    expect(busyWindowSeconds(room({}, { ...after, windowDoublings: 3 }))).toBe(40)
  })
})
