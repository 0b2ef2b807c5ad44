/** What a tick orders of the house, and the open way. */
import { expect, test } from 'vitest'
import { EMPTY_HOUSE } from '../../lib/queue/house/house.ts'
import type { Contestant } from './harness.ts'
import {
  atOnce,
  claimSeat,
  freshRoom,
  houseOf,
  houseOrders,
  lawful,
  lawsOf,
  order,
  SEAT_SLOT,
  sumOf,
  TURN_SLOT,
} from './samples.ts'

export function orderContract(current: () => Contestant): void {
  const load = (room: string) => current().store.loadHouse(room, 0)

  test('an order sets limit, reserved and late seats, with one write', async () => {
    const { store, writes } = current()
    const room = freshRoom()
    const before = writes()
    const orders = houseOrders(EMPTY_HOUSE, { limit: 7, reserved: 2, lateSeats: 1 })
    expect(await store.orderHouse(room, orders, EMPTY_HOUSE)).toBe(true)
    expect(writes() - before).toBe(1)
    expect(await load(room)).toMatchObject({ entered: 0, limit: 7, reserved: 2, lateSeats: 1 })
  })

  test('a retried trigger, failure mode 15: of orders at once from one and the same look, one counts', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 2)
    const seen = await load(room)
    const outcomes = await atOnce(8, number =>
      (number % 2 === 0 ? store : other).orderHouse(room, houseOrders(seen, { limit: 5 }), seen),
    )
    expect(outcomes.filter(done => done)).toHaveLength(1)
    const claims = await atOnce(9, number => claimSeat(store, room, `0.0.${number}`))
    expect(claims.filter(({ status }) => status === 'entered')).toHaveLength(5)
  })

  test('of first orders at once one counts', async () => {
    const { store } = current()
    const room = freshRoom()
    const orders = houseOrders(EMPTY_HOUSE, { limit: 5 })
    const outcomes = await atOnce(8, () => store.orderHouse(room, orders, EMPTY_HOUSE))
    expect(outcomes.filter(done => done)).toHaveLength(1)
    expect(await load(room)).toMatchObject({ limit: 5 })
    const claims = await atOnce(9, number => claimSeat(store, room, `0.0.${number}`))
    expect(claims.filter(({ status }) => status === 'entered')).toHaveLength(5)
  })

  test('a limit that moves while people walk in lets in exactly so many', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 2)
    const [outcomes] = await Promise.all([
      atOnce(20, number => claimSeat(store, room, `0.0.${number}`)),
      order(other, room, { limit: 6 }),
      order(other, room, { limit: 6 }),
    ])
    const entered = outcomes.filter(({ status }) => status === 'entered').length
    const more = await atOnce(20, number => claimSeat(store, room, `0.0.${number}`))
    expect(entered + more.filter(({ status }) => status === 'entered').length).toBe(6)
    const house = await load(room)
    expect(house).toMatchObject({ entered: 6, limit: 6 })
  })

  test('a limit below those inside lets nobody in until enough have left', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    await atOnce(3, number => claimSeat(store, room, `0.0.${number}`))
    await order(store, room, { limit: 1 })
    expect((await claimSeat(store, room, '0.0.8')).status).toBe('held')
    await order(store, room, { limit: 3 })
    expect((await claimSeat(store, room, '0.0.8')).status).toBe('held')
    await order(store, room, { limit: 4 })
    expect((await claimSeat(store, room, '0.0.8')).status).toBe('entered')
  })

  test('expired people are gone, and their slot is forgotten; those of others stay', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    await atOnce(3, number => claimSeat(store, room, `0.0.${number}`))
    await claimSeat(store, room, '0.0.9', { seatSlot: SEAT_SLOT + 38 })
    expect(await order(store, room, { expired: [SEAT_SLOT], limit: 12 })).toBe(true)
    const house = await load(room)
    expect(house).toMatchObject({ entered: 4, gone: 3, limit: 12 })
    expect(house.seats).toEqual(new Map([[SEAT_SLOT + 38, 1]]))
  })

  test('a slot whose people have all left is removed too', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    await claimSeat(store, room, '0.0.1')
    await store.depart(room, { ticketId: '0.0.1', reason: 'left', epoch: 0 }, 0)
    await order(store, room, { expired: [SEAT_SLOT, SEAT_SLOT + 38] })
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, seats: new Map() })
  })

  test('an expiry is ordered for the people that were seen, or nothing of the order happens', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    await claimSeat(store, room, '0.0.1')
    const seen = await load(room)
    await claimSeat(store, room, '0.0.2')
    const orders = houseOrders(seen, { expired: [SEAT_SLOT], limit: 10 })
    expect(await store.orderHouse(room, orders, seen)).toBe(false)
    expect(await load(room)).toMatchObject({ entered: 2, gone: 0, limit: 9 })
  })

  test('expiry ordered many times at once counts everybody gone once', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 9)
    await atOnce(5, number => claimSeat(store, room, `0.0.${number}`))
    const seen = await load(room)
    const orders = houseOrders(seen, { expired: [SEAT_SLOT] })
    await atOnce(8, number => (number % 2 === 0 ? store : other).orderHouse(room, orders, seen))
    expect(await load(room)).toMatchObject({ entered: 5, gone: 5, seats: new Map() })
  })

  test('turns that are measured are forgotten', async () => {
    const { store } = current()
    const room = await houseOf(store, 9)
    await claimSeat(store, room, '0.0.1')
    await claimSeat(store, room, '0.0.2', { turnSlot: TURN_SLOT + 1, ageClass: 12 })
    await order(store, room, { forgotten: [TURN_SLOT] })
    const house = await load(room)
    expect(house.byTurn).toEqual(new Map([[TURN_SLOT + 1, 1]]))
    expect(house.ageClasses).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('the numbers of the open way follow one another, each lease with one write', async () => {
    const { store, writes } = current()
    const room = await houseOf(store, 10)
    await order(store, room, { reserved: 2 })
    const before = writes()
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 3)).toEqual({
      status: 'leased',
      first: 0,
      left: 5,
    })
    expect(await store.leaseOpenWay(room, SEAT_SLOT + 38, 1)).toEqual({
      status: 'leased',
      first: 3,
      left: 4,
    })
    expect(writes() - before).toBe(2)
    const house = await load(room)
    expect(house).toMatchObject({ entered: 4, openWay: 4 })
    expect(lawsOf(house)).toEqual(lawful(house))
  })

  test('the open way stops before the seats that are reserved, and at the last seat', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 4)).toEqual({ status: 'full' })
    await order(store, room, { reserved: 3 })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 1)).toEqual({ status: 'full' })
    await order(store, room, { reserved: 2 })
    expect((await store.leaseOpenWay(room, SEAT_SLOT, 1)).status).toBe('leased')
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 1)).toEqual({ status: 'full' })
    expect((await claimSeat(store, room, '0.0.1')).status).toBe('entered')
  })

  test('a lease of several leaves every seat that is reserved, whatever order reserved it', async () => {
    const { store } = current()
    const room = await houseOf(store, 5)
    await order(store, room, { reserved: 3 })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 3)).toEqual({ status: 'full' })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 2)).toMatchObject({ left: 0 })
    await order(store, room, { limit: 9, reserved: 1 })
    // Whoever has a turn takes one of the kept seats; the others are nobody's for now.
    await claimSeat(store, room, '0.0.1')
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 6)).toEqual({ status: 'full' })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 5)).toMatchObject({ left: 0 })
  })

  test('a lease of several leaves a seat to each on hold, though no order knows of them yet', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    for (const id of ['0.0.1', '0.0.2']) await claimSeat(store, room, id)
    const seen = await load(room)
    await claimSeat(store, room, '0.0.3')
    await store.orderHouse(room, houseOrders(seen, { limit: 5, reserved: 2 }), seen)
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 3)).toEqual({ status: 'full' })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 2)).toMatchObject({ left: 0 })
    for (const id of ['0.0.1', '0.0.2', '0.0.3']) {
      expect((await claimSeat(store, room, id)).status).toBe('entered')
    }
    expect(await load(room)).toMatchObject({ entered: 5, limit: 5 })
  })

  test('failure mode 17: of two orders that rest on the same reserved seats one is carried out', async () => {
    const { store, again } = current()
    const room = await houseOf(store, 5)
    const seen = await load(room)
    const outcomes = await Promise.all([
      store.orderHouse(room, houseOrders(seen, { reserved: 1 }), seen),
      again().orderHouse(room, houseOrders(seen, { reserved: 2 }), seen),
    ])
    expect(outcomes.filter(done => done)).toHaveLength(1)
    const { reserved } = await load(room)
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 5 - reserved + 1)).toEqual({ status: 'full' })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 5 - reserved)).toMatchObject({ left: 0 })
  })

  test('leases of the open way at once, beside claims, give no number twice and no seat too many', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 3; round++) {
      const room = await houseOf(store, 12)
      const [leases, claims] = await Promise.all([
        atOnce(8, number =>
          (number % 2 === 0 ? store : other).leaseOpenWay(room, SEAT_SLOT, 1 + (number % 3)),
        ),
        atOnce(8, number => claimSeat(other, room, `0.0.${number}`)),
      ])
      const numbers = leases.flatMap((lease, number) =>
        lease.status === 'full'
          ? []
          : Array.from({ length: 1 + (number % 3) }, (_, at) => lease.first + at),
      )
      const house = await load(room)
      expect(numbers.sort((a, b) => a - b)).toEqual([...Array(house.openWay).keys()])
      const entered = claims.filter(({ status }) => status === 'entered').length
      expect(house.entered).toBe(house.openWay + entered)
      expect(lawsOf(house)).toEqual(lawful(house))
      expect(sumOf(house.seats.values())).toBe(house.entered)
    }
  })
}
