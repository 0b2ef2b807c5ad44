/** A process that dies, or loses an answer, while somebody walks in or out: nobody is inside uncounted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EMPTY_HOUSE, insideOf } from '../../../lib/queue/house/house.ts'
import { holdSlot } from '../../../lib/queue/house/slots.ts'
import { createDynamoClient, createDynamoStore } from '../../../lib/store/dynamodb/client.ts'
import { StoreRefusedError } from '../../../lib/store/dynamodb/items.ts'
import { type Store, StoreBusyError } from '../../../lib/store/port.ts'
import {
  type DynamoContestant,
  makeDynamoContestant,
  startDynalite,
} from '../../contract/harness.ts'
import {
  claimSeat,
  freshRoom,
  houseOf,
  houseOrders,
  NOW_MS,
  order,
  SEAT_SLOT,
  sampleClaim,
  sumOf,
} from '../../contract/samples.ts'
import {
  beforeWrite,
  dying as dyingClient,
  failWrites,
  loseAndRefuse,
  loseAnswer,
  refuseOnce,
} from './faults.ts'

const TICKET = '0.0.1'
const NEXT_SLOT = SEAT_SLOT + 38

let server: Awaited<ReturnType<typeof startDynalite>>
let contestant: DynamoContestant
let store: Store
beforeAll(async () => {
  server = await startDynalite()
  contestant = await makeDynamoContestant(server.endpoint)
  store = contestant.store
})
afterAll(async () => {
  await contestant.close()
  await server.close()
})

const load = (room: string) => store.loadHouse(room, 0)
const dying = (writes: number, act: () => Promise<unknown>) =>
  dyingClient(contestant.client, writes, act)
const depart = (room: string, reason: 'bought' | 'left' = 'left') =>
  store.depart(room, { ticketId: TICKET, reason, epoch: 0 }, NOW_MS)

/** Everybody who can walks in: 3 seats, and nobody is inside whom the house does not count. */
async function fill(room: string): Promise<number> {
  const tickets = [TICKET, '0.0.2', '0.0.3', '0.0.4', '0.0.5']
  const enteredAtMs = NOW_MS + 60_000
  for (const id of tickets) await claimSeat(store, room, id, { enteredAtMs })
  const kept = await Promise.all(tickets.map(id => store.loadClaim(room, id)))
  const inside = kept.filter(one => one?.claim !== undefined && one.departed === undefined).length
  const house = await load(room)
  expect(house.entered).toBeLessThanOrEqual(house.limit)
  expect(sumOf(house.seats.values())).toBe(insideOf(house))
  expect(inside).toBeLessThanOrEqual(insideOf(house))
  return inside
}

describe('a death half-way never lets one too many in', () => {
  test.each([0, 1])('of an entry that died after %i of its 2 writes', async writes => {
    const room = await houseOf(store, 3)
    expect(await dying(writes, () => claimSeat(store, room, TICKET))).toBe(false)
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    expect(await fill(room)).toBe(3 - writes)
    // The seat that it left empty is free when the session would have ended.
    await order(store, room, { expired: [SEAT_SLOT] })
    expect(await load(room)).toMatchObject({ entered: 3, gone: 3 })
  })

  test.each([1, 2])('of a hold that died after %i of its 3 writes', async writes => {
    const room = await houseOf(store, 0)
    expect(await dying(writes, () => claimSeat(store, room, TICKET))).toBe(false)
    expect((await load(room)).held).toEqual(new Map())
    const laterMs = NOW_MS + 60_000
    expect((await claimSeat(store, room, TICKET, { enteredAtMs: laterMs })).status).toBe('held')
    expect((await load(room)).held).toEqual(new Map([[holdSlot(laterMs), 1]]))
    await order(store, room, { limit: 3 })
    expect(await fill(room)).toBe(3)
  })

  test('of an entry from hold that died after the first of its writes', async () => {
    const room = await houseOf(store, 0)
    await claimSeat(store, room, TICKET)
    await order(store, room, { limit: 3 })
    expect(await dying(1, () => claimSeat(store, room, TICKET))).toBe(false)
    expect(await fill(room)).toBe(2)
  })

  test.each([0, 1])('of a departure that died after %i of its 2 writes', async writes => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    expect(await dying(writes, () => depart(room, 'bought'))).toBe(false)
    expect(await depart(room, 'bought')).toBe(writes === 0 ? 'counted' : 'repeated')
    const told = { entered: 1, gone: 1 - writes, bought: 1 - writes }
    expect(await load(room)).toMatchObject(told)
    // Its seat is free in the end; what was bought stays untold.
    await order(store, room, { expired: [SEAT_SLOT] })
    expect(await load(room)).toMatchObject({ ...told, gone: 1 })
  })

  test('of a departure after its session is over, which is told in a third write', async () => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    await order(store, room, { expired: [SEAT_SLOT] })
    expect(await dying(2, () => depart(room))).toBe(false)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, left: 0 })
  })
})

describe('an answer that gets lost on its way', () => {
  test.each([
    { write: 0, entered: 2 },
    { write: 1, entered: 1 },
  ])('leaves an entry entered, and counted: write $write', async ({ write, entered }) => {
    const room = await houseOf(store, 3)
    const fault = loseAnswer(contestant.client, write)
    const outcome = await claimSeat(store, room, TICKET).finally(fault.undo)
    expect(outcome.status).toBe('entered')
    // Counted twice rather than not at all: a seat stays empty for a session.
    expect(await load(room)).toMatchObject({ entered, gone: 0 })
  })

  test('of the claim for the last seat leaves that empty, rather than two people in it', async () => {
    const room = await houseOf(store, 1)
    const fault = loseAnswer(contestant.client, 0)
    const outcome = await claimSeat(store, room, TICKET).finally(fault.undo)
    expect(outcome.status).toBe('held')
    expect(await load(room)).toMatchObject({ entered: 1, limit: 1 })
  })

  test.each([0, 1])('leaves a departure counted once at most: write %i', async write => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    await claimSeat(store, room, '0.0.2')
    const fault = loseAnswer(contestant.client, write)
    const departure = depart(room, 'bought').finally(fault.undo)
    if (write === 0) expect(await departure).toBe('counted')
    else await expect(departure).rejects.toBeInstanceOf(StoreBusyError)
    expect(await depart(room, 'bought')).toBe('repeated')
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1, bought: 1 })
  })

  /** Another process, whose requests can fail by themselves. */
  function anotherProcess() {
    const client = createDynamoClient({ endpoint: server.endpoint })
    return { client, store: createDynamoStore({ client, table: contestant.table }) }
  }

  test.each([
    ['is counted', 'left', 1],
    ['is taken back', undefined, 0],
  ] as const)(
    'of a claim whose departure %s before the claim is sent again leaves its seat as that left it',
    async (_, departed, gone) => {
      const room = await houseOf(store, 3)
      await claimSeat(store, room, '0.0.2')
      const other = anotherProcess()
      if (departed === undefined) failWrites(other.client, 1, 'throttled')
      const departure = { ticketId: TICKET, reason: 'left', epoch: 0 } as const
      const fault = loseAnswer(contestant.client, 1, () =>
        other.store.depart(room, departure, NOW_MS).catch(() => undefined),
      )
      const outcome = await claimSeat(store, room, TICKET).finally(() => {
        fault.undo()
        other.client.destroy()
      })
      expect(outcome).toEqual({ status: 'already-entered', claim: sampleClaim(), departed })
      const house = await load(room)
      expect(house).toMatchObject({ entered: 2, gone })
      expect(sumOf(house.seats.values())).toBe(2 - gone)
    },
  )

  test('leaves a departure counted that came again while the first one was taken back', async () => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    const other = contestant.again()
    const departure = { ticketId: TICKET, reason: 'bought', epoch: 0 } as const
    // Its count is throttled, so that its third write takes the mark back; that is sent twice.
    const throttled = failWrites(contestant.client, 1, 'throttled')
    const fault = loseAnswer(contestant.client, 1, () => other.depart(room, departure, NOW_MS + 1))
    const failed = depart(room, 'bought').finally(() => {
      throttled.undo()
      fault.undo()
    })
    await expect(failed).rejects.toBeInstanceOf(StoreRefusedError)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, bought: 1 })
    expect(await depart(room, 'bought')).toBe('repeated')
  })

  test('leaves orders carried out once, with what expired, and says so', async () => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    const fault = loseAnswer(contestant.client, 0)
    const orders = { limit: 4, expired: [SEAT_SLOT] }
    expect(await order(store, room, orders).finally(fault.undo)).toBe(true)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, limit: 4 })
    const statuses: string[] = []
    for (const id of ['0.0.2', '0.0.3', '0.0.4', '0.0.5']) {
      statuses.push((await claimSeat(store, room, id)).status)
    }
    expect(statuses).toEqual(['entered', 'entered', 'entered', 'held'])
  })

  test('leaves the first orders of a house carried out once', async () => {
    const room = freshRoom()
    const fault = loseAnswer(contestant.client, 0)
    const orders = houseOrders(EMPTY_HOUSE, { limit: 3 })
    expect(await store.orderHouse(room, orders, EMPTY_HOUSE).finally(fault.undo)).toBe(true)
    expect(await fill(room)).toBe(3)
  })

  test('makes ghosts of a lease of the open way, and gives no number twice', async () => {
    const room = await houseOf(store, 9)
    const fault = loseAnswer(contestant.client, 0)
    const outcome = await store.leaseOpenWay(room, SEAT_SLOT, 2).finally(fault.undo)
    expect(outcome).toMatchObject({ status: 'leased', first: 2 })
    expect(await load(room)).toMatchObject({ entered: 4, openWay: 4 })
  })

  test('leaves an invitation to whoever used it', async () => {
    const room = freshRoom()
    const fault = loseAnswer(contestant.client, 0)
    const use = store.useInvitation(room, 'one', TICKET, NOW_MS).finally(fault.undo)
    expect(await use).toBe(TICKET)
  })
})

describe('a database that fails at the second write', () => {
  test('gives the seat back when it took no claim', async () => {
    const room = await houseOf(store, 3)
    const fault = failWrites(contestant.client, 1, 'throttled')
    const failed = claimSeat(store, room, TICKET).finally(fault.undo)
    await expect(failed).rejects.toBeInstanceOf(StoreRefusedError)
    expect(await store.loadClaim(room, TICKET)).toBeUndefined()
    const house = await load(room)
    expect(house).toMatchObject({ entered: 1, gone: 1 })
    expect(sumOf(house.byTurn.values())).toBe(0)
  })

  test('keeps the seat when it may have taken the claim', async () => {
    const room = await houseOf(store, 3)
    const fault = failWrites(contestant.client, 1, 'answers lost')
    const failed = claimSeat(store, room, TICKET).finally(fault.undo)
    await expect(failed).rejects.toBeInstanceOf(StoreBusyError)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
    expect((await claimSeat(store, room, TICKET)).status).toBe('already-entered')
    expect(await fill(room)).toBe(3)
  })

  test('keeps the seat when it took the claim, lost the answer, and refused what came again', async () => {
    const room = await houseOf(store, 3)
    const fault = loseAndRefuse(contestant.client, 1)
    const error = await claimSeat(store, room, TICKET)
      .catch((thrown: unknown) => thrown)
      .finally(fault.undo)
    expect(error).toBeInstanceOf(StoreBusyError)
    expect(error).not.toBeInstanceOf(StoreRefusedError)
    expect((await store.loadClaim(room, TICKET))?.claim).toBeDefined()
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
  })

  test('leaves the seat empty when it cannot be given back either, and tells of the first trouble', async () => {
    const room = await houseOf(store, 3)
    const fault = failWrites(contestant.client, 1, 'throttled', 2)
    const failed = claimSeat(store, room, TICKET).finally(fault.undo)
    await expect(failed).rejects.toBeInstanceOf(StoreRefusedError)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 0 })
  })

  test('notes no hold of a ticket that its twin has entered meanwhile', async () => {
    const room = await houseOf(store, 0)
    const other = contestant.again()
    const twin = beforeWrite(contestant.client, 1, async () => {
      await order(other, room, { limit: 3 })
      await claimSeat(other, room, TICKET, { passId: 'pass-2' })
    })
    const outcome = await claimSeat(store, room, TICKET).finally(twin.undo)
    expect(outcome).toMatchObject({ status: 'already-entered', claim: { passId: 'pass-2' } })
    expect(await load(room)).toMatchObject({ entered: 1, held: new Map() })
  })

  test('gives a seat back once, though the answer gets lost', async () => {
    const room = await houseOf(store, 3)
    const other = contestant.again()
    // Its twin enters between its two writes. The second is refused; the next one that is made makes
    // up for the seat.
    const twin = beforeWrite(contestant.client, 1, () =>
      claimSeat(other, room, TICKET, { passId: 'pass-2' }),
    )
    const fault = loseAnswer(contestant.client, 1)
    const outcome = await claimSeat(store, room, TICKET).finally(() => {
      twin.undo()
      fault.undo()
    })
    expect(outcome.status).toBe('already-entered')
    expect(await load(room)).toMatchObject({ entered: 2, gone: 1 })
  })

  test('leavers of the wrong set, failure mode 16: a seat that has expired meanwhile is not given back', async () => {
    const room = await houseOf(store, 3)
    const other = contestant.again()
    const meanwhile = beforeWrite(contestant.client, 1, async () => {
      await claimSeat(other, room, TICKET, { seatSlot: NEXT_SLOT, passId: 'pass-2' })
      await order(other, room, { expired: [SEAT_SLOT] })
    })
    await claimSeat(store, room, TICKET).finally(meanwhile.undo)
    expect(await load(room)).toMatchObject({
      entered: 2,
      gone: 1,
      seats: new Map([[NEXT_SLOT, 1]]),
    })
  })

  test('is asked again about a departure when it took nothing', async () => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    const fault = refuseOnce(contestant.client, 1)
    expect(await depart(room).finally(fault.undo)).toBe('counted')
    expect(await load(room)).toMatchObject({ gone: 1, left: 1 })
  })

  test.each([
    { how: 'throttled', again: 'counted' },
    { how: 'answers lost', again: 'repeated' },
  ] as const)('$how: a departure is never counted twice', async ({ how, again }) => {
    const room = await houseOf(store, 3)
    await claimSeat(store, room, TICKET)
    const fault = failWrites(contestant.client, 1, how)
    const failed = depart(room, 'bought').finally(fault.undo)
    await expect(failed).rejects.toBeInstanceOf(StoreBusyError)
    expect(await depart(room, 'bought')).toBe(again)
    expect(await load(room)).toMatchObject({ entered: 1, gone: 1, bought: 1 })
  })
})
