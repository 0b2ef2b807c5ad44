/**
 * The laws of admission over strange histories of a room with people in it: rates that go to nothing
 * and back, pauses, a showroom that suffers, an open way while lines form and dissolve, groups, other
 * capacities, places let in by hand, clocks that step back. fast-check prints the seed of a failure.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecastOf } from '../../../lib/queue/admission/forecast.ts'
import { afterReport } from '../../../lib/queue/admission/health.ts'
import { batchPlaces, effectiveRate } from '../../../lib/queue/admission/policies.ts'
import { BOOKING_MARGIN, SHOW_UP_MIN } from '../../../lib/queue/limits.ts'
import { act, letInByHand } from '../../../lib/queue/room/actions.ts'
import { linesOf } from '../../../lib/queue/room/lines.ts'
import { phaseOf } from '../../../lib/queue/room/phase.ts'
import { createShop } from '../shop.ts'

type Shop = ReturnType<typeof createShop>
type Moment = ReturnType<typeof momentOf>
/** What happens at one moment of a history, before the seconds that follow it. */
type Event = (shop: Shop) => void

const GROUP = 'members'
const MINUTE_MS = 60_000
const rates = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ max: 3_000, min: 60 }),
)
const events: fc.Arbitrary<Event> = fc.oneof(
  fc.nat(400).map(count => (shop: Shop) => shop.join(count)),
  fc.nat(200).map(count => (shop: Shop) => shop.join(count, GROUP)),
  rates.map(ratePerMinute => (shop: Shop) => shop.edit({ ratePerMinute })),
  fc
    .option(fc.integer({ min: 1, max: 500 }))
    .map(capacity => (shop: Shop) => shop.edit({ capacity })),
  fc
    .boolean()
    .map(
      alarm => (shop: Shop) =>
        shop.change((state, config, nowMs) => afterReport({ config, state }, { alarm }, nowMs)),
    ),
  fc
    .constantFrom('pause' as const, 'resume' as const)
    .map(
      action => (shop: Shop) =>
        shop.change((state, config, nowMs) => act({ config, state }, action, nowMs)),
    ),
  fc
    .integer({ min: 1, max: 60 })
    .map(
      places => (shop: Shop) =>
        shop.change((state, config, nowMs) => letInByHand({ config, state }, places, nowMs)),
    ),
  fc.integer({ min: 1, max: 90_000 }).map(byMs => (shop: Shop) => shop.tickBehind(byMs)),
  fc.nat(60).map(count => (shop: Shop) => void (isOpenWay(shop) && shop.goThrough(count))),
)
const histories = fc.array(fc.tuple(events, fc.integer({ min: 0, max: 90 })), {
  minLength: 1,
  maxLength: 25,
})
const rooms = fc.record({
  mode: fc.constantFrom('line', 'auto'),
  ratePerMinute: rates,
  batchSeconds: fc.integer({ min: 1, max: 20 }),
  turnSeconds: fc.integer({ min: 20, max: 200 }),
  sessionSeconds: fc.constant(300),
  health: fc.constant({ holdSeconds: 5 }),
  groups: fc.constantFrom([], [{ name: GROUP, sharePercent: 30 }]),
})
const crowds = fc.record({
  line: fc.constantFrom(0, 30, 3_000),
  showUp: fc.constantFrom(0, 0.3, 0.6, 1),
  /** After which part of their turn, in hundredths, people come. */
  comeAt: fc.constantFrom<[number, number]>([2, 20], [2, 95], [60, 95]),
  stayMs: fc.constantFrom([5_000, 60_000], [1e9, 1e9]) as fc.Arbitrary<[number, number]>,
  seed: fc.integer({ min: 1, max: 1e6 }),
})

describe('whatever happens to a room', () => {
  it('its lines go on, nobody is let in whom the rate does not owe, and none stands still', () => {
    fc.assert(
      fc.property(rooms, crowds, histories, (room, crowd, history) => {
        const comeMs = crowd.comeAt.map(at => at * room.turnSeconds * 10) as [number, number]
        const shop = createShop(room, { ...crowd, comeMs })
        const moments = [momentOf(shop)]
        for (const [event, seconds] of history) {
          event(shop)
          moments.push({ ...momentOf(shop), isEdited: true })
          for (let second = 0; second < seconds; second++) {
            shop.run(1)
            moments.push(momentOf(shop))
            expectLaws(moments)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** What a shop shows of itself. */
function momentOf(shop: Shop) {
  const [state, config, house, nowMs] = [shop.state(), shop.config(), shop.house(), shop.nowMs()]
  const configured = effectiveRate({ config, state }, nowMs)
  const pace = phaseOf({ config, state }, nowMs) === 'open' ? configured : undefined
  const rate = pace ?? 0
  const { expected, late } = forecastOf({ config, state }, house, nowMs)
  return {
    nowMs,
    configured,
    pace,
    rate,
    batchMs: config.batchSeconds * 1000,
    batch: batchPlaces(config, rate),
    capacity: config.capacity,
    inside: shop.inside(),
    entered: house.entered,
    spare: house.limit - house.entered - expected - late,
    lines: linesOf(state).map(({ line }) => ({ front: line.front, tail: line.tail })),
    handed: shop.handed(),
    isEdited: false,
  }
}

function expectLaws(moments: readonly Moment[]) {
  const [before, now] = moments.slice(-2)
  if (now === undefined || before === undefined) return
  for (const [n, { front, tail }] of now.lines.entries()) {
    expect(front).toBeGreaterThanOrEqual(before.lines[n]?.front ?? 0)
    expect(front).toBeLessThanOrEqual(tail)
  }
  // An edit is in force from the tick after it on.
  const lately = since(moments, now.nowMs - 2_000)
  const capacities = lately.map(one => one.capacity ?? Number.POSITIVE_INFINITY)
  expect(now.inside).toBeLessThanOrEqual(Math.max(before.inside, ...capacities))
  expectTwiceAtMost(moments, now)
  if (now.entered > before.entered) expectPace(moments, now)
  expectNoStall(moments, now)
}

/** In no minute, and one batch of each line, are more than twice the places let in that the rate is. */
function expectTwiceAtMost(moments: readonly Moment[], now: Moment) {
  const places = frontOf(now) - frontOf(asOf(moments, now.nowMs - MINUTE_MS))
  const rated = since(moments, now.nowMs - MINUTE_MS - now.batchMs - 1_000)
  const highest = Math.max(...rated.map(({ pace }) => pace ?? 0))
  // Each line has batches of its own.
  const owed = highest * (1 + (now.lines.length * now.batchMs) / MINUTE_MS)
  const handed = handedSince(moments, now, MINUTE_MS)
  expect(places - handed).toBeLessThanOrEqual(2 * owed + now.lines.length + 1)
}

/** In the minute that ends with an entry no more enter than the rates allowed over it, and one batch. */
function expectPace(moments: readonly Moment[], now: Moment) {
  const minute = since(moments, now.nowMs - MINUTE_MS)
  // A pause is no part of the pace: it counts by a rate that was before it, or is after it.
  const around = since(moments, now.nowMs - 2 * MINUTE_MS)
  const highest = Math.max(...around.map(({ configured }) => configured))
  let allowed = 0
  for (const [n, { nowMs }] of minute.entries()) {
    // An edit is in force from the tick after it on.
    const lately = since(minute.slice(0, n + 1), nowMs - 2_000)
    const paces = lately.map(({ pace }) => pace ?? highest)
    allowed += (Math.max(...paces) * (nowMs - (minute[n - 1]?.nowMs ?? nowMs))) / MINUTE_MS
  }
  // One more, for a point of the pace may be a batch old.
  const batch = (2 * Math.max(...minute.map(one => one.batch))) / SHOW_UP_MIN
  // Whoever was let in by hand walks in within the minute after.
  const handed = handedSince(moments, now, 2 * MINUTE_MS)
  const entered = now.entered - asOf(moments, now.nowMs - MINUTE_MS).entered
  expect(entered).toBeLessThanOrEqual(Math.floor(allowed + batch + handed + 2.001))
}

/**
 * With waiters, a rate, and more seats than anybody needs the front moves within two batches and the
 * minute that a debt may last: those who walk in faster than the rate, as after it was lowered, are one.
 */
function expectNoStall(moments: readonly Moment[], now: Moment) {
  if (now.rate === 0) return
  const waitMs = MINUTE_MS + 2 * now.batchMs + (3 * MINUTE_MS) / now.rate + 2_000
  const lately = since(moments, now.nowMs - waitMs)
  const [first] = lately
  if (first === undefined || now.nowMs - first.nowMs < waitMs) return
  // Places let in by hand widen the pace, also for those of them who do not come.
  if (handedSince(moments, now, 2 * MINUTE_MS) > 0) return
  const margin = now.capacity === null ? 0 : 2 * BOOKING_MARGIN * Math.sqrt(now.capacity) + 2
  const isFree = lately.every(
    one =>
      !one.isEdited &&
      one.rate === now.rate &&
      one.lines.some(({ front, tail }) => front < tail) &&
      one.spare > one.batch + margin,
  )
  if (isFree) expect(frontOf(now)).toBeGreaterThan(frontOf(first))
}

/** From the last moment that is not after a time, or the first one, on. */
function since(moments: readonly Moment[], atMs: number): readonly Moment[] {
  const last = moments.findLastIndex(({ nowMs }) => nowMs <= atMs)
  return moments.slice(Math.max(0, last))
}

function asOf(moments: readonly Moment[], atMs: number): Moment {
  const [moment] = since(moments, atMs)
  if (moment === undefined) throw new Error('a history has a moment')
  return moment
}

function handedSince(moments: readonly Moment[], now: Moment, withinMs: number): number {
  return now.handed - asOf(moments, now.nowMs - withinMs).handed
}

function frontOf({ lines }: Moment): number {
  return lines.reduce((sum, { front }) => sum + front, 0)
}

function isOpenWay(shop: Shop): boolean {
  const [state, config] = [shop.state(), shop.config()]
  const isWaiting = linesOf(state).some(({ line }) => line.front < line.tail)
  return config.mode === 'auto' && !isWaiting && phaseOf({ config, state }, shop.nowMs()) === 'open'
}
