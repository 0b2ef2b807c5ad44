/** Walking in: a seat for each who enters, and never one more. */
import { expect, test } from 'vitest'
import type { Contestant } from './harness.ts'
import {
  atOnce,
  claimSeat,
  freshRoom,
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

export function houseContract(current: () => Contestant): void {
  const load = (room: string) => current().store.loadHouse(room, 0)

  test('a ticket enters, and is counted by its session, its turn and the age of that', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    const claim = sampleClaim()
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect(await claimSeat(store, room, TICKET)).toEqual({ status: 'entered', claim })
    expect(await store.loadClaim(room, TICKET)).toEqual({ claim })
    expect(await load(room)).toEqual({
      entered: 1,
      gone: 0,
      limit: 10,
      reserved: 0,
      lateSeats: 0,
      openWay: 0,
      held: new Map(),
      seats: new Map([[SEAT_SLOT, 1]]),
      byTurn: new Map([[TURN_SLOT, 1]]),
      ageClasses: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      bought: 0,
      left: 0,
      unspentSeconds: 0,
      over: 0,
    })
  })

  test('a claim without a nonce comes back without one', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    const claim = sampleClaim({ nonce: undefined })
    await claimSeat(store, room, TICKET, { nonce: undefined })
    expect((await store.loadClaim(room, TICKET))?.claim).toEqual(claim)
  })

  test('a house that nobody gave a limit is empty, and refuses everybody', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await load(room)).toMatchObject({ entered: 0, limit: 0, openWay: 0 })
    expect(await claimSeat(store, room, '0.0.1')).toMatchObject({ status: 'held' })
    expect(await claimSeat(store, room, '0.0.2', { lane: 'late' })).toEqual({
      status: 'no-late-seat',
    })
    expect(await store.leaseOpenWay(room, SEAT_SLOT, 1)).toEqual({ status: 'full' })
    expect(await load(room)).toMatchObject({ entered: 0, limit: 0, openWay: 0 })
  })

  test('an entry is two writes', async () => {
    const { store, writes } = current()
    const room = await houseOf(store, 10)
    const before = writes()
    await claimSeat(store, room, TICKET)
    expect(writes() - before).toBe(2)
  })

  test('parallel claims, failure mode 4: 20 tickets at once get 3 seats, exactly 3 enter', async () => {
    const { store, again } = current()
    const other = again()
    for (let round = 0; round < 3; round++) {
      const room = await houseOf(store, 3)
      const outcomes = await atOnce(20, number =>
        claimSeat(number % 2 === 0 ? store : other, room, `0.0.${number}`),
      )
      expect(outcomes.filter(({ status }) => status === 'entered')).toHaveLength(3)
      expect(outcomes.filter(({ status }) => status === 'held')).toHaveLength(17)
      const house = await load(room)
      expect(house).toMatchObject({ entered: 3, gone: 0 })
      expect(sumOf(house.held.values())).toBe(17)
      expect(lawsOf(house)).toEqual(lawful(house))
    }
  })

  test('parallel claims, failure mode 4: one ticket that claims 20 times at once is inside once', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 100)
    const outcomes = await atOnce(20, number =>
      claimSeat(number % 2 === 0 ? store : other, room, TICKET, { passId: `pass-${number}` }),
    )
    expect(outcomes.filter(({ status }) => status === 'entered')).toHaveLength(1)
    const claims = outcomes.flatMap(outcome => ('claim' in outcome ? [outcome.claim] : []))
    expect(new Set(claims.map(claim => claim.passId)).size).toBe(1)
    expect(claims).toHaveLength(20)
    const house = await load(room)
    expect(lawsOf(house)).toEqual({ inside: 1, isWithinLimit: true })
    expect(house.entered - house.gone).toBe(1)
    expect(house.byTurn).toEqual(new Map([[TURN_SLOT, 1]]))
    expect(sumOf(house.ageClasses)).toBe(1)
  })

  test('a ticket that claims twice at once takes the last seat, and no other ticket gets it', async () => {
    const { store, again } = current()
    for (let round = 0; round < 5; round++) {
      const room = await houseOf(store, 1)
      await Promise.all([
        claimSeat(store, room, '0.0.1', { passId: 'pass-1' }),
        claimSeat(again(), room, '0.0.1', { passId: 'pass-2' }),
      ])
      expect((await store.loadClaim(room, '0.0.1'))?.claim).toBeDefined()
      expect((await claimSeat(store, room, '0.0.2')).status).toBe('held')
      const house = await load(room)
      expect(lawsOf(house)).toEqual({ inside: 1, isWithinLimit: true })
    }
  })

  test('several clocks, failure mode 20: a later claim by another clock gets the one that counted', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    await claimSeat(store, room, TICKET)
    for (const shiftMs of [-60_000, 60_000]) {
      const later = { enteredAtMs: NOW_MS + shiftMs, passId: 'pass-2', nonce: 'other' }
      expect(await claimSeat(store, room, TICKET, later)).toEqual({
        status: 'already-entered',
        claim: sampleClaim(),
      })
    }
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
  })

  test('a ticket enters once, also by another lane and after its session is over', async () => {
    const { store, writes } = current()
    const room = await houseOf(store, 10)
    await claimSeat(store, room, TICKET)
    await order(store, room, { expired: [SEAT_SLOT], lateSeats: 5 })
    const before = writes()
    for (const lane of ['turn', 'held', 'late'] as const) {
      expect(await claimSeat(store, room, TICKET, { lane, passId: 'pass-2' })).toEqual({
        status: 'already-entered',
        claim: sampleClaim(),
      })
    }
    expect(writes() - before).toBe(0)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, lateSeats: 5 })
  })

  test('the last seat is taken, and the one after it is not', async () => {
    const { store } = current()
    const room = await houseOf(store, 2)
    const claims = ['0.0.1', '0.0.2', '0.0.3'].map(id => () => claimSeat(store, room, id))
    const statuses: string[] = []
    for (const claim of claims) statuses.push((await claim()).status)
    expect(statuses).toEqual(['entered', 'entered', 'held'])
  })

  test('rooms count by themselves', async () => {
    const { store } = current()
    const [one, two] = [await houseOf(store, 1), await houseOf(store, 1)]
    await claimSeat(store, one, TICKET)
    expect((await claimSeat(store, two, TICKET)).status).toBe('entered')
    expect(await load(one)).toMatchObject({ entered: 1 })
  })

  test('a deleted room keeps its house: its people are still inside', async () => {
    const { store } = current()
    const room = await houseOf(store, 10)
    await claimSeat(store, room, TICKET)
    await store.deleteRoom(room)
    expect(await load(room)).toMatchObject({ entered: 1, limit: 10 })
  })

  test('the late lane takes its own seats, while more are free than are reserved for turns', async () => {
    const { store } = current()
    const room = await houseOf(store, 3)
    const late = (id: string) => claimSeat(store, room, id, { lane: 'late' })
    expect((await late('0.0.1')).status).toBe('no-late-seat')
    await order(store, room, { lateSeats: 2, reserved: 1 })
    expect((await late('0.0.1')).status).toBe('entered')
    expect((await late('0.0.2')).status).toBe('entered')
    expect((await late('0.0.3')).status).toBe('no-late-seat')
    // A late seat, and one free that is kept; then one more free.
    await order(store, room, { lateSeats: 5, reserved: 1 })
    expect((await late('0.0.3')).status).toBe('no-late-seat')
    await order(store, room, { lateSeats: 5, reserved: 1, limit: 4 })
    expect((await late('0.0.3')).status).toBe('entered')
    const house = await load(room)
    expect(house).toMatchObject({ entered: 3, lateSeats: 4, byTurn: new Map() })
    expect(sumOf(house.ageClasses)).toBe(0)
  })

  test('whom the late lane refuses is not noted, and enters later', async () => {
    const { store, writes } = current()
    const room = await houseOf(store, 3)
    const before = writes()
    await claimSeat(store, room, TICKET, { lane: 'late' })
    // The refused count is all that was sent.
    expect(writes() - before).toBe(1)
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect((await claimSeat(store, room, TICKET)).status).toBe('entered')
  })

  test('20 late claims at once for 2 late seats: exactly 2 enter', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 50)
    await order(store, room, { lateSeats: 2 })
    const outcomes = await atOnce(20, number =>
      claimSeat(number % 2 === 0 ? store : other, room, `0.0.${number}`, { lane: 'late' }),
    )
    expect(outcomes.filter(({ status }) => status === 'entered')).toHaveLength(2)
    expect(await load(room)).toMatchObject({ entered: 2, lateSeats: 0 })
  })
}
