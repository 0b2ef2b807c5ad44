/** Whatever visitors, showrooms and ticks do at once, the same laws hold of the house. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { insideOf } from '../../lib/queue/house/house.ts'
import { OPEN_WAY_SHARD } from '../../lib/queue/limits.ts'
import type { Store } from '../../lib/store/port.ts'
import type { Contestant } from './harness.ts'
import { claimSeat, houseOf, lawsOf, NOW_MS, order, SEAT_SLOT, sumOf } from './samples.ts'

const CAPACITY = 3
const TICKETS = 5
/** Sessions end in two slots: the first may expire while the second is full of people. */
const SLOTS = [SEAT_SLOT, SEAT_SLOT + 38] as const

const ticket = fc.nat(TICKETS - 1).map(number => `0.0.${number}`)
const slot = fc.constantFrom(...SLOTS)
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('claim'),
      ticket,
      seatSlot: slot,
      lane: fc.constantFrom('turn', 'late'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('depart'),
      ticket: fc.oneof(
        ticket,
        fc.nat(2).map(number => `${SEAT_SLOT}.${OPEN_WAY_SHARD}.${number}`),
      ),
      reason: fc.constantFrom('bought', 'left'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('through'), seatSlot: slot }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('tick'), expires: fc.boolean() }) },
)
type Action = typeof action extends fc.Arbitrary<infer One> ? One : never

export function houseLawContract(current: () => Contestant): void {
  test('never more are inside than the capacity, no ticket twice, and all of them are counted', async () => {
    const { store, again } = current()
    const stores = [store, again()]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), { maxLength: 10 }),
        async rounds => {
          const room = await houseOf(store, CAPACITY)
          const told: Told = { expired: new Set(), passOf: new Map() }
          for (const actions of rounds) {
            const acts = actions.map((one, at) => act(stores[at % 2] ?? store, room, one, told))
            await Promise.all(acts)
            await checkLaws(store, room, told.expired)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
}

interface Told {
  /** Slots that are over. */
  readonly expired: Set<number>
  /** With which pass each ticket entered. */
  readonly passOf: Map<string, string>
}

let passes = 0

async function act(
  store: Store,
  room: string,
  one: Action,
  { expired, passOf }: Told,
): Promise<void> {
  if ('lane' in one) {
    const { lane, seatSlot, ticket } = one
    // Nobody's session ends in a slot that is over.
    const open = expired.has(seatSlot) ? SLOTS[1] : seatSlot
    const passId = `pass-${passes++}`
    const request = { lane, seatSlot: open, sessionEndsAtMs: open * 1000, passId } as const
    const outcome = await claimSeat(store, room, ticket, request)
    if (outcome.status === 'entered') {
      expect(passOf.get(ticket)).toBeUndefined()
      passOf.set(ticket, passId)
    }
  } else if ('reason' in one) {
    await store.depart(room, { ticketId: one.ticket, reason: one.reason, epoch: 0 }, NOW_MS)
  } else if ('seatSlot' in one) {
    if (!expired.has(one.seatSlot)) await store.leaseOpenWay(room, one.seatSlot, 1)
  } else {
    await tick(store, room, one.expires, expired)
  }
}

/** As a tick does: whoever is gone makes room for another. */
async function tick(store: Store, room: string, expires: boolean, expired: Set<number>) {
  if (expires) expired.add(SLOTS[0])
  const seen = await store.loadHouse(room, 0)
  const over = [...seen.seats.keys()].filter(seatSlot => expired.has(seatSlot))
  const limit = seen.gone + CAPACITY
  await order(store, room, { limit, reserved: 0, lateSeats: 1, expired: over })
}

async function checkLaws(store: Store, room: string, expired: ReadonlySet<number>) {
  const house = await store.loadHouse(room, 0)
  expect(lawsOf(house)).toEqual({ inside: insideOf(house), isWithinLimit: true })
  expect(insideOf(house)).toBeLessThanOrEqual(CAPACITY)
  for (const count of [...house.seats.values(), ...house.held.values()]) {
    expect(count).toBeGreaterThanOrEqual(0)
  }
  // A departure frees a seat once its ticket is marked, so whoever is inside is counted at any time.
  expect(await countInside(store, room, expired)).toBeLessThanOrEqual(sumOf(house.seats.values()))
}

/** Tickets that are in the showroom by what is kept of them. */
async function countInside(store: Store, room: string, expired: ReadonlySet<number>) {
  let inside = 0
  for (let number = 0; number < TICKETS; number++) {
    const kept = await store.loadClaim(room, `0.0.${number}`)
    if (kept?.claim === undefined || kept.departed !== undefined) continue
    if (!expired.has(kept.claim.sessionEndsAtMs / 1000)) inside++
  }
  return inside
}
