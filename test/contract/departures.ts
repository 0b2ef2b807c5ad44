/** Walking out: each who entered frees one seat, once. */
import { expect, test } from 'vitest'
import { CLOCK_SKEW_SECONDS, OPEN_WAY_SHARD } from '../../lib/queue/limits.ts'
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
} from './samples.ts'

const TICKET = '0.3.41'

export function departureContract(current: () => Contestant): void {
  const load = (room: string, epoch = 0) => current().store.loadHouse(room, epoch)
  const depart = (room: string, id: string, reason: 'bought' | 'left' = 'left', atMs = NOW_MS) =>
    current().store.depart(room, { ticketId: id, reason, epoch: 0 }, atMs)

  test('a departure frees the seat of its own slot, which the next tick gives to others', async () => {
    const { store } = current()
    const room = await houseOf(store, 2)
    await claimSeat(store, room, '0.0.1', { seatSlot: SEAT_SLOT })
    await claimSeat(store, room, '0.0.2', { seatSlot: SEAT_SLOT + 38 })
    expect(await depart(room, '0.0.1', 'bought')).toBe('counted')
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1, bought: 1, left: 0 })
    expect((await load(room)).seats).toEqual(
      new Map([
        [SEAT_SLOT, 0],
        [SEAT_SLOT + 38, 1],
      ]),
    )
    expect((await claimSeat(store, room, '0.0.3')).status).toBe('held')
    await order(store, room, { limit: 3 })
    expect((await claimSeat(store, room, '0.0.3')).status).toBe('entered')
  })

  test('departures say how much of their sessions was left, which is never less than nothing', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    for (const id of ['0.0.1', '0.0.2', '0.0.3']) await claimSeat(store, room, id)
    const endsAtMs = SEAT_SLOT * 1000
    await depart(room, '0.0.1', 'bought', endsAtMs - 300_000)
    await depart(room, '0.0.1', 'bought', endsAtMs - 200_000)
    expect(await load(room)).toMatchObject({ bought: 1, unspentSeconds: 300 })
    await depart(room, '0.0.2', 'left', endsAtMs - 100_001)
    expect(await load(room)).toMatchObject({ left: 1, unspentSeconds: 401 })
    await depart(room, '0.0.3', 'left', endsAtMs + 5_000)
    expect(await load(room)).toMatchObject({ left: 2, unspentSeconds: 401 })
  })

  test('leavers of the wrong set, failure mode 16: whoever leaves twice or never came frees no seat', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    await claimSeat(store, room, '0.0.1')
    await claimSeat(store, room, '0.0.2')
    for (const id of ['0.0.1', '0.0.1', '0.0.9', '7.7.7']) await depart(room, id)
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1, left: 1 })
    expect((await load(room)).seats).toEqual(new Map([[SEAT_SLOT, 1]]))
  })

  test('failure mode 2: a departure that comes again, with whatever reason, counts once', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    expect(await depart(room, TICKET, 'bought')).toBe('counted')
    expect(await depart(room, TICKET, 'bought')).toBe('repeated')
    expect(await depart(room, TICKET, 'left', NOW_MS + 1)).toBe('repeated')
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, bought: 1, left: 0 })
    expect(await store.loadClaim(room, TICKET)).toMatchObject({ departed: 'bought' })
  })

  test('a retried trigger, failure mode 15: 10 copies of a departure at once count once', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    await claimSeat(store, room, '0.0.2')
    const outcomes = await atOnce(10, number =>
      (number % 2 === 0 ? store : other).depart(
        room,
        { ticketId: TICKET, reason: 'bought', epoch: 0 },
        NOW_MS,
      ),
    )
    expect(outcomes.filter(outcome => outcome === 'counted')).toHaveLength(1)
    expect(outcomes.filter(outcome => outcome === 'repeated')).toHaveLength(9)
    const house = await load(room)
    expect(house).toMatchObject({ entered: 2, gone: 1, bought: 1 })
    expect(lawsOf(house)).toEqual(lawful(house))
  })

  test('a ticket that never entered does not depart, and enters all the same', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    expect(await depart(room, TICKET)).toBe('never-entered')
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect((await claimSeat(store, room, TICKET)).status).toBe('entered')
    expect(await load(room)).toMatchObject({ gone: 0, left: 0 })
  })

  test('a ticket on hold does not depart', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claimSeat(store, room, TICKET)
    expect(await depart(room, TICKET)).toBe('never-entered')
    await order(store, room, { limit: 1 })
    expect((await claimSeat(store, room, TICKET)).status).toBe('entered')
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
  })

  test('after its session is over a departure tells what was bought, and frees no second seat', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    await claimSeat(store, room, '0.0.1')
    await claimSeat(store, room, '0.0.2', { seatSlot: SEAT_SLOT + 38 })
    await order(store, room, { expired: [SEAT_SLOT] })
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1 })
    expect(await depart(room, '0.0.1', 'bought')).toBe('counted')
    const house = await load(room)
    expect(house).toMatchObject({ entered: 2, gone: 1, bought: 1 })
    expect(house.seats).toEqual(new Map([[SEAT_SLOT + 38, 1]]))
  })

  test('leavers of the wrong set, failure mode 16: expiry and departures at once free each seat once', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 5; round++) {
      const room = await houseOf(store, 6)
      await atOnce(6, number => claimSeat(store, room, `0.0.${number}`))
      await Promise.all([
        order(store, room, { expired: [SEAT_SLOT] }),
        atOnce(4, number => depart(room, `0.0.${number}`)),
        order(other, room, { expired: [SEAT_SLOT] }),
      ])
      const between = await load(room)
      expect(lawsOf(between)).toEqual(lawful(between))
      await order(store, room, { expired: [SEAT_SLOT] })
      const house = await load(room)
      // those of whom nobody was told are over by their time
      expect(house).toMatchObject({ entered: 6, gone: 6, left: 4 })
      expect([2, 3, 4, 5, 6]).toContain(house.over)
      expect(house.seats).toEqual(new Map())
    }
  })

  test('sessions that are over are counted once, in the sale in which their time came', async () => {
    const { store } = current()
    const room = await houseOf(store, 5)
    for (const id of ['0.0.1', '0.0.2', '0.0.3']) await claimSeat(store, room, id)
    await depart(room, '0.0.3')
    for (const epoch of [1, 1]) await order(store, room, { epoch, expired: [SEAT_SLOT] })
    expect(await load(room, 1)).toMatchObject({ gone: 3, over: 2 })
    expect(await load(room, 0)).toMatchObject({ left: 1, over: 0 })
  })

  test.each(['left', 'bought'] as const)(
    'a ticket that has %s is told so, and does not enter again',
    async reason => {
      const { store } = current()
      const room = await houseOf(store, 3)
      await claimSeat(store, room, TICKET)
      await depart(room, TICKET, reason)
      expect(await claimSeat(store, room, TICKET, { passId: 'pass-2' })).toEqual({
        status: 'already-entered',
        claim: sampleClaim(),
        departed: reason,
      })
      expect(await load(room)).toMatchObject({ entered: 1, gone: 1 })
    },
  )

  test('leavers of the wrong set, failure mode 16: leaving and coming back at once is leaving', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 8; round++) {
      const room = await houseOf(store, 9)
      await claimSeat(store, room, TICKET)
      await claimSeat(store, room, '0.0.2')
      const [departure, claim] = await Promise.all([
        depart(room, TICKET),
        claimSeat(other, room, TICKET, { passId: 'pass-2' }),
      ])
      expect(departure).toBe('counted')
      expect(claim).toMatchObject({ status: 'already-entered', claim: { passId: 'pass-1' } })
      const house = await load(room)
      expect(house).toMatchObject({ entered: 2, gone: 1 })
      expect(lawsOf(house)).toEqual(lawful(house))
    }
  })

  test('a departure that comes while its ticket walks in counts once, or not at all', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 8; round++) {
      const room = await houseOf(store, 9)
      await claimSeat(store, room, '0.0.2')
      const [claim, ...departures] = await Promise.all([
        claimSeat(other, room, TICKET),
        depart(room, TICKET),
        depart(room, TICKET),
      ])
      expect(claim.status).toBe('entered')
      const counted = departures.filter(outcome => outcome === 'counted').length
      expect(counted).toBeLessThanOrEqual(1)
      const house = await load(room)
      expect(house).toMatchObject({ entered: 2, gone: counted, left: counted })
      expect(lawsOf(house)).toEqual(lawful(house))
    }
  })

  test('sales count by themselves: a departure is of the sale that its claim is of', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    await claimSeat(store, room, '0.0.1', { epoch: 0 })
    await claimSeat(store, room, '9.0.1', { epoch: 1 })
    await store.depart(room, { ticketId: '0.0.1', reason: 'bought', epoch: 1 }, NOW_MS)
    await store.depart(room, { ticketId: '9.0.1', reason: 'left', epoch: 1 }, NOW_MS)
    expect(await load(room, 0)).toMatchObject({ bought: 1, left: 0 })
    expect(await load(room, 1)).toMatchObject({ bought: 0, left: 1 })
  })

  test('the counts of a sale are there through the next one, and in the end they are forgotten', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    for (let epoch = 0; epoch < 3; epoch++) {
      await claimSeat(store, room, `${epoch}.0.1`, { epoch })
      await store.depart(room, { ticketId: `${epoch}.0.1`, reason: 'bought', epoch }, NOW_MS)
      expect((await load(room, epoch)).bought).toBe(1)
      expect((await load(room, epoch)).unspentSeconds).toBeGreaterThan(0)
      if (epoch > 0)
        expect(await load(room, epoch - 1)).toMatchObject({ bought: 1, unspentSeconds: 0 })
    }
    expect((await load(room, 0)).bought).toBe(0)
  })

  test('a number of the open way departs once, whatever slot it is said to be of', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 10)
    await store.leaseOpenWay(room, SEAT_SLOT, 3)
    const id = (number: number, slot = SEAT_SLOT) => `${slot}.${OPEN_WAY_SHARD}.${number}`
    const outcomes = await atOnce(10, number =>
      (number % 2 === 0 ? store : other).depart(
        room,
        { ticketId: id(2), reason: 'bought', epoch: 4 },
        NOW_MS,
      ),
    )
    expect(outcomes.filter(outcome => outcome === 'counted')).toHaveLength(1)
    expect(outcomes.filter(outcome => outcome === 'repeated')).toHaveLength(9)
    await claimSeat(store, room, TICKET, { seatSlot: SEAT_SLOT + 38 })
    expect(await depart(room, id(2, SEAT_SLOT + 38))).toBe('repeated')
    expect(await store.loadClaim(room, id(2))).toEqual({ departed: 'bought' })
    expect(await load(room, 4)).toMatchObject({ entered: 4, gone: 1, bought: 1 })
    expect((await load(room)).seats).toEqual(
      new Map([
        [SEAT_SLOT, 2],
        [SEAT_SLOT + 38, 1],
      ]),
    )
  })

  test('a number that was never given out, or in a slot that never was, does not depart', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    await store.leaseOpenWay(room, SEAT_SLOT, 3)
    expect(await depart(room, `${SEAT_SLOT}.${OPEN_WAY_SHARD}.3`)).toBe('never-entered')
    expect(await depart(room, `${SEAT_SLOT + 38}.${OPEN_WAY_SHARD}.2`)).toBe('never-entered')
    expect(await depart(room, `${SEAT_SLOT}.${OPEN_WAY_SHARD}.2`)).toBe('counted')
    expect(await load(room)).toMatchObject({ gone: 1, left: 1 })
  })

  test('a number whose slot has expired tells what was bought, by a clock that is late too', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    await store.leaseOpenWay(room, SEAT_SLOT, 3)
    await order(store, room, { expired: [SEAT_SLOT] })
    const id = (number: number) => `${SEAT_SLOT}.${OPEN_WAY_SHARD}.${number}`
    const lateMs = (SEAT_SLOT - CLOCK_SKEW_SECONDS) * 1000
    expect(await depart(room, id(0), 'bought', lateMs - 1)).toBe('never-entered')
    expect(await depart(room, id(0), 'bought', lateMs)).toBe('counted')
    expect(await load(room)).toMatchObject({ entered: 3, gone: 3, bought: 1 })
  })
}
