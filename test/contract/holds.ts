/** Those who have a turn and meet a full house. */
import { expect, test } from 'vitest'
import { holdSlot } from '../../lib/queue/house/slots.ts'
import { HOLD_BUCKET_SECONDS } from '../../lib/queue/limits.ts'
import type { Contestant } from './harness.ts'
import { atOnce, claimSeat, houseOf, lawful, lawsOf, NOW_MS, order, sumOf } from './samples.ts'

const SLOT = holdSlot(NOW_MS)
const SLOT_MS = HOLD_BUCKET_SECONDS * 1000

export function holdContract(current: () => Contestant): void {
  const load = (room: string) => current().store.loadHouse(room, 0)
  const claim = (room: string, id: string, atMs = NOW_MS) =>
    claimSeat(current().store, room, id, { enteredAtMs: atMs })

  test('whoever meets a full house stands on hold since the first time, however often they ask', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    for (const laterMs of [0, 1, 5_000, 4 * SLOT_MS]) {
      expect(await claim(room, '0.0.1', NOW_MS + laterMs)).toEqual({
        status: 'held',
        heldAtMs: NOW_MS,
      })
    }
    expect(await store.loadClaim(room, '0.0.1')).toEqual({ heldAtMs: NOW_MS })
    expect((await load(room)).held).toEqual(new Map([[SLOT, 1]]))
  })

  test('asking again in a full house writes nothing', async () => {
    const { store, writes } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    const before = writes()
    await atOnce(5, number => claim(room, '0.0.1', NOW_MS + number * 1000))
    expect(writes() - before).toBe(0)
  })

  test('the next free seat is for those on hold, not for whoever comes', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await order(store, room, { limit: 1 })
    expect((await claim(room, '0.0.2')).status).toBe('held')
    expect((await claim(room, '0.0.1')).status).toBe('entered')
    expect((await load(room)).held).toEqual(new Map([[SLOT, 1]]))
  })

  test('with a seat more than are on hold a newcomer walks in', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await order(store, room, { limit: 2 })
    expect((await claim(room, '0.0.2')).status).toBe('entered')
    expect((await claim(room, '0.0.3')).status).toBe('held')
    expect((await claim(room, '0.0.1')).status).toBe('entered')
  })

  test('failure mode 14: one on hold who never comes back blocks others for no longer than the hold', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await order(store, room, { limit: 1 })
    expect((await claim(room, '0.0.2')).status).toBe('held')
    // The second one on hold needs nobody to come before.
    expect((await claim(room, '0.0.2')).status).toBe('entered')
    await order(store, room, { limit: 2 })
    expect((await claim(room, '0.0.3')).status).toBe('held')
    expect(await order(store, room, { lapsed: [SLOT] })).toBe(true)
    expect((await claim(room, '0.0.4')).status).toBe('entered')
  })

  test('neither the late lane nor the open way takes a seat from those on hold', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await order(store, room, { limit: 1, lateSeats: 5 })
    const late = () => claimSeat(store, room, '0.0.2', { lane: 'late' })
    expect((await late()).status).toBe('no-late-seat')
    expect((await store.leaseOpenWay(room, SLOT, 1)).status).toBe('full')
    await order(store, room, { limit: 2, lateSeats: 5 })
    expect((await late()).status).toBe('entered')
  })

  test('a hold is used up by the entry', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await claim(room, '0.0.2')
    await order(store, room, { limit: 1 })
    await claim(room, '0.0.1')
    expect((await load(room)).held).toEqual(new Map([[SLOT, 1]]))
    expect(await store.loadClaim(room, '0.0.1')).toMatchObject({ heldAtMs: NOW_MS })
  })

  test('a hold that has lapsed is no reason to come first, but it is taken up again', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    const laterMs = NOW_MS + 5 * SLOT_MS
    await claim(room, '0.0.1')
    expect(await order(store, room, { lapsed: [SLOT] })).toBe(true)
    expect((await load(room)).held).toEqual(new Map())
    expect(await claim(room, '0.0.1', laterMs)).toEqual({ status: 'held', heldAtMs: NOW_MS })
    expect((await load(room)).held).toEqual(new Map([[holdSlot(laterMs), 1]]))
    await order(store, room, { limit: 1 })
    expect((await claim(room, '0.0.2', laterMs)).status).toBe('held')
    expect((await claim(room, '0.0.1', laterMs)).status).toBe('entered')
  })

  test('whose hold has lapsed walks in like a newcomer while there is a seat', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    await claim(room, '0.0.2', NOW_MS + SLOT_MS)
    await order(store, room, { limit: 2, lapsed: [SLOT] })
    expect((await claim(room, '0.0.1', NOW_MS + SLOT_MS)).status).toBe('entered')
    expect((await load(room)).held).toEqual(new Map([[SLOT + HOLD_BUCKET_SECONDS, 1]]))
  })

  test('a lapse is ordered for the holds that were seen, or not at all', async () => {
    const { store } = current()
    const room = await houseOf(store, 0)
    await claim(room, '0.0.1')
    const seen = await load(room)
    await claim(room, '0.0.2')
    const orders = { ...seen, epoch: 0, expired: [], forgotten: [], lapsed: [SLOT] }
    expect(await store.orderHouse(room, orders, seen)).toBe(false)
    expect((await load(room)).held).toEqual(new Map([[SLOT, 2]]))
  })

  test('one ticket that asks 10 times at once stands on hold once', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 0)
    const outcomes = await atOnce(10, number =>
      claimSeat(number % 2 === 0 ? store : other, room, '0.0.1'),
    )
    for (const outcome of outcomes) expect(outcome).toEqual({ status: 'held', heldAtMs: NOW_MS })
    expect((await load(room)).held).toEqual(new Map([[SLOT, 1]]))
  })

  test('10 on hold at once for 4 free seats, beside newcomers: 4 of those on hold enter', async () => {
    const { store, again } = current()
    const other = again()
    const room = await houseOf(store, 0)
    await atOnce(10, number => claim(room, `0.0.${number}`))
    await order(store, room, { limit: 4 })
    const outcomes = await atOnce(20, number =>
      claimSeat(number % 2 === 0 ? store : other, room, `0.0.${19 - number}`),
    )
    const entered = outcomes.map((outcome, number) => outcome.status === 'entered' && 19 - number)
    const whose = entered.filter(number => number !== false)
    expect(whose).toHaveLength(4)
    for (const number of whose) expect(number).toBeLessThan(10)
    const house = await load(room)
    expect(sumOf(house.held.values())).toBe(6 + 10)
    expect(lawsOf(house)).toEqual(lawful(house))
  })
}
