import { describe, expect, it } from 'vitest'
import { cohortRecord } from '../../lib/queue/cohort.ts'
import { isAdmitted } from '../../lib/queue/place.ts'
import {
  isOfThisSale,
  openBatches,
  type Standing,
  standingOf,
  waitSeconds,
} from '../../lib/queue/standing.ts'
import type { RoomState } from '../../lib/queue/state.ts'
import { OPENS_MS, openState, room, roomState, time } from './rooms.ts'

/** One ticket whose place is `base + 1`. */
const record = (base: number) => cohortRecord(2, base, [0, 1], new Uint8Array(32), OPENS_MS)
const ticket = { room: 'demo', id: '2.1.0', cohort: 2, shard: 1, index: 0, commitment: '' }
const TURN_MS = 600_000
const LET_IN_MS = OPENS_MS + 4_000

function standing(
  place: number | undefined,
  state: Partial<RoomState>,
  nowMs: number,
  config: Record<string, unknown> = {},
): Standing {
  const there = room(config, openState(100, state))
  return standingOf(there, ticket, place === undefined ? undefined : record(place - 1), nowMs)
}

const batches = { front: 30, batchesFrom: 10, batches: [{ to: 30, atMs: LET_IN_MS }] }

describe('where a ticket stands', () => {
  it('drawing, while its cohort is open', () => {
    expect(standing(undefined, {}, LET_IN_MS)).toEqual({ status: 'drawing' })
  })

  it('waiting, with the people ahead and the wait at the rate of the room', () => {
    const state = { ...batches, front: 30 }
    expect(standing(31, state, LET_IN_MS)).toMatchObject({ place: 31, ahead: 0, waitSeconds: 1 })
    expect(standing(90, state, LET_IN_MS, { ratePerMinute: 7 })).toEqual({
      status: 'waiting',
      place: 90,
      ahead: 59,
      waitSeconds: Math.ceil((60 * 60) / 7),
    })
    expect(standing(90, state, LET_IN_MS, { ratePerMinute: 0 })).toMatchObject({
      waitSeconds: null,
    })
  })

  it('admitted, from the batch on until the millisecond before the turn ends', () => {
    const turn = { turnAtMs: LET_IN_MS, turnEndsAtMs: LET_IN_MS + TURN_MS }
    for (const nowMs of [LET_IN_MS - 1, LET_IN_MS, LET_IN_MS + TURN_MS - 1]) {
      expect(standing(30, batches, nowMs)).toEqual({ status: 'admitted', place: 30, ...turn })
      expect(standing(11, batches, nowMs)).toEqual({ status: 'admitted', place: 11, ...turn })
    }
  })

  it('missed, from the very end of the turn on', () => {
    for (const nowMs of [LET_IN_MS + TURN_MS, LET_IN_MS + TURN_MS + 1]) {
      expect(standing(30, batches, nowMs)).toEqual({ status: 'missed', place: 30 })
    }
  })

  it('failure mode 22: admitted until the same moment, however late they come', () => {
    const ends = [0, 1, TURN_MS / 2, TURN_MS - 1].map(lateMs =>
      standing(30, batches, LET_IN_MS + lateMs),
    )
    for (const end of ends) expect(end).toMatchObject({ turnEndsAtMs: LET_IN_MS + TURN_MS })
  })

  it('missed, once the batch is forgotten', () => {
    expect(standing(10, batches, LET_IN_MS)).toEqual({ status: 'missed', place: 10 })
    expect(standing(5, { front: 10, batchesFrom: 10 }, 0)).toEqual({ status: 'missed', place: 5 })
  })

  it('in the turn of its own batch, not of the next one', () => {
    const two = {
      front: 30,
      batches: [
        { to: 20, atMs: LET_IN_MS },
        { to: 30, atMs: LET_IN_MS + 2_000 },
      ],
    }
    expect(standing(20, two, LET_IN_MS)).toMatchObject({ turnAtMs: LET_IN_MS })
    expect(standing(21, two, LET_IN_MS)).toMatchObject({ turnAtMs: LET_IN_MS + 2_000 })
    expect(standing(20, two, LET_IN_MS + TURN_MS)).toMatchObject({ status: 'missed' })
    expect(standing(21, two, LET_IN_MS + TURN_MS)).toMatchObject({ status: 'admitted' })
  })

  it('follows the turn that is configured now', () => {
    const config = { turnSeconds: 10 }
    expect(standing(30, batches, LET_IN_MS + 9_999, config).status).toBe('admitted')
    expect(standing(30, batches, LET_IN_MS + 10_000, config).status).toBe('missed')
  })

  const over = { closesAt: time(OPENS_MS + 60_000) }
  it.each([
    ['paused', { ...batches, pausedAtMs: LET_IN_MS }, {}, LET_IN_MS],
    ['sold-out', batches, { stock: 0 }, LET_IN_MS],
    ['ended', batches, over, OPENS_MS + 60_000],
    ['ended', { ...batches, endedAtMs: LET_IN_MS }, {}, LET_IN_MS],
  ] as const)('%s, for those before and behind the front alike', (status, state, config, nowMs) => {
    expect(standing(11, state, nowMs, config)).toEqual({ status, place: 11 })
    expect(standing(90, state, nowMs, config)).toEqual({ status, place: 90 })
    expect(standing(undefined, state, nowMs, config)).toEqual({ status })
  })

  it('failure mode 23: ended, and without a place, for a ticket of an earlier sale', () => {
    const state = { firstCohort: 3, openCohort: 4 }
    expect(standing(11, state, LET_IN_MS)).toEqual({ status: 'ended' })
    expect(isOfThisSale({ cohort: 2 }, roomState(state))).toBe(false)
    expect(isOfThisSale({ cohort: 3 }, roomState(state))).toBe(true)
  })
})

describe('the parts of a standing', () => {
  it('admit a place up to the front, not the one behind it', () => {
    expect([29, 30, 31].map(place => isAdmitted(place, 30))).toEqual([true, true, false])
  })

  it('say a wait that never falls short of the rate', () => {
    expect(waitSeconds(0, 60)).toBe(1)
    expect(waitSeconds(59, 60)).toBe(60)
    expect(waitSeconds(0, 1_000_000)).toBe(1)
    expect(waitSeconds(0, 1)).toBe(60)
    expect(waitSeconds(5, 0)).toBeNull()
  })

  it('count the places of each running batch', () => {
    const state = roomState({
      front: 30,
      batchesFrom: 10,
      batches: [
        { to: 14, atMs: 1 },
        { to: 30, atMs: 2 },
      ],
    })
    expect(openBatches(state)).toEqual([
      { places: 4, atMs: 1 },
      { places: 16, atMs: 2 },
    ])
    expect(openBatches(roomState())).toEqual([])
  })
})
