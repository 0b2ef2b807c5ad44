/**
 * The laws of admission, as properties over random rates, beats, schedules, arrivals and ticks.
 * fast-check prints the seed of a failure.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PLACE_MS } from '../../../lib/queue/admission/batches.ts'
import { forecastOf } from '../../../lib/queue/admission/forecast.ts'
import { showUpOf } from '../../../lib/queue/admission/show-up.ts'
import { EMPTY_HOUSE } from '../../../lib/queue/house/house.ts'
import { turnSlot } from '../../../lib/queue/house/slots.ts'
import { BATCHES_MAX, CATCH_UP_SECONDS_MAX } from '../../../lib/queue/limits.ts'
import { act } from '../../../lib/queue/room/actions.ts'
import type { RoomConfig } from '../../../lib/queue/room/config.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { OPENS_MS, openState, roomConfig, roomState, time } from '../rooms.ts'
import { houseOf, run, type Step, step } from '../ticks.ts'

const CATCH_UP_MS = CATCH_UP_SECONDS_MAX * 1000

const configs = fc
  .record({
    ratePerMinute: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 6_000 })),
    batchSeconds: fc.integer({ min: 1, max: 60 }),
    turnSeconds: fc.integer({ min: 10, max: 120 }),
  })
  .map(input => roomConfig(input))

/** Gaps of any size up to the catch-up bound, often of nothing and often of whole seconds. */
const gaps = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: CATCH_UP_MS }),
    fc.integer({ min: 0, max: CATCH_UP_SECONDS_MAX }).map(seconds => seconds * 1_000),
    fc.constant(0),
  ),
  { minLength: 1, maxLength: 60 },
)

/** Steps at those gaps from the opening on, some of which close a cohort. */
const steps = fc
  .tuple(gaps, fc.infiniteStream(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(300))))
  .map(([distances, arrivals]) => {
    let atMs = OPENS_MS
    return distances.map((distance): Step => {
      atMs += distance
      return { atMs, arrivals: arrivals.next().value }
    })
  })

const extraGaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 400 })

/** More ticks, which close nothing, between the first and the last of the given steps. */
function withMore(given: readonly Step[], distances: readonly number[]): Step[] {
  const last = given.at(-1)?.atMs ?? OPENS_MS
  let atMs = given[0]?.atMs ?? OPENS_MS
  const more = distances.map(distance => {
    atMs += distance
    return { atMs, arrivals: 0 }
  })
  // Sorting is stable: at one time the given step comes first, then its repetitions.
  return [...given, ...more.filter(one => one.atMs <= last)].sort((a, b) => a.atMs - b.atMs)
}

const begin = () => roomState()
const moves = (states: readonly RoomState[], from = 0) =>
  states.map((state, n) => state.front - (states[n - 1]?.front ?? from))

describe('failure mode 11: front never goes back', () => {
  it('and never passes tail, which never goes back either, whatever the clock says', () => {
    const wild = fc.array(
      fc.record({
        atMs: fc.integer({ min: OPENS_MS - 600_000, max: OPENS_MS + 600_000 }),
        arrivals: fc.oneof(fc.constant(0), fc.nat(300)),
        inside: fc.nat(200),
        config: fc.record({
          ratePerMinute: fc.nat(6_000),
          batchSeconds: fc.integer({ min: 1, max: 60 }),
          turnSeconds: fc.integer({ min: 10, max: 3_600 }),
          capacity: fc.option(fc.integer({ min: 1, max: 400 })),
          stock: fc.option(fc.nat(2)),
        }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(wild, fc.boolean(), (changes, opened) => {
        let state = opened ? openState(30) : begin()
        for (const { config, atMs, arrivals, inside } of changes) {
          const next = step(state, roomConfig(config), { atMs, arrivals }, { inside })
          expect(next.front).toBeGreaterThanOrEqual(state.front)
          expect(next.tail).toBe(state.tail + arrivals)
          expect(next.front).toBeLessThanOrEqual(next.tail)
          expect(next.batchesFrom).toBeGreaterThanOrEqual(state.batchesFrom)
          // What a minute owes, or two of the longest batches, and less than a place.
          expect(Math.abs(next.carry)).toBeLessThan((2 * 6_000 + 1) * PLACE_MS)
          expect(next.batches.length).toBeLessThanOrEqual(BATCHES_MAX)
          expect(next.batches.at(-1)?.to ?? next.batchesFrom).toBe(next.front)
          state = next
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('how often the tick runs does not change who gets in', () => {
  /*
   * The law: two runs of a room that open by the same tick and close the same cohorts by the same
   * ticks, and otherwise tick as they like, have the same front (and tail, remainder and next
   * batch) after every tick that both make, as long as neither is without ticks for longer than
   * the catch-up bound. Whether the line ran dry in between does not matter. Seats are left out:
   * they depend on people, not on time.
   */
  it('more ticks, doubled ones and jitter make no difference to those that are common', () => {
    fc.assert(
      fc.property(configs, steps, extraGaps, extraGaps, (config, common, moreA, moreB) => {
        const stepsA = withMore(common, moreA)
        const stepsB = withMore(common, moreB)
        const statesA = run(begin(), config, stepsA)
        const statesB = run(begin(), config, stepsB)
        for (const one of common) {
          const a = statesA[stepsA.indexOf(one)]
          const b = statesB[stepsB.indexOf(one)]
          expect(essence(a)).toEqual(essence(b))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('the first tick after the opening may be late by the catch-up bound', () => {
    fc.assert(
      fc.property(
        configs,
        fc.nat(CATCH_UP_MS),
        fc.integer({ min: 1, max: 500 }),
        (config, late, n) => {
          const closing = { atMs: OPENS_MS + late, arrivals: n }
          const punctual = run(openState(n), config, [
            { atMs: OPENS_MS, arrivals: 0 },
            { atMs: OPENS_MS + late, arrivals: 0 },
          ]).at(-1)
          const [tardy] = run(begin(), config, [closing])
          expect(essence(tardy)).toEqual({ ...essence(punctual) })
        },
      ),
    )
  })

  it('a tick that comes twice changes nothing: the very same state, nothing to write', () => {
    fc.assert(
      fc.property(configs, steps, (config, given) => {
        for (const [n, state] of run(begin(), config, given).entries()) {
          expect(step(state, config, { atMs: given[n]?.atMs ?? 0, arrivals: 0 })).toBe(state)
        }
      }),
    )
  })

  it('failure mode 20: a tick by a clock that stepped back changes nothing', () => {
    fc.assert(
      fc.property(configs, steps, fc.integer({ min: 1, max: 59_000 }), (config, given, backMs) => {
        const state = run(begin(), config, given).at(-1) ?? begin()
        const atMs = (given.at(-1)?.atMs ?? 0) - backMs
        const next = step(state, config, { atMs, arrivals: 0 })
        // What is free for missed turns is as of now, and moves nobody.
        expect({ ...next, lateSeats: state.lateSeats }).toEqual(state)
      }),
    )
  })
})

describe('the rate is kept', () => {
  it('exactly, to the place, while the line lasts', () => {
    fc.assert(
      fc.property(configs, gaps, (config, distances) => {
        const given = stepsAfter(distances)
        for (const [n, { front }] of run(openState(1e9), config, given).entries()) {
          const elapsedMs = (given[n]?.atMs ?? 0) - OPENS_MS
          const batches = Math.floor(elapsedMs / (config.batchSeconds * 1000)) + 1
          const owed = (batches * config.ratePerMinute * config.batchSeconds) / 60
          expect(front).toBe(Math.floor(owed))
        }
      }),
    )
  })

  it('over any minute of ticks a second apart: at most the rate and one batch', () => {
    const arrivals = fc.array(fc.oneof(fc.constant(0), fc.nat(10), fc.nat(2_000)), {
      minLength: 60,
      maxLength: 200,
    })
    const jitter = fc.infiniteStream(fc.nat(999))
    fc.assert(
      fc.property(configs, arrivals, jitter, (config, crowd, late) => {
        const given = crowd.map((one, n) => ({
          atMs: OPENS_MS + n * 1_000 + late.next().value,
          arrivals: one,
        }))
        const max = config.ratePerMinute * (1 + config.batchSeconds / 60)
        const fronts = run(begin(), config, given).map(({ front }) => front)
        for (let from = 0; from + 60 < fronts.length; from++) {
          const letIn = (fronts[from + 60] ?? 0) - (fronts[from] ?? 0)
          expect(letIn).toBeLessThanOrEqual(Math.ceil(max))
        }
      }),
    )
  })

  it('by one tick: at most what the catch-up bound owes', () => {
    const anyGaps = fc.array(fc.integer({ min: 0, max: 3_600_000 }), {
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(configs, anyGaps, fc.nat(10_000), (config, distances, line) => {
        const states = run(openState(line), config, stepsAfter(distances))
        const batches = Math.floor(CATCH_UP_SECONDS_MAX / config.batchSeconds) + 1
        const max = Math.ceil((batches * config.ratePerMinute * config.batchSeconds) / 60)
        for (const places of moves(states)) expect(places).toBeLessThanOrEqual(max)
      }),
    )
  })

  it('failure mode 10: people who come after a quiet time get one batch at most', () => {
    const quiet = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { maxLength: 20 })
    fc.assert(
      fc.property(
        configs,
        quiet,
        fc.nat(3_600_000),
        fc.nat(5_000),
        (config, before, gapMs, rush) => {
          const empty = stepsAfter(before)
          const state = run(openState(0), config, empty).at(-1) ?? openState(0)
          const atMs = (empty.at(-1)?.atMs ?? OPENS_MS) + gapMs
          const batch = Math.ceil((config.ratePerMinute * config.batchSeconds) / 60)
          const next = step(state, config, { atMs, arrivals: rush })
          expect(next.front).toBeLessThanOrEqual(batch)
          const almost = { atMs: atMs + config.batchSeconds * 1_000 - 1, arrivals: 0 }
          expect(step(next, config, almost).front).toBeLessThanOrEqual(batch)
        },
      ),
    )
  })
})

describe('capacity is kept', () => {
  it('by each tick: people inside and open turns never pass it', () => {
    const capacities = fc.integer({ min: 1, max: 500 })
    const crowds = fc.infiniteStream(fc.nat(500))
    fc.assert(
      fc.property(steps, capacities, crowds, (given, capacity, crowd) => {
        const config = roomConfig({ ratePerMinute: 6_000, capacity, turnSeconds: 3_600 })
        let state = begin()
        for (const one of given) {
          const inside = crowd.next().value
          const house = houseOf(inside)
          const next = step(state, config, one, { house })
          const { openTurns } = forecastOf({ config, state }, house, one.atMs)
          const free = Math.max(0, capacity - inside - openTurns)
          expect(next.front - state.front).toBeLessThanOrEqual(free)
          state = next
        }
      }),
    )
  })

  it('over a whole sale in which people walk in, leave, or never show up', () => {
    const fates = fc.infiniteStream(
      fc.record({ shows: fc.boolean(), afterMs: fc.nat(60_000), staysMs: fc.nat(100_000) }),
    )
    fc.assert(
      fc.property(fates, fc.integer({ min: 1, max: 60 }), (fate, capacity) => {
        const config = roomConfig({ capacity, turnSeconds: 60, sessionSeconds: 100 })
        let state = openState(1_000)
        const stays: { turnMs: number; inMs: number; outMs: number }[] = []
        for (let atMs = OPENS_MS; atMs < OPENS_MS + 400_000; atMs += 1_000) {
          const inside = stays.filter(stay => stay.inMs <= atMs && atMs < stay.outMs).length
          const entered = stays.filter(stay => stay.inMs <= atMs)
          const byTurn = new Map<number, number>()
          for (const { turnMs } of entered) {
            const slot = turnSlot(turnMs, 60)
            byTurn.set(slot, (byTurn.get(slot) ?? 0) + 1)
          }
          const gone = entered.length - inside
          const house = { ...EMPTY_HOUSE, entered: entered.length, gone, byTurn }
          const next = step(state, config, { atMs, arrivals: 0 }, { house })
          const { openTurns } = forecastOf({ config, state: next }, house, atMs)
          // Over-booked, the house itself keeps the limit: see the simulation.
          if (showUpOf(next) === null) expect(inside + openTurns).toBeLessThanOrEqual(capacity)
          for (let place = state.front; place < next.front; place++) {
            const { shows, afterMs, staysMs } = fate.next().value
            const inMs = shows ? atMs + afterMs : Number.POSITIVE_INFINITY
            stays.push({ turnMs: atMs, inMs, outMs: inMs + staysMs })
          }
          state = next
        }
        expect(state.front).toBeGreaterThanOrEqual(capacity)
      }),
      { numRuns: 10 },
    )
  })
})

describe('a pause', () => {
  it('lets nobody in, and afterwards owes nothing for it', () => {
    fc.assert(
      fc.property(configs, gaps, gaps, gaps, (config, before, during, after) => {
        const states = run(openState(1e6), config, stepsAfter(before))
        const running = states.at(-1) ?? openState(1e6)
        const pausedAtMs = stepsAfter(before).at(-1)?.atMs ?? OPENS_MS
        const paused = act({ config, state: running }, 'pause', pausedAtMs)
        const pauses = stepsAfter(during, pausedAtMs)
        for (const state of run(paused, config, pauses)) expect(state).toBe(paused)

        const resumedAtMs = pauses.at(-1)?.atMs ?? pausedAtMs
        const resumed = act({ config, state: paused }, 'resume', resumedAtMs)
        const later = stepsAfter(after, resumedAtMs)
        const last = run(resumed, config, later).at(-1) ?? resumed
        const seconds = ((later.at(-1)?.atMs ?? resumedAtMs) - resumedAtMs) / 1000
        const batches = Math.floor(seconds / config.batchSeconds) + 1
        const max = Math.ceil((batches * config.ratePerMinute * config.batchSeconds) / 60)
        expect(last.front - running.front).toBeLessThanOrEqual(max)
      }),
    )
  })
})

describe('turns only get longer', () => {
  it('by less than a stretch, and their batches stay bounded', () => {
    const turns = fc.integer({ min: 10, max: 900 })
    const distances = fc.array(fc.integer({ min: 500, max: 1_500 }), {
      minLength: 100,
      maxLength: 1_000,
    })
    fc.assert(
      fc.property(turns, distances, (turnSeconds, gapsMs) => {
        const config = roomConfig({ turnSeconds, batchSeconds: 1, ratePerMinute: 600 })
        const turnMs = turnSeconds * 1_000
        const stretchMs = turnMs / (BATCHES_MAX - 1)
        let state = openState(1e6)
        const letIn: { to: number; atMs: number }[] = []
        for (const one of stepsAfter(gapsMs)) {
          const next = step(state, config, one)
          if (next.front > state.front) letIn.push({ to: next.front, atMs: one.atMs })
          state = next
          expect(state.batches.length).toBeLessThanOrEqual(BATCHES_MAX)
          while ((letIn[0]?.atMs ?? one.atMs) + turnMs <= one.atMs) letIn.shift()
          for (const { to, atMs } of [letIn[0], letIn[letIn.length >> 1], letIn.at(-1)].flatMap(
            batch => batch ?? [],
          )) {
            expect(to).toBeGreaterThan(state.batchesFrom)
            const dated = state.batches.find(batch => to <= batch.to)?.atMs ?? 0
            expect(dated).toBeGreaterThanOrEqual(atMs)
            expect(dated - atMs).toBeLessThan(stretchMs)
          }
        }
      }),
      { numRuns: 20 },
    )
  })
})

describe('after its end a room stands still', () => {
  it('whatever ticks and closes still come', () => {
    fc.assert(
      fc.property(configs, steps, fc.nat(600_000), (given, later, afterMs) => {
        const closesAt = time(OPENS_MS + afterMs + 1)
        const config: RoomConfig = { ...given, closesAt }
        let state = begin()
        for (const one of later) {
          const next = step(state, config, one)
          if (one.atMs >= OPENS_MS + afterMs + 1) expect(next).toBe(state)
          state = next
        }
      }),
    )
  })
})

/** What the law of the ticks speaks of: not when turns began, nor when sleep was announced. */
function essence(state: RoomState | undefined) {
  if (state === undefined) return undefined
  const { front, tail, carry, openedAtMs } = state
  const line = tail - front
  // Where nobody waits the next batch stands ready: only whether it lies ahead can matter.
  return { front, tail, carry, openedAtMs, nextBatchAtMs: line === 0 ? null : state.nextBatchAtMs }
}

function stepsAfter(distances: readonly number[], fromMs = OPENS_MS): Step[] {
  let atMs = fromMs
  return distances.map(distance => {
    atMs += distance
    return { atMs, arrivals: 0 }
  })
}
