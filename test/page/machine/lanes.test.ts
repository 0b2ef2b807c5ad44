/** The ways in besides the turn itself: on hold, by the late lane, straight through, by invitation. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { News } from '../../../lib/page/browser/api.ts'
import { type Facts, type RequestName, UNINVITED } from '../../../lib/page/machine/facts.ts'
import { CLOSED_MS, LATE_SPREAD_MS } from '../../../lib/page/machine/limits.ts'
import { nextStep } from '../../../lib/page/machine/steps.ts'
import { viewOf } from '../../../lib/page/machine/view.ts'
import type { Status } from '../../../lib/queue/visitor/room-status.ts'
import {
  chances,
  having,
  inLine,
  later,
  OFFSET_MS,
  placeOf,
  type Room,
  recordOf,
  START_MS,
  start,
  statusAt,
  TICKET,
  type Walk,
  walk,
} from '../walk.ts'

const PLACE = placeOf(recordOf())
const MINUTE_MS = 60_000
const ANSWER_MS = 80
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const PASS = { type: 'pass', location: 'https://shop.example/', expiresAtMs: START_MS * 2 } as const

const stateOf = (facts: Facts) => viewOf(facts).state
const states = ({ views }: Walk) => [...new Set(views.map(view => view.state))]
const refused = (request: RequestName, code: string): News => ({ type: 'refused', request, code })
const times = ({ asked }: Walk, request: string) =>
  asked.filter(one => one.request === request).map(one => one.atMs)
const gaps = (list: readonly number[]) =>
  list.slice(1).map((atMs, index) => atMs - (list[index] ?? 0))
/** The status a while after the facts, as the room tells it. */
const told = (facts: Facts, change: Partial<Status>): News => ({
  type: 'status',
  status: statusAt(facts.nowMs + 1000, { openCohort: 1, tail: 40, front: 40, ...change }),
})

/** A room that lets everybody in, whose status and passes are functions of time. */
function room(
  statusOf: (nowMs: number) => Partial<Status>,
  passOf: (nowMs: number) => News = () => PASS,
): Room {
  return (request, nowMs) => {
    switch (request) {
      case 'status': {
        const status = { openCohort: 1, tail: 40, front: 40, ...statusOf(nowMs) }
        return { type: 'status', status: statusAt(nowMs, status) }
      }
      case 'join':
        return { type: 'joined', ticket: TICKET }
      case 'record':
        return { type: 'record', record: recordOf() }
      case 'pass':
        return passOf(nowMs)
    }
  }
}

describe('on hold', () => {
  const fullUntil = (freeAtMs: number, statusOf: (nowMs: number) => Partial<Status> = () => ({})) =>
    room(statusOf, nowMs => (nowMs < freeAtMs ? refused('pass', 'house-full') : PASS))

  test('is told as such, and ends with the seat', () => {
    const facts = having(inLine({ front: PLACE }), refused('pass', 'house-full'))
    expect(viewOf(facts)).toMatchObject({ state: 'held', place: PLACE, notice: null })
    expect(stateOf(having(facts, PASS))).toBe('entering')
  })

  test('asks about each two seconds, for hours if need be, also where nobody looks', () => {
    const hours = START_MS + 180 * MINUTE_MS
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isHidden) => {
        const done = walk(fullUntil(hours), hours + 5_000, chances(seed), start({ isHidden }))
        expect(states(done)).toEqual(['arriving', 'drawing', 'turn', 'held', 'entering'])
        const pauses = gaps(times(done, 'pass')).map(gap => gap - ANSWER_MS)
        // A status read in between may take its moment first.
        expect(Math.max(...pauses)).toBeLessThanOrEqual(2_400 + ANSWER_MS)
        expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2_000)
        const seated = times(done, 'pass').at(-1) ?? 0
        expect(seated - hours).toBeLessThan(3_000)
      }),
      { numRuns: 3 },
    )
  })

  test('does not wait long after a request that got lost', () => {
    let facts = inLine({ front: PLACE })
    for (let asked = 0; asked < 50; asked++) facts = having(facts, refused('pass', 'house-full'))
    facts = having(facts, { type: 'failed', request: 'pass', retryAfterMs: null })
    expect(stateOf(facts)).toBe('held')
    expect(facts.tries.pass.notBeforeMs - facts.nowMs).toBeLessThanOrEqual(2_000)
  })

  test('ends with the sale', () => {
    const facts = having(inLine({ front: PLACE }), refused('pass', 'house-full'))
    expect(stateOf(having(facts, refused('pass', 'sold-out')))).toBe('sold-out')
    expect(stateOf(having(facts, told(facts, { phase: 'ended' })))).toBe('ended')
  })
})

describe('a missed turn', () => {
  const missed = (change: Partial<Status> = {}) =>
    having(inLine({ front: PLACE, ...change }), refused('pass', 'turn-missed'))
  const lateFrom = (seatAtMs: number): Room =>
    room(
      nowMs => ({ lateSeats: nowMs < seatAtMs ? 0 : 1 }),
      nowMs => (nowMs < seatAtMs ? refused('pass', 'turn-missed') : PASS),
    )

  test('keeps the ticket, and walks in by itself once there is a seat', () => {
    const seatAtMs = START_MS + 30 * MINUTE_MS
    const done = walk(lateFrom(seatAtMs), seatAtMs + 3 * MINUTE_MS, chances(3))
    expect(states(done)).toEqual(['arriving', 'drawing', 'turn', 'missed', 'entering'])
    // The one that told of the miss, and the one that went in: none without a seat.
    expect(times(done, 'pass')).toHaveLength(2)
    expect(times(done, 'join')).toHaveLength(1)
  })

  test('is followed at a growing pace, which costs little, and half of it where nobody looks', () => {
    const never = lateFrom(Number.POSITIVE_INFINITY)
    const untilMs = START_MS + 60 * MINUTE_MS
    const seen = gaps(times(walk(never, untilMs, chances(4)), 'status'))
    const unseen = walk(never, untilMs, chances(4), start({ isHidden: true }))
    expect(seen.length).toBeLessThan(50)
    expect(Math.min(...seen.slice(3))).toBeGreaterThanOrEqual(8_000)
    expect(Math.max(...seen)).toBeLessThanOrEqual(120_000 + ANSWER_MS)
    expect(times(unseen, 'status').length).toBeLessThan(seen.length * 0.7)
    expect(times(unseen, 'status').at(-1)).toBeGreaterThan(untilMs - 5 * MINUTE_MS)
  })

  test('asks once for each status that tells of a seat, spread over some seconds', () => {
    const facts = missed()
    expect(nextStep(facts)?.request).toBe('status')
    const seat = having(facts, told(facts, { lateSeats: 2 }))
    const step = nextStep(seat)
    expect(step).toEqual({ request: 'pass', atMs: seat.statusAtMs + LATE_SPREAD_MS / 2 })
    const gone = having(later(seat, LATE_SPREAD_MS), refused('pass', 'turn-missed'))
    expect(stateOf(gone)).toBe('missed')
    expect(nextStep(later(gone, 600_000))?.request).toBe('status')
    const again = having(gone, told(gone, { lateSeats: 1 }))
    expect(nextStep(later(again, LATE_SPREAD_MS))?.request).toBe('pass')
  })

  test('that is heard of twice has been missed since the first time', () => {
    const facts = missed()
    const again = having(later(facts, 60_000), refused('pass', 'turn-missed'))
    expect(again.missedSinceMs).toBe(facts.missedSinceMs)
  })

  test('is over when the sale is, and goes on when something comes back', () => {
    const facts = missed()
    const over = having(facts, told(facts, { phase: 'soldOut' }))
    expect(stateOf(over)).toBe('sold-out')
    expect(stateOf(having(over, told(over, {})))).toBe('missed')
    expect(stateOf(having(facts, told(facts, { phase: 'ended' })))).toBe('ended')
  })

  test('waits for a button after the showroom was left again', () => {
    const facts = missed()
    const back = having(facts, told(facts, { lateSeats: 1 }), PASS, { type: 'came-back' })
    expect(stateOf(back)).toBe('returned')
    expect(nextStep(later(back, 5_000))?.request).toBe('status')
  })
})

describe('a closed room', () => {
  const closed = (change: Partial<Status> = {}) => room(() => ({ phase: 'closed', ...change }))

  test('is joined by nobody, and looked at each minute or two', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isHidden) => {
        const untilMs = START_MS + 60 * MINUTE_MS
        const done = walk(closed(), untilMs, chances(seed), start({ isHidden }))
        expect(states(done)).toEqual(['arriving', 'closed'])
        expect(done.asked.every(one => one.request === 'status')).toBe(true)
        const pauses = gaps(times(done, 'status'))
        expect(Math.min(...pauses)).toBeGreaterThanOrEqual(CLOSED_MS.min)
        expect(Math.max(...pauses)).toBeLessThanOrEqual(CLOSED_MS.max + ANSWER_MS)
      }),
      { numRuns: 10 },
    )
  })

  test('keeps a place for who has one, with the organiser’s words', () => {
    const facts = inLine()
    const view = viewOf(having(facts, told(facts, { phase: 'closed', message: 'Until noon.' })))
    expect(view).toMatchObject({
      state: 'closed',
      place: PLACE,
      hasTicket: true,
      message: 'Until noon.',
    })
  })

  test('is known from a refusal too, and its words are fetched at once', () => {
    const facts = having(inLine({ front: PLACE }), refused('pass', 'room-closed'))
    expect(stateOf(facts)).toBe('closed')
    expect((nextStep(facts)?.atMs ?? 0) - facts.nowMs).toBeLessThanOrEqual(2_000)
  })

  test('goes on where it was', () => {
    const facts = inLine({ front: 0 })
    const shut = having(facts, told(facts, { phase: 'closed', front: 0 }))
    expect(stateOf(having(shut, told(shut, { front: 0 })))).toBe('waiting')
  })
})

describe('straight through', () => {
  const arrived = (change: Partial<Status>, from = start()) =>
    having(from, { type: 'status', status: statusAt(START_MS + 1000, change) })
  const auto = { mode: 'auto', waiting: 0 } as const

  test('goes whoever arrives while nobody waits, or the room is switched off', () => {
    expect(nextStep(arrived(auto))).toEqual({ request: 'open-way', atMs: START_MS + 1000 })
    expect(nextStep(arrived({ mode: 'off', waiting: 900 }))?.request).toBe('open-way')
  })

  test.each([
    ['somebody waits', { mode: 'auto', waiting: 1 }],
    ['the room has a line', { mode: 'line', waiting: 0 }],
    ['it is not open', { ...auto, phase: 'gathering' }],
    ['it is paused', { ...auto, phase: 'paused' }],
  ] as const)('goes nobody while %s', (_, change) => {
    expect(nextStep(arrived(change))?.request).toBe('join')
  })

  test('goes nobody who was sent back, came back by hand, or comes by invitation', () => {
    const tried = arrived(auto, start({ mayTryOpenWay: false }))
    expect(nextStep(tried)?.request).toBe('join')
    expect(nextStep(arrived(auto, start({ byHand: true })))?.request).toBe('join')
  })

  test('goes nobody who holds a ticket: their turn is their way', () => {
    const facts = inLine({ mode: 'line', waiting: 9 })
    expect(nextStep(having(facts, told(facts, auto)))?.request).not.toBe('open-way')
  })

  test('is one step: the page asks nothing more, and never sends anybody round', () => {
    const done = walk(
      room(() => auto),
      START_MS + 60 * MINUTE_MS,
      chances(5),
    )
    expect(done.asked.map(one => one.request)).toEqual(['status', 'open-way'])
    expect(viewOf(done.facts).state).toBe('open-way')
    const back = having(done.facts, { type: 'came-back' })
    expect(nextStep(having(back, { type: 'status', status: statusAt(back.nowMs, auto) }))).toEqual(
      expect.objectContaining({ request: 'join' }),
    )
  })

  test('is gone again at a press of the button, where nothing happened', () => {
    const facts = having(arrived(auto), { type: 'open-way-taken' })
    expect(nextStep(later(facts, 60_000))).toBeNull()
    expect(nextStep(having(facts, { type: 'pressed' }))?.request).toBe('open-way')
  })

  test('goes the ticket of a room that is switched off, whatever its place', () => {
    const facts = inLine({ front: 0 })
    const off = having(facts, told(facts, { front: 0, mode: 'off' }))
    expect(stateOf(off)).toBe('turn')
    expect(nextStep(off)?.request).toBe('pass')
    const undrawn = having(start(), { type: 'joined', ticket: TICKET })
    const soon = having(undrawn, told(undrawn, { openCohort: 0, tail: 0, front: 0, mode: 'off' }))
    expect(nextStep(soon)?.request).toBe('pass')
    const before = told(facts, { front: 0, mode: 'off', phase: 'gathering' })
    expect(nextStep(having(facts, before))?.request).not.toBe('pass')
  })

  test('goes a missed turn too when the room is switched off', () => {
    const facts = having(inLine({ front: PLACE }), refused('pass', 'turn-missed'))
    const off = having(facts, told(facts, { mode: 'off' }))
    expect(nextStep(later(off, LATE_SPREAD_MS))?.request).toBe('pass')
  })
})

describe('an invitation', () => {
  const guest = () => start({ isGroup: true, mayTryOpenWay: false })

  test.each(UNINVITED)('that is refused (%s) is told, and nothing more is asked', code => {
    const status = statusAt(START_MS + 1000, { mode: 'auto' })
    const facts = having(guest(), { type: 'status', status }, refused('join', code))
    expect(viewOf(facts)).toMatchObject({ state: 'uninvited', problem: code })
    expect(nextStep(later(facts, 3_600_000))).toBeNull()
  })

  test('that nobody can read is told at once', () => {
    const facts = start({ uninvited: 'bad-invitation' })
    expect(stateOf(facts)).toBe('uninvited')
    expect(nextStep(facts)).toBeNull()
  })

  test('to a group that is no more is not good here, and does not lead nowhere', () => {
    const unknown = refused('status', 'unknown-room')
    expect(stateOf(having(guest(), unknown))).toBe('uninvited')
    expect(stateOf(having(start(), unknown))).toBe('unknown-room')
  })
})

test('the expected sell-out is news: pages look again well before it', () => {
  const soldOutAtMs = START_MS + OFFSET_MS + 3_000 + 20_000
  const far = { ratePerMinute: 1, stock: 900, pollSecondsMin: 1 }
  const step = (change: Partial<Status>) => {
    const facts = inLine({ ...far, ...change })
    return (nextStep(facts)?.atMs ?? 0) - facts.statusAtMs
  }
  expect(step({})).toBeGreaterThan(60_000)
  expect(step({ soldOutAtMs })).toBeLessThan(10_000)
  expect(step({ soldOutAtMs, pollSecondsMax: 2 })).toBeLessThanOrEqual(2_000)
  // Not even the own turn, some seconds away, is waited for then.
  const near = { front: PLACE - 1, ratePerMinute: 6, soldOutAtMs, pollSecondsMax: 2 }
  expect(step(near)).toBeLessThanOrEqual(2_000)
})
