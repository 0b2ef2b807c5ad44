import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withGroupLines } from '../../../lib/queue/room/groups.ts'
import { linesOf } from '../../../lib/queue/room/lines.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import { type Came, tickLines } from '../lines.ts'
import { OPENS_MS, openState, roomConfig } from '../rooms.ts'

const config = (more: object = {}) =>
  roomConfig({
    ratePerMinute: 600,
    groups: [
      { name: 'vip', sharePercent: 30 },
      { name: 'press', sharePercent: 10 },
    ],
    ...more,
  })

/** The states after each second, with these arrivals in it. */
function run(arrivals: readonly Came[], settings = config()): RoomState[] {
  const states = [withGroupLines({ config: settings, state: openState(0) }, OPENS_MS)]
  for (const [second, came] of arrivals.entries()) {
    const before = states.at(-1)
    if (before !== undefined)
      states.push(tickLines(before, settings, came, OPENS_MS + second * 1000))
  }
  return states
}

const seconds = (count: number, first: Came = {}) =>
  Array.from({ length: count }, (_, second): Came => (second === 0 ? first : {}))
const front = (state: RoomState | undefined, name = '') =>
  linesOf(state ?? openState(0)).find(line => line.name === name)?.line.front ?? 0

describe('places of a group', () => {
  it('begin at 1, and its batches move no place of the main line', () => {
    const [, state] = run([{ '': 50, vip: 20 }])
    expect(state?.groups.vip).toMatchObject({ tail: 20 })
    expect(state).toMatchObject({ tail: 50 })
  })

  it('leave every place of the main line as it would be without the group', () => {
    const crowd = fc.array(fc.record({ '': fc.nat(30), vip: fc.nat(30), press: fc.nat(30) }), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(crowd, arrivals => {
        const alone = arrivals.map(({ '': main }) => ({ '': main }))
        const tails = (states: RoomState[]) =>
          states.map(({ openCohort, tail }) => [openCohort, tail])
        expect(tails(run(arrivals))).toEqual(tails(run(alone)))
      }),
    )
  })
})

describe('the share of a group', () => {
  it('is what it says while both lines wait, to the batch', () => {
    const states = run(seconds(60, { '': 5_000, vip: 5_000, press: 5_000 }))
    const [from, to] = [states[10], states[50]]
    const letIn = (name: string) => front(to, name) - front(from, name)
    // Forty seconds at ten a second.
    expect(letIn('vip')).toBe(120)
    expect(letIn('press')).toBe(40)
    expect(letIn('')).toBe(240)
  })

  it('that nobody of the group is there for is the main line’s', () => {
    const states = run(seconds(60, { '': 5_000, press: 5_000 }))
    expect(front(states[50]) - front(states[10])).toBe(360)
    expect(front(states[50], 'press') - front(states[10], 'press')).toBe(40)
    const alone = run(seconds(60, { '': 5_000 }))
    expect(front(alone[50]) - front(alone[10])).toBe(400)
  })

  it('grows to everything while nobody is in the main line, in the proportion of the groups', () => {
    const states = run(seconds(60, { vip: 5_000, press: 5_000 }))
    expect(front(states[50], 'vip') - front(states[10], 'vip')).toBe(300)
    expect(front(states[50], 'press') - front(states[10], 'press')).toBe(100)
  })

  it('starves nobody: in both lines somebody is let in within the time that a place takes', () => {
    const slow = config({ ratePerMinute: 60 })
    const states = run(seconds(60, { '': 100, vip: 100, press: 100 }), slow)
    for (const name of ['', 'vip', 'press']) expect(front(states[30], name)).toBeGreaterThan(0)
    const all = ['', 'vip', 'press'].reduce((sum, name) => sum + front(states[60], name), 0)
    expect(all).toBeLessThanOrEqual(60 + 3 * 2)
    expect(all).toBeGreaterThanOrEqual(56)
  })

  it('never lets more in over all lines than the rate, and a batch for each line', () => {
    const crowd = fc.array(fc.record({ '': fc.nat(60), vip: fc.nat(60), press: fc.nat(60) }), {
      minLength: 1,
      maxLength: 60,
    })
    const rate = fc.integer({ min: 1, max: 6_000 })
    const batch = fc.integer({ min: 1, max: 10 })
    fc.assert(
      fc.property(crowd, rate, batch, (arrivals, ratePerMinute, batchSeconds) => {
        const settings = config({ ratePerMinute, batchSeconds })
        const states = run(arrivals, settings)
        const total = states.map(state =>
          ['', 'vip', 'press'].reduce((n, name) => n + front(state, name), 0),
        )
        const perSecond = ratePerMinute / 60
        const slack = 3 * (Math.ceil(perSecond * batchSeconds) + 1)
        for (const [from, before] of total.entries()) {
          for (const [length, after] of total.slice(from).entries()) {
            expect(after - before).toBeLessThanOrEqual(perSecond * length + slack)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('with everybody served once, nobody is left in any line', () => {
    const arrivals = [{ '': 40, vip: 25, press: 3 }, ...seconds(20)]
    const last = run(arrivals).at(-1)
    for (const { line } of linesOf(last ?? openState(0))) expect(line.front).toBe(line.tail)
  })
})

describe('a group that is taken away', () => {
  /** The states after each second from the moment on in which it was. */
  function statesWithout(came: Came, count: number): RoomState[] {
    const states = run([came]).slice(-1)
    const without = roomConfig({ ratePerMinute: 600 })
    for (let second = 1; second <= count; second++) {
      const before = states.at(-1) ?? openState(0)
      states.push(tickLines(before, without, {}, OPENS_MS + second * 1000))
    }
    return states
  }

  it('keeps its line, and a tenth of what is let in, until its people are through', () => {
    const states = statesWithout({ '': 5_000, vip: 60 }, 90)
    const [from, to] = [states[10], states[40]]
    expect(front(to, 'vip') - front(from, 'vip')).toBe(30)
    expect(front(to) - front(from)).toBe(270)
    expect(states.at(-1)?.groups.vip).toMatchObject({ front: 60, tail: 60 })
  })

  it('has everything while nobody else waits', () => {
    expect(statesWithout({ vip: 100 }, 20).at(-1)?.groups.vip).toMatchObject({ front: 100 })
  })
})
