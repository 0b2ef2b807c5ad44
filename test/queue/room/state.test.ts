import { describe, expect, it } from 'vitest'
import { GROUP_COHORTS, JOIN_COHORTS_MAX, SHARDS } from '../../../lib/queue/limits.ts'
import { newLine } from '../../../lib/queue/room/line.ts'
import { lineOf, linesOf, withLine } from '../../../lib/queue/room/lines.ts'
import { newEpoch, roomStateSchema } from '../../../lib/queue/room/state.ts'
import { MADE_MS, OPENS_MS, openState, roomConfig, roomState } from '../rooms.ts'
import { run } from '../ticks.ts'

describe('the state of a new sale', () => {
  it('of a new room starts at cohort 0 and place 1', () => {
    expect(newEpoch(undefined, 'k1', MADE_MS)).toEqual({
      version: 0,
      epoch: 0,
      firstCohort: 0,
      openCohort: 0,
      cohortOpenedAtMs: MADE_MS,
      shards: SHARDS,
      drawKeyId: 'k1',
      openedAtMs: null,
      pausedAtMs: null,
      endedAtMs: null,
      sleepsAtMs: null,
      windowDoublings: 0,
      front: 0,
      tail: 0,
      nextBatchAtMs: null,
      carry: 0,
      doubleCarry: 0,
      batchesFrom: 0,
      batches: [],
      soldOutAtMs: null,
      groups: {},
      manual: 0,
      binding: null,
      showUp: { turns: 0, used: 0 },
      booking: null,
      pace: [],
      pacedRate: null,
      bought: 0,
      settled: 0,
      left: 0,
      firstBoughtAtMs: null,
      lastBoughtAtMs: null,
      lateSeats: 0,
      hopeful: 0,
      health: null,
    })
  })

  it('failure mode 23: keeps nothing of the sale before but the numbers that must go on', () => {
    const before = openState(50, { version: 9, epoch: 2, openCohort: 7, endedAtMs: OPENS_MS })
    const after = newEpoch(before, 'k2', OPENS_MS)
    expect(after).toEqual({
      ...newEpoch(undefined, 'k2', OPENS_MS),
      version: 9,
      epoch: 3,
      firstCohort: 7 + JOIN_COHORTS_MAX,
      openCohort: 7 + JOIN_COHORTS_MAX,
    })
  })

  it('keeps the lines of its groups, empty, and with cohorts that were never used', () => {
    const vip = { ...newLine(GROUP_COHORTS, MADE_MS), openCohort: GROUP_COHORTS + 7, tail: 9 }
    const after = newEpoch(roomState({ groups: { vip } }), 'k1', OPENS_MS)
    expect(after.groups).toEqual({
      vip: newLine(GROUP_COHORTS + 7 + JOIN_COHORTS_MAX, OPENS_MS),
    })
  })

  it('starts behind every cohort that a join of the sale before may have reached', () => {
    const before = roomState({ openCohort: 7 })
    const reached = before.openCohort + JOIN_COHORTS_MAX - 1
    expect(newEpoch(before, 'k1', 0).firstCohort).toBeGreaterThan(reached)
  })
})

describe('the lines of a room', () => {
  const vip = newLine(GROUP_COHORTS, MADE_MS)
  const state = roomState({ groups: { vip } })

  it('are the main one, and then those of the groups', () => {
    expect(linesOf(state).map(({ name }) => name)).toEqual(['', 'vip'])
    expect(lineOf(state, '')).toBe(state)
    expect(lineOf(state, 'vip')).toBe(vip)
  })

  it.each(['press', 'toString', '__proto__', 'constructor'])('have none of the name %s', name => {
    expect(lineOf(state, name)).toBeUndefined()
  })

  it('change one by one, and a line that is the same changes nothing', () => {
    expect(withLine(state, 'vip', vip)).toBe(state)
    expect(withLine(state, '', state)).toBe(state)
    const longer = { ...vip, tail: 5 }
    expect(withLine(state, 'vip', longer)).toEqual({ ...state, groups: { vip: longer } })
    expect(withLine(state, '', longer)).toEqual({ ...state, ...longer })
  })
})

describe('the schema of a state', () => {
  it('accepts every state that ticks make, unchanged by JSON', () => {
    const given = [0, 500, 0, 3, 0].map((arrivals, n) => ({ atMs: OPENS_MS + n * 2_500, arrivals }))
    for (const state of run(roomState(), roomConfig(), given)) {
      expect(roomStateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
    }
  })

  it('reads a state that was written before there were stock, groups and health', () => {
    const { groups: _, showUp: __, pace: ___, health: ____, manual: _____, ...older } = roomState()
    expect(roomStateSchema.parse(older)).toEqual(roomState())
  })

  it.each([{ front: -1 }, { tail: 0.5 }, { shards: 0 }, { batches: [{ to: 1 }] }, { epoch: null }])(
    'refuses %j',
    change => {
      expect(roomStateSchema.safeParse({ ...roomState(), ...change }).success).toBe(false)
    },
  )
})
