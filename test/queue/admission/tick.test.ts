import { describe, expect, it } from 'vitest'
import { beginTick, finishTick, tick } from '../../../lib/queue/admission/tick.ts'
import { closeDueAtMs } from '../../../lib/queue/cohort/arrival-window.ts'
import { EMPTY_HOUSE } from '../../../lib/queue/house/house.ts'
import { BATCHES_MAX, CATCH_UP_SECONDS_MAX } from '../../../lib/queue/limits.ts'
import { act } from '../../../lib/queue/room/actions.ts'
import { opened, openingDue } from '../../../lib/queue/room/opening.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { ticketStatusOf } from '../../../lib/queue/visitor/ticket-status.ts'
import { MADE_MS, OPENS_MS, openState, roomConfig, roomState, time } from '../rooms.ts'
import { houseOf, nobody, recordOf, run, step, ticks } from '../ticks.ts'

const CATCH_UP_MS = CATCH_UP_SECONDS_MAX * 1000
const HOUR_MS = 3_600_000
/** 600 a minute in batches of 2 seconds: 20 places. */
const config = roomConfig()
const at = (atMs: number, arrivals = 0) => ({ atMs, arrivals })

describe('the opening', () => {
  it.each([
    ['a millisecond early', {}, {}, OPENS_MS - 1, false],
    ['on time', {}, {}, OPENS_MS, true],
    ['late', {}, {}, OPENS_MS + HOUR_MS, true],
    ['by the operator alone', { opensAt: null }, {}, OPENS_MS, false],
    ['held by a pause', {}, { pausedAtMs: MADE_MS }, OPENS_MS, false],
    ['once', {}, { openedAtMs: OPENS_MS }, OPENS_MS, false],
    ['not after the end', {}, { endedAtMs: MADE_MS }, OPENS_MS, false],
  ] as const)('%s', (_, input, state, nowMs, due) => {
    expect(openingDue({ config: roomConfig(input), state: roomState(state) }, nowMs)).toBe(due)
  })

  it('lets the first batch in with the very tick that closes the gathering', () => {
    const state = step(roomState(), config, at(OPENS_MS, 100))
    expect(state).toMatchObject({
      openedAtMs: OPENS_MS,
      front: 20,
      tail: 100,
      openCohort: 1,
      cohortOpenedAtMs: OPENS_MS,
      nextBatchAtMs: OPENS_MS + 2_000,
      batches: [{ to: 20, atMs: OPENS_MS }],
    })
  })

  it('by a late tick dates from its time, and what is owed since then is let in', () => {
    const state = step(roomState(), config, at(OPENS_MS + 4_500, 100))
    expect(state).toMatchObject({
      openedAtMs: OPENS_MS,
      front: 60,
      nextBatchAtMs: OPENS_MS + 6_000,
    })
  })

  it('dates from now after a silence of more than the catch-up bound', () => {
    const openedAt = (lateMs: number) =>
      opened({ config, state: roomState() }, OPENS_MS + lateMs).openedAtMs
    expect(openedAt(CATCH_UP_MS - 1)).toBe(OPENS_MS)
    expect(openedAt(CATCH_UP_MS)).toBe(OPENS_MS)
    expect(openedAt(CATCH_UP_MS + 1)).toBe(OPENS_MS + CATCH_UP_MS + 1)
    const late = step(roomState(), config, at(OPENS_MS + CATCH_UP_MS + 1, 100))
    expect(late.front).toBe(20)
  })

  it('of a room that is made after its time dates from its making', () => {
    const past = roomConfig({ opensAt: time(MADE_MS - 5_000) })
    const state = step(roomState(), past, at(MADE_MS + 300))
    expect(state.openedAtMs).toBe(MADE_MS)
    const longPast = roomConfig({ opensAt: time(MADE_MS - HOUR_MS) })
    expect(step(roomState(), longPast, at(MADE_MS + 300)).openedAtMs).toBe(MADE_MS + 300)
  })

  it('by the operator, ahead of the schedule, is not repeated by the schedule', () => {
    const early = act({ config, state: roomState() }, 'open', OPENS_MS - 60_000)
    expect(early).toMatchObject({ openedAtMs: OPENS_MS - 60_000 })
    expect(step(early, config, at(OPENS_MS)).openedAtMs).toBe(OPENS_MS - 60_000)
  })

  it('that a pause held is made up for by no rush', () => {
    const held = act({ config, state: roomState() }, 'pause', OPENS_MS - 1)
    expect(step(held, config, at(OPENS_MS + 5_000))).toBe(held)
    const resumed = act({ config, state: held }, 'resume', OPENS_MS + 9_000)
    expect(step(resumed, config, at(OPENS_MS + 9_000, 100)).front).toBe(20)
  })
})

describe('the close of the open cohort', () => {
  const due = (change: Partial<RoomState>, input = {}) =>
    closeDueAtMs({ config: roomConfig(input), state: roomState(change) })

  it('is due never before the opening', () => {
    expect(due({})).toBeNull()
  })

  it('is due at the opening for the gathering', () => {
    expect(due({ openedAtMs: OPENS_MS })).toBe(OPENS_MS)
  })

  it('is due after the arrival window, or a second where nobody waits', () => {
    const open = { openedAtMs: OPENS_MS, cohortOpenedAtMs: OPENS_MS + 50 }
    expect(due({ ...open, tail: 1 })).toBe(OPENS_MS + 50 + 5_000)
    expect(due({ ...open, tail: 1 }, { arrivalWindowSeconds: 60 })).toBe(OPENS_MS + 50 + 60_000)
    expect(due({ ...open })).toBe(OPENS_MS + 50 + 1_000)
  })

  it('lets the line grow and opens the next cohort', () => {
    const state = step(openState(0, { openCohort: 4 }), config, at(OPENS_MS + 100, 7))
    expect(state).toMatchObject({ openCohort: 5, tail: 7, cohortOpenedAtMs: OPENS_MS + 100 })
  })

  it('failure mode 2: by a record that comes again changes nothing', () => {
    const before = openState(50, { openCohort: 4, nextBatchAtMs: OPENS_MS + 9_000 })
    const closed = recordOf(before, 7)
    const once = tick({ config, state: before }, { ...nobody, closed }, OPENS_MS)
    expect(once).toMatchObject({ openCohort: 5, tail: 57 })
    expect(tick({ config, state: once }, { ...nobody, closed }, OPENS_MS + 1)).toBe(once)
  })

  it('makes the next window longer or shorter once, however often its record comes', () => {
    const before = openState(50, { windowDoublings: 1, nextBatchAtMs: OPENS_MS + 9_000 })
    const closed = recordOf(before, 100)
    const failing = tick({ config, state: before }, { ...nobody, closed, retried: 2 }, OPENS_MS)
    expect(failing.windowDoublings).toBe(2)
    expect(tick({ config, state: failing }, { ...nobody, closed, retried: 2 }, OPENS_MS)).toBe(
      failing,
    )
    const well = tick({ config, state: before }, { ...nobody, closed, retried: 1 }, OPENS_MS)
    expect(well.windowDoublings).toBe(0)
  })

  it('goes on during a pause, and lets nobody in', () => {
    const paused = openState(5, { pausedAtMs: OPENS_MS })
    expect(step(paused, config, at(OPENS_MS + 5_000, 7))).toMatchObject({ front: 0, tail: 12 })
  })
})

describe('a batch', () => {
  it('comes when it is due, not a millisecond before', () => {
    const state = openState(100, { nextBatchAtMs: OPENS_MS + 2_000 })
    expect(step(state, config, at(OPENS_MS + 1_999))).toBe(state)
    expect(step(state, config, at(OPENS_MS + 2_000)).front).toBe(20)
    expect(step(state, config, at(OPENS_MS + 2_001))).toMatchObject({
      front: 20,
      nextBatchAtMs: OPENS_MS + 4_000,
    })
  })

  it('failure mode 15: is let in once, however often its tick comes', () => {
    const once = step(openState(100), config, at(OPENS_MS))
    expect(step(once, config, at(OPENS_MS))).toBe(once)
    expect(step(once, config, at(OPENS_MS + 1_999))).toBe(once)
  })

  it('failure mode 14: is let in whether or not those before walked in', () => {
    const states = run(openState(100), config, ticks(OPENS_MS, OPENS_MS + 8_000, 2_000))
    expect(states.map(({ front }) => front)).toEqual([20, 40, 60, 80, 100])
  })

  it('carries what a rate owes beyond whole places, exactly', () => {
    const slow = roomConfig({ ratePerMinute: 7 })
    const last = run(openState(100_000), slow, ticks(OPENS_MS, OPENS_MS + HOUR_MS)).at(-1)
    // An hour at 7 a minute, and the batch at its end.
    expect(last?.front).toBe(Math.floor((7 * 60 * 60 + 7 * 2) / 60))
    expect(last).toMatchObject({ front: 420, carry: 14_000 })
  })

  it('follows a rate, a beat and a line of any size without losing a place to rounding', () => {
    const fast = roomConfig({ ratePerMinute: 999_999, batchSeconds: 7 })
    const last = run(openState(4_294_967_295), fast, ticks(OPENS_MS, OPENS_MS + 70_000)).at(-1)
    expect(last?.front).toBe(Math.floor((999_999 * 7 * 11) / 60))
  })

  it('keeps its carry when rate or beat are edited', () => {
    const state = openState(100, { carry: 59_999, doubleCarry: 59_999 })
    expect(step(state, roomConfig({ ratePerMinute: 1, batchSeconds: 1 }), at(OPENS_MS)).front).toBe(
      1,
    )
    const edited = roomConfig({ ratePerMinute: 30, batchSeconds: 1 })
    expect(step(state, edited, at(OPENS_MS))).toMatchObject({ front: 1, carry: 29_999 })
  })

  it('after an edit of the beat still comes when the last one said', () => {
    const state = step(openState(1_000), roomConfig({ batchSeconds: 60 }), at(OPENS_MS))
    expect(state).toMatchObject({ front: 600, nextBatchAtMs: OPENS_MS + 60_000 })
    const edited = run(state, config, ticks(OPENS_MS + 1_000, OPENS_MS + 60_000))
    expect(edited.map(({ front }) => front).slice(-2)).toEqual([600, 620])
  })

  it('lets nobody in at a rate of 0, and saves nothing up', () => {
    const closed = roomConfig({ ratePerMinute: 0 })
    const last = run(openState(100), closed, ticks(OPENS_MS, OPENS_MS + HOUR_MS)).at(-1)
    expect(last?.front).toBe(0)
    expect(step(last ?? roomState(), config, at(OPENS_MS + HOUR_MS + 2_000)).front).toBe(20)
  })
})

describe('failure mode 10: a quiet time lets no rush in', () => {
  const rush = (state: RoomState, atMs: number) =>
    run(state, config, [at(atMs, 1_000), at(atMs + 1_999), at(atMs + 2_000)]).map(
      ({ front }) => front - state.front,
    )

  it('after an hour in which ticks found nobody', () => {
    const quiet = run(openState(0), config, ticks(OPENS_MS, OPENS_MS + HOUR_MS)).at(-1)
    expect(rush(quiet ?? roomState(), OPENS_MS + HOUR_MS + 700)).toEqual([20, 20, 40])
  })

  it('after an hour asleep', () => {
    expect(rush(openState(0), OPENS_MS + HOUR_MS)).toEqual([20, 20, 40])
  })

  it('after seconds without anybody', () => {
    expect(rush(openState(0), OPENS_MS + 9_000)).toEqual([20, 20, 40])
  })

  it('after a last batch that was not full', () => {
    const state = step(openState(5), config, at(OPENS_MS))
    expect(state).toMatchObject({ front: 5, carry: 0, nextBatchAtMs: OPENS_MS + 2_000 })
    const joined = step(state, config, at(OPENS_MS + 1_000, 1_000))
    expect(joined.front).toBe(5)
    expect(step(joined, config, at(OPENS_MS + 2_000)).front).toBe(25)
  })

  it('after an hour without seats', () => {
    const small = roomConfig({ capacity: 100 })
    let state = openState(1_000)
    for (const one of ticks(OPENS_MS, OPENS_MS + HOUR_MS)) {
      state = step(state, small, one, { inside: 100 })
    }
    expect(state.front).toBe(0)
    const free = { inside: 0 }
    expect(step(state, small, at(OPENS_MS + HOUR_MS + 2_000), free).front).toBe(20)
  })

  it('and writes nothing while nobody is there', () => {
    const state = openState(0, { sleepsAtMs: 1 })
    for (const one of ticks(OPENS_MS, OPENS_MS + 60_000))
      expect(step(state, config, one)).toBe(state)
  })
})

describe('a tick that comes late', () => {
  const front = (lateMs: number, input = {}) =>
    step(openState(10_000), roomConfig(input), at(OPENS_MS + lateMs)).front

  it('lets in what was owed meanwhile, up to the catch-up bound', () => {
    expect([0, 1_999, 2_000, 9_999].map(late => front(late))).toEqual([20, 20, 40, 100])
    expect(front(CATCH_UP_MS - 1)).toBe(100)
    expect(front(CATCH_UP_MS)).toBe(120)
  })

  it('gives up what was missed in a longer silence: one batch, and the beat starts anew', () => {
    const late = OPENS_MS + CATCH_UP_MS + 1
    expect(step(openState(10_000, { carry: 59_999 }), config, at(late))).toMatchObject({
      front: 20,
      carry: 0,
      nextBatchAtMs: late + 2_000,
    })
    expect(front(HOUR_MS)).toBe(20)
  })

  it('counts one batch where the beat is longer than the bound', () => {
    expect(front(CATCH_UP_MS, { batchSeconds: 60 })).toBe(600)
    expect(front(CATCH_UP_MS, { batchSeconds: 10 })).toBe(200)
    expect(front(CATCH_UP_MS, { batchSeconds: 11 })).toBe(110)
  })
})

describe('failure mode 20: a clock that is wrong', () => {
  it('by stepping back seconds has no effect', () => {
    const states = run(openState(1_000), config, ticks(OPENS_MS, OPENS_MS + 60_000))
    const last = states.at(-1) ?? roomState()
    for (const backMs of [1, 1_000, 5_000, 59_000]) {
      expect(step(last, config, at(OPENS_MS + 60_000 - backMs))).toBe(last)
    }
    expect(step(last, config, at(OPENS_MS + 62_000)).front).toBe(last.front + 20)
  })

  it('by having been far ahead does not stop the line', () => {
    const twoBeats = 2 * 60_000
    const ahead = (ms: number) => openState(100, { nextBatchAtMs: OPENS_MS + ms })
    const patient = ahead(twoBeats)
    expect(step(patient, config, at(OPENS_MS))).toBe(patient)
    const anchored = step(ahead(twoBeats + 1), config, at(OPENS_MS))
    expect(anchored).toMatchObject({ front: 0, nextBatchAtMs: OPENS_MS + 2_000 })
    expect(step(anchored, config, at(OPENS_MS + 2_000)).front).toBe(20)
  })

  it('never dates a batch before the one before it', () => {
    const ahead = step(openState(100), config, at(OPENS_MS + 5_000))
    const back = { ...ahead, nextBatchAtMs: OPENS_MS }
    const state = step(back, config, at(OPENS_MS + 1_000))
    expect(state.front).toBeGreaterThan(ahead.front)
    expect(state.batches.at(-1)?.atMs).toBe(OPENS_MS + 5_000)
  })
})

describe('seats', () => {
  const small = roomConfig({ capacity: 100 })
  const letIn = (inside: number, openTurns: number) => {
    const batches = openTurns === 0 ? [] : [{ to: openTurns, atMs: OPENS_MS }]
    const state = openState(1_000, { front: openTurns, batches })
    return step(state, small, at(OPENS_MS), { house: houseOf(inside) }).front - openTurns
  }

  it('are never given twice: people inside and open turns both hold one', () => {
    expect(letIn(0, 0)).toBe(20)
    expect(letIn(80, 0)).toBe(20)
    expect(letIn(81, 0)).toBe(19)
    expect(letIn(60, 39)).toBe(1)
    expect(letIn(60, 40)).toBe(0)
    expect(letIn(100, 100)).toBe(0)
  })

  it('failure mode 13: are held by those who were let in and have not walked in yet', () => {
    let state = openState(1_000)
    for (const one of ticks(OPENS_MS, OPENS_MS + 60_000)) {
      state = step(state, small, one, { house: EMPTY_HOUSE })
    }
    expect(state.front).toBe(100)
  })

  it('are shared by the two batches of a tick that also closes a cohort', () => {
    const before = openState(3)
    const house = houseOf(90)
    const state = step(before, small, at(OPENS_MS + 5_000, 500), { house })
    expect(state.front).toBe(10)
    expect(step(state, small, at(OPENS_MS + 7_000), { house }).front).toBe(10)
  })
})

describe('a room in which nobody may go in', () => {
  it.each([
    ['paused', { pausedAtMs: OPENS_MS }, {}],
    ['sold out', {}, { stock: 0 }],
    ['ended by hand', { endedAtMs: OPENS_MS }, {}],
    ['closed by its clock', {}, { closesAt: time(OPENS_MS + 1) }],
  ] as const)('%s: front stands still', (_, change, input) => {
    const states = run(openState(100, change), roomConfig(input), [
      at(OPENS_MS + 1),
      at(OPENS_MS + 2_000),
      at(OPENS_MS + HOUR_MS),
    ])
    expect(states.map(({ front }) => front)).toEqual([0, 0, 0])
  })

  it('and that goes on later lets in one batch, not what it missed', () => {
    const later = OPENS_MS + HOUR_MS
    const soldOut = step(openState(100), roomConfig({ stock: 0 }), at(OPENS_MS))
    expect(step(soldOut, roomConfig({ stock: 50 }), at(later)).front).toBe(20)
    const closed = step(
      openState(100),
      roomConfig({ closesAt: time(OPENS_MS + 1) }),
      at(OPENS_MS + 1),
    )
    expect(step(closed, roomConfig({ closesAt: time(later + 1) }), at(later)).front).toBe(20)
    const paused = run(
      act({ config, state: openState(100) }, 'pause', OPENS_MS),
      config,
      ticks(OPENS_MS, later),
    )
    const resumed = act({ config, state: paused.at(-1) ?? roomState() }, 'resume', later)
    expect(step(resumed, config, at(later)).front).toBe(20)
  })

  it('closed by its clock at the very millisecond, not before', () => {
    const input = { closesAt: time(OPENS_MS + 2_000) }
    const state = openState(100, { nextBatchAtMs: OPENS_MS + 1_999 })
    expect(step(state, roomConfig(input), at(OPENS_MS + 1_999)).front).toBe(20)
    expect(step(state, roomConfig(input), at(OPENS_MS + 2_000))).toBe(state)
  })
})

describe('turns', () => {
  const TURN_MS = 600_000
  const someone = { room: 'demo', id: '0.0.0', cohort: 0, shard: 0, index: 0, commitment: '' }
  const ticketStatus = (state: RoomState, nowMs: number) =>
    ticketStatusOf(
      { id: 'demo', config, configVersion: 0, state },
      someone,
      recordOf(roomState(), 1),
      nowMs,
    )

  it('are forgotten by the tick at their end, not before', () => {
    const state = step(openState(20), config, at(OPENS_MS))
    const before = step(state, config, at(OPENS_MS + TURN_MS - 1))
    expect(before).toMatchObject({ batchesFrom: 0, batches: [{ to: 20, atMs: OPENS_MS }] })
    expect(ticketStatus(before, OPENS_MS + TURN_MS - 1).status).toBe('admitted')
    const after = step(before, config, at(OPENS_MS + TURN_MS))
    expect(after).toMatchObject({ batchesFrom: 20, batches: [] })
    expect(ticketStatus(before, OPENS_MS + TURN_MS).status).toBe('missed')
    expect(ticketStatus(after, OPENS_MS + TURN_MS).status).toBe('missed')
  })

  it('stand still during a pause and go on after it', () => {
    const state = act(
      { config, state: step(openState(20), config, at(OPENS_MS)) },
      'pause',
      OPENS_MS + 1_000,
    )
    const resumedAt = OPENS_MS + HOUR_MS
    const ticked = run(state, config, ticks(OPENS_MS + 1_000, resumedAt, 60_000)).at(-1)
    const resumed = act({ config, state: ticked ?? roomState() }, 'resume', resumedAt)
    const later = step(resumed, config, at(resumedAt))
    expect(ticketStatus(later, resumedAt + TURN_MS - 1_001).status).toBe('admitted')
    expect(ticketStatus(later, resumedAt + TURN_MS - 1_000).status).toBe('missed')
  })

  it('of more batches than are kept merge, and none gets shorter', () => {
    // A batch each second, as short turns keep them, when turns become an hour long.
    const batches = Array.from({ length: 2 * BATCHES_MAX }, (_, n) => ({
      to: n + 1,
      atMs: OPENS_MS + n * 1_000,
    }))
    const nowMs = OPENS_MS + 2 * BATCHES_MAX * 1_000
    const state = openState(10_000, { front: 2 * BATCHES_MAX, batches, nextBatchAtMs: nowMs })
    const next = step(state, roomConfig({ turnSeconds: 3_600 }), at(nowMs))
    expect(next.batches.length).toBeLessThanOrEqual(BATCHES_MAX)
    for (const { to, atMs } of batches) {
      const kept = next.batches.find(batch => to <= batch.to)
      expect(kept?.atMs).toBeGreaterThanOrEqual(atMs)
      expect(kept?.atMs).toBeLessThan(atMs + 3_600_000 / (BATCHES_MAX - 1))
    }
  })
})

describe('sleep', () => {
  it('is announced once nobody is left, and taken back for a visitor', () => {
    const announced = step(openState(0), config, at(OPENS_MS))
    expect(announced.sleepsAtMs).toBe(OPENS_MS + 10_000)
    expect(step(announced, config, at(OPENS_MS + 5_000))).toBe(announced)
    const visited = step(announced, config, at(OPENS_MS + 5_000), { openCohortEmpty: false })
    expect(visited.sleepsAtMs).toBeNull()
    expect(step(announced, config, at(OPENS_MS + 5_000, 21)).sleepsAtMs).toBeNull()
  })

  it('is not announced while somebody waits, or has joined', () => {
    expect(step(openState(21), config, at(OPENS_MS)).sleepsAtMs).toBeNull()
    const joined = step(openState(0), config, at(OPENS_MS), { openCohortEmpty: false })
    expect(joined.sleepsAtMs).toBeNull()
  })

  it('is announced with the batch that empties the line', () => {
    expect(step(openState(20), config, at(OPENS_MS)).sleepsAtMs).toBe(OPENS_MS + 10_000)
  })

  it('is announced in a sold-out room, whoever waits, and taken back by new stock', () => {
    const soldOut = step(openState(500), roomConfig({ stock: 0 }), at(OPENS_MS))
    expect(soldOut.sleepsAtMs).toBe(OPENS_MS + 10_000)
    expect(step(soldOut, roomConfig({ stock: 1 }), at(OPENS_MS + 1)).sleepsAtMs).toBeNull()
  })

  it('is not announced before the opening', () => {
    const state = roomState()
    expect(step(state, config, at(OPENS_MS - 1))).toBe(state)
  })
})

describe('the doublings of the arrival window', () => {
  it('end once nobody is in line and nobody comes, so that the next visitor waits a second', () => {
    const wide = openState(0, { windowDoublings: 3 })
    expect(step(wide, config, at(OPENS_MS)).windowDoublings).toBe(0)
    const joined = step(wide, config, at(OPENS_MS), { openCohortEmpty: false })
    expect(joined.windowDoublings).toBe(3)
    expect(step(openState(500, { windowDoublings: 3 }), config, at(OPENS_MS)).windowDoublings).toBe(
      3,
    )
  })
})

describe('a tick', () => {
  it('forecasts twice, before and after it lets people in, however many lines there are', () => {
    let reads = 0
    // Only a forecast looks at how soon people come: once for the curve, once for the mean.
    const house = {
      ...EMPTY_HOUSE,
      get ageClasses() {
        reads++
        return []
      },
    }
    const groups = { a: openState(50), b: openState(50) }
    const state = openState(100, { groups })
    tick({ config, state }, { ...nobody, house }, OPENS_MS + 60_000)
    expect(reads).toBe(2 * 2)
  })

  it('is both its halves: what was read between them is what the first half said', () => {
    const state = openState(100, { openedAtMs: null, openCohort: 4 })
    const begun = beginTick({ config, state }, EMPTY_HOUSE, OPENS_MS)
    expect(begun).toMatchObject({ opens: true, phase: 'open', ratePerMinute: 600 })
    const closed = recordOf(begun.room.state, 7)
    const { state: next } = finishTick(begun, { ...nobody, closed })
    expect(next).toEqual(tick({ config, state }, { ...nobody, closed }, OPENS_MS))
    expect(next.openCohort).toBe(5)
  })
})
