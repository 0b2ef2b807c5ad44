/** Tickets that may enter more than once: for people who lost their session. */
import { expect, test } from 'vitest'
import type { Contestant } from './harness.ts'
import {
  atOnce,
  claimSeat,
  houseOf,
  lawful,
  lawsOf,
  NOW_MS,
  order,
  SEAT_SLOT,
  sampleClaim,
  sumOf,
  TURN_SLOT,
} from './samples.ts'

const TICKET = '0.3.41'
const NEXT_SLOT = SEAT_SLOT + 38
const AGAIN = { entriesMax: 2, seatSlot: NEXT_SLOT, passId: 'pass-2' }

export function furtherEntryContract(current: () => Contestant): void {
  const load = (room: string) => current().store.loadHouse(room, 0)
  const depart = (room: string, reason: 'bought' | 'left', saidAtMs = NOW_MS) =>
    current().store.depart(room, { ticketId: TICKET, reason, epoch: 0, saidAtMs }, NOW_MS)

  test('a further entry takes over the seat of the one before, in a full house too', async () => {
    const { store } = current()
    const room = await houseOf(store, 1)
    await claimSeat(store, room, TICKET)
    expect(await claimSeat(store, room, TICKET, AGAIN)).toEqual({
      status: 'entered',
      claim: sampleClaim({ passId: 'pass-2' }),
    })
    const house = await load(room)
    expect(house).toMatchObject({ entered: 1, gone: 0 })
    expect(house.byTurn).toEqual(new Map([[TURN_SLOT, 1]]))
    expect(house.seats).toEqual(
      new Map([
        [SEAT_SLOT, 0],
        [NEXT_SLOT, 1],
      ]),
    )
  })

  test('a further entry in the slot of the one before moves nothing', async () => {
    const { store } = current()
    const room = await houseOf(store, 1)
    await claimSeat(store, room, TICKET)
    expect((await claimSeat(store, room, TICKET, { entriesMax: 2 })).status).toBe('entered')
    expect(await load(room)).toMatchObject({ entered: 1, seats: new Map([[SEAT_SLOT, 1]]) })
  })

  test('a further entry never shortens for how long the seat is counted', async () => {
    const { store } = current()
    const room = await houseOf(store, 1)
    await claimSeat(store, room, TICKET, { seatSlot: NEXT_SLOT })
    await claimSeat(store, room, TICKET, { ...AGAIN, seatSlot: SEAT_SLOT })
    expect((await load(room)).seats).toEqual(new Map([[NEXT_SLOT, 1]]))
    expect(await depart(room, 'left')).toBe('counted')
    expect(await load(room)).toMatchObject({
      entered: 1,
      gone: 1,
      seats: new Map([[NEXT_SLOT, 0]]),
    })
  })

  test('a ticket enters as often as it may, and not once more', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    for (const entry of [1, 2, 3]) {
      const outcome = await claimSeat(store, room, TICKET, { entriesMax: 3, passId: `${entry}` })
      expect(outcome.status).toBe('entered')
    }
    const once = await claimSeat(store, room, TICKET, { entriesMax: 3, passId: '4' })
    expect(once).toMatchObject({ status: 'already-entered', claim: { passId: '3' } })
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
  })

  test('parallel claims, failure mode 4: further entries at once take over one seat once', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    await claimSeat(store, room, '0.0.2')
    const outcomes = await atOnce(10, number =>
      claimSeat(number % 2 === 0 ? store : other, room, TICKET, AGAIN),
    )
    expect(outcomes.filter(({ status }) => status === 'entered')).toHaveLength(1)
    const house = await load(room)
    expect(lawsOf(house)).toEqual(lawful(house))
    expect(house.entered - house.gone).toBeGreaterThanOrEqual(2)
    expect(house.seats.get(NEXT_SLOT)).toBe(1)
  })

  test('once its session is over a further entry needs a seat of its lane', async () => {
    const { store } = current()
    const room = await houseOf(store, 1)
    await claimSeat(store, room, TICKET)
    await order(store, room, { expired: [SEAT_SLOT] })
    expect((await claimSeat(store, room, TICKET, { ...AGAIN, lane: 'late' })).status).toBe(
      'no-late-seat',
    )
    expect((await store.loadClaim(room, TICKET))?.claim?.passId).toBe('pass-1')
    await order(store, room, { limit: 2, lateSeats: 1 })
    expect((await claimSeat(store, room, TICKET, { ...AGAIN, lane: 'late' })).status).toBe(
      'entered',
    )
    const house = await load(room)
    expect(house).toMatchObject({ entered: 2, gone: 1, lateSeats: 0 })
    expect(lawsOf(house)).toEqual(lawful(house))
  })

  test('a further entry by a present turn waits on hold, and shows nobody up twice', async () => {
    const { store } = current()
    const room = await houseOf(store, 1)
    await claimSeat(store, room, TICKET)
    await order(store, room, { expired: [SEAT_SLOT] })
    expect((await claimSeat(store, room, TICKET, AGAIN)).status).toBe('held')
    expect(await store.loadClaim(room, TICKET)).toMatchObject({ claim: { passId: 'pass-1' } })
    await order(store, room, { limit: 2 })
    expect((await claimSeat(store, room, '0.0.2')).status).toBe('held')
    expect((await claimSeat(store, room, TICKET, AGAIN)).status).toBe('entered')
    const house = await load(room)
    expect(house).toMatchObject({ entered: 2, gone: 1 })
    expect(house.byTurn).toEqual(new Map([[TURN_SLOT, 1]]))
    expect(sumOf(house.ageClasses)).toBe(1)
  })

  test('after leaving, a ticket that may enters again, and its next departure counts too', async () => {
    const { store } = current()
    const room = await houseOf(store, 2)
    await claimSeat(store, room, TICKET)
    await depart(room, 'left')
    expect((await claimSeat(store, room, TICKET, AGAIN)).status).toBe('entered')
    expect((await store.loadClaim(room, TICKET))?.departed).toBeUndefined()
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1 })
    expect(await depart(room, 'bought', NOW_MS + 1)).toBe('counted')
    expect(await depart(room, 'bought', NOW_MS + 1)).toBe('repeated')
    const house = await load(room)
    expect(house).toMatchObject({ entered: 2, gone: 2, left: 1, bought: 1 })
    expect(lawsOf(house)).toEqual(lawful(house))
  })

  test('leavers of the wrong set, failure mode 16: an old departure that comes again departs no later entry', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    const claim = (entry: number) =>
      claimSeat(store, room, TICKET, { entriesMax: 4, passId: `pass-${entry}` })
    await claim(1)
    expect(await depart(room, 'left', NOW_MS)).toBe('counted')
    await claim(2)
    for (const earlierMs of [0, 1]) {
      expect(await depart(room, 'left', NOW_MS - earlierMs)).toBe('repeated')
    }
    // A third entry, which took over the seat of the second, does not know the word any less.
    await claim(3)
    expect(await depart(room, 'bought', NOW_MS)).toBe('repeated')
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1, left: 1, bought: 0 })
    expect(await depart(room, 'left', NOW_MS + 1)).toBe('counted')
    await claim(4)
    expect(await depart(room, 'left', NOW_MS + 1)).toBe('repeated')
    const house = await load(room)
    expect(house).toMatchObject({ entered: 3, gone: 2, left: 2 })
    expect(lawsOf(house)).toEqual(lawful(house))
  })

  test('whoever bought does not enter again', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    await claimSeat(store, room, TICKET)
    await depart(room, 'bought')
    expect(await claimSeat(store, room, TICKET, AGAIN)).toMatchObject({
      status: 'already-entered',
      departed: 'bought',
    })
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1 })
  })

  test('leavers of the wrong set, failure mode 16: leaving and entering again at once, nobody is inside uncounted', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 8; round++) {
      const room = await houseOf(store, 9)
      await claimSeat(store, room, TICKET)
      await claimSeat(store, room, '0.0.2')
      // A claim that meets the departure half-way is told to ask again.
      const claim = claimSeat(other, room, TICKET, AGAIN).catch(() => undefined)
      const [departure] = await Promise.all([depart(room, 'left'), claim])
      expect(departure).toBe('counted')
      const kept = await store.loadClaim(room, TICKET)
      const isInside = kept?.departed === undefined
      const house = await load(room)
      expect(lawsOf(house)).toEqual(lawful(house))
      expect(house.entered - house.gone).toBeGreaterThanOrEqual(isInside ? 2 : 1)
    }
  })
}
