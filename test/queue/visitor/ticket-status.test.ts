import { describe, expect, it } from 'vitest'
import { isAdmitted } from '../../../lib/queue/cohort/place.ts'
import { cohortRecord } from '../../../lib/queue/cohort/record.ts'
import { GROUP_COHORTS } from '../../../lib/queue/limits.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import {
  isOfThisSale,
  type TicketStatus,
  ticketStatusOf,
  waitSeconds,
} from '../../../lib/queue/visitor/ticket-status.ts'
import { OPENS_MS, openState, room, roomState, time } from '../rooms.ts'

/** One ticket whose place is `base + 1`. */
const record = (base: number) =>
  cohortRecord({ cohort: 2, base, sizes: [0, 1], seed: new Uint8Array(32), closedAtMs: OPENS_MS })
const ticket = { room: 'demo', id: '2.1.0', cohort: 2, shard: 1, index: 0, commitment: '' }
const TURN_MS = 600_000
const LET_IN_MS = OPENS_MS + 4_000

function statusAt(
  place: number | undefined,
  state: Partial<RoomState>,
  nowMs: number,
  config: Record<string, unknown> = {},
): TicketStatus {
  const there = room(config, openState(100, state))
  return ticketStatusOf(there, ticket, place === undefined ? undefined : record(place - 1), nowMs)
}

const batches = { front: 30, batchesFrom: 10, batches: [{ to: 30, atMs: LET_IN_MS }] }

describe('where a ticket stands', () => {
  it('drawing, while its cohort is open', () => {
    expect(statusAt(undefined, {}, LET_IN_MS)).toEqual({ status: 'drawing' })
  })

  it('waiting, with the people ahead and the wait at the rate of the room', () => {
    const state = { ...batches, front: 30 }
    expect(statusAt(31, state, LET_IN_MS)).toMatchObject({ place: 31, ahead: 0, waitSeconds: 1 })
    expect(statusAt(90, state, LET_IN_MS, { ratePerMinute: 7 })).toEqual({
      status: 'waiting',
      place: 90,
      ahead: 59,
      waitSeconds: Math.ceil((60 * 60) / 7),
      odds: null,
    })
    expect(statusAt(90, state, LET_IN_MS, { ratePerMinute: 0 })).toMatchObject({
      waitSeconds: null,
    })
  })

  it('admitted, from the batch on until the millisecond before the turn ends', () => {
    const turn = { turnAtMs: LET_IN_MS, turnEndsAtMs: LET_IN_MS + TURN_MS }
    for (const nowMs of [LET_IN_MS - 1, LET_IN_MS, LET_IN_MS + TURN_MS - 1]) {
      expect(statusAt(30, batches, nowMs)).toEqual({ status: 'admitted', place: 30, ...turn })
      expect(statusAt(11, batches, nowMs)).toEqual({ status: 'admitted', place: 11, ...turn })
    }
  })

  it('missed, from the very end of the turn on', () => {
    for (const nowMs of [LET_IN_MS + TURN_MS, LET_IN_MS + TURN_MS + 1]) {
      expect(statusAt(30, batches, nowMs)).toEqual({ status: 'missed', place: 30, lateSeats: 0 })
    }
  })

  it('failure mode 22: admitted until the same moment, however late they come', () => {
    const ends = [0, 1, TURN_MS / 2, TURN_MS - 1].map(lateMs =>
      statusAt(30, batches, LET_IN_MS + lateMs),
    )
    for (const end of ends) expect(end).toMatchObject({ turnEndsAtMs: LET_IN_MS + TURN_MS })
  })

  it('missed, once the batch is forgotten', () => {
    expect(statusAt(10, batches, LET_IN_MS)).toEqual({ status: 'missed', place: 10, lateSeats: 0 })
    expect(statusAt(5, { front: 10, batchesFrom: 10 }, 0)).toEqual({
      status: 'missed',
      place: 5,
      lateSeats: 0,
    })
  })

  it('missed, with the seats of the late lane', () => {
    expect(statusAt(10, { ...batches, lateSeats: 3 }, LET_IN_MS)).toMatchObject({ lateSeats: 3 })
  })

  it('waiting, with a chance that falls with the people ahead and who hope already', () => {
    // Half of those who were in bought; ten are left.
    const state = { ...batches, bought: 50, left: 50, hopeful: 4 }
    const odds = (place: number, hopeful = 4) => {
      const found = statusAt(place, { ...state, hopeful }, LET_IN_MS, { stock: 60 })
      return found.status === 'waiting' ? found.odds : undefined
    }
    // Five ahead and four inside cannot buy ten.
    expect(odds(36)).toBe(1)
    expect(odds(37)).toBeLessThan(1)
    const chances = [40, 50, 60, 100].map(place => odds(place) ?? Number.NaN)
    expect(chances).toEqual([...chances].sort((a, b) => b - a))
    expect(odds(50, 10)).toBeLessThan(odds(50, 0) ?? 0)
    expect(odds(100)).toBe(0)
  })

  it('waiting, without a chance while nothing is counted or too few have decided', () => {
    const state = { ...batches, bought: 10, left: 9 }
    expect(statusAt(36, state, LET_IN_MS, { stock: 60 })).toMatchObject({ odds: null })
    expect(statusAt(36, { ...state, left: 90 }, LET_IN_MS)).toMatchObject({ odds: null })
  })

  it('waiting longer, where the health of the showroom slows admission down', () => {
    const health = { share: 0.5, changedAtMs: 0, isBad: true, reportedAtMs: 0 }
    expect(statusAt(90, { ...batches, health }, LET_IN_MS)).toMatchObject({ waitSeconds: 12 })
  })

  it('in the turn of its own batch, not of the next one', () => {
    const two = {
      front: 30,
      batches: [
        { to: 20, atMs: LET_IN_MS },
        { to: 30, atMs: LET_IN_MS + 2_000 },
      ],
    }
    expect(statusAt(20, two, LET_IN_MS)).toMatchObject({ turnAtMs: LET_IN_MS })
    expect(statusAt(21, two, LET_IN_MS)).toMatchObject({ turnAtMs: LET_IN_MS + 2_000 })
    expect(statusAt(20, two, LET_IN_MS + TURN_MS)).toMatchObject({ status: 'missed' })
    expect(statusAt(21, two, LET_IN_MS + TURN_MS)).toMatchObject({ status: 'admitted' })
  })

  it('follows the turn that is configured now', () => {
    const config = { turnSeconds: 10 }
    expect(statusAt(30, batches, LET_IN_MS + 9_999, config).status).toBe('admitted')
    expect(statusAt(30, batches, LET_IN_MS + 10_000, config).status).toBe('missed')
  })

  const over = { closesAt: time(OPENS_MS + 60_000) }
  it.each([
    ['paused', { ...batches, pausedAtMs: LET_IN_MS }, {}, LET_IN_MS],
    ['sold-out', batches, { stock: 0 }, LET_IN_MS],
    ['sold-out', { ...batches, bought: 5 }, { stock: 5 }, LET_IN_MS],
    ['closed', batches, { mode: 'closed' }, LET_IN_MS],
    ['ended', batches, over, OPENS_MS + 60_000],
    ['ended', { ...batches, endedAtMs: LET_IN_MS }, {}, LET_IN_MS],
  ] as const)('%s, for those before and behind the front alike', (status, state, config, nowMs) => {
    expect(statusAt(11, state, nowMs, config)).toEqual({ status, place: 11 })
    expect(statusAt(90, state, nowMs, config)).toEqual({ status, place: 90 })
    expect(statusAt(undefined, state, nowMs, config)).toEqual({ status })
  })

  it('failure mode 23: ended, and without a place, for a ticket of an earlier sale', () => {
    const state = { firstCohort: 3, openCohort: 4 }
    expect(statusAt(11, state, LET_IN_MS)).toEqual({ status: 'ended' })
    expect(isOfThisSale({ cohort: 2 }, roomState(state))).toBe(false)
    expect(isOfThisSale({ cohort: 3 }, roomState(state))).toBe(true)
  })

  it('ended for a ticket of another line: each line has cohorts of its own', () => {
    const group = { firstCohort: GROUP_COHORTS, openCohort: GROUP_COHORTS + 1 }
    expect(isOfThisSale({ cohort: GROUP_COHORTS }, roomState())).toBe(false)
    expect(isOfThisSale({ cohort: GROUP_COHORTS }, roomState(group))).toBe(true)
    expect(isOfThisSale({ cohort: GROUP_COHORTS - 1 }, roomState(group))).toBe(false)
    expect(isOfThisSale({ cohort: 2 * GROUP_COHORTS }, roomState(group))).toBe(false)
    expect(statusAt(11, group, LET_IN_MS)).toEqual({ status: 'ended' })
  })
})

describe('the parts of the status of a ticket', () => {
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
})
