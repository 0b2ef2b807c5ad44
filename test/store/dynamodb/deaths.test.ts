/** A process that dies, or loses an answer, between any two writes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../lib/store/port.ts'
import {
  type DynamoContestant,
  makeDynamoContestant,
  startDynalite,
} from '../../contract/harness.ts'
import { firstState, freshRoom, makeRoom, NOW_MS, sampleConfig } from '../../contract/samples.ts'
import { dying as dyingClient, loseAnswer } from './faults.ts'

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

const dying = (writes: number, act: () => Promise<unknown>) =>
  dyingClient(contestant.client, writes, act)

const load = (room: string) => store.loadRoom(room, { consistent: true })
const isListed = async (room: string) =>
  (await store.listRooms()).some(listing => listing.room === room)

describe('failure mode 23: what died half-way is completed by running it again', () => {
  test.each([0, 1, 2])('a creation that died after %i of its 3 writes', async writes => {
    const room = freshRoom()
    expect(await dying(writes, () => makeRoom(store, room, 'first'))).toBe(false)
    expect(await load(room)).toBeUndefined()
    expect(await makeRoom(store, room, 'second')).toBe(true)
    expect(await load(room)).toMatchObject({ config: { message: 'second' }, configVersion: 0 })
    expect(await isListed(room)).toBe(true)
    expect(await makeRoom(store, room, 'third')).toBe(false)
  })

  test('a creation writes three times', async () => {
    expect(await dying(3, () => makeRoom(store, freshRoom()))).toBe(true)
  })

  test.each([1, 2])('a deletion that died after %i of its 3 writes', async writes => {
    const room = freshRoom()
    await makeRoom(store, room)
    expect(await dying(writes, () => store.deleteRoom(room))).toBe(false)
    expect(await load(room)).toBeUndefined()
    expect(await store.saveState(room, { ...firstState(), front: 9 })).toBe(false)
    await store.deleteRoom(room)
    expect(await isListed(room)).toBe(false)
  })

  const pairs = [1, 2, 3].flatMap(deletion => [0, 1, 2].map(creation => ({ deletion, creation })))
  test.each(pairs)(
    'a creation that died after $creation writes, after a deletion that died after $deletion',
    async ({ deletion, creation }) => {
      const room = freshRoom()
      await makeRoom(store, room, 'old')
      await store.saveState(room, { ...firstState(), front: 9, tail: 9, openCohort: 5 })
      await store.saveConfig(room, sampleConfig('older'), 0)
      await dying(deletion, () => store.deleteRoom(room))
      expect(await dying(creation, () => makeRoom(store, room, 'half'))).toBe(false)
      expect(await load(room)).toBeUndefined()
      expect(await makeRoom(store, room, 'new')).toBe(true)
      expect(await load(room)).toMatchObject({
        config: { message: 'new' },
        configVersion: 0,
        state: { front: 0, tail: 0, epoch: 1 },
      })
      expect((await load(room))?.state.firstCohort).toBeGreaterThan(5)
      expect(await isListed(room)).toBe(true)
    },
  )

  test('a deletion that wakes up late spares the room that was made anew meanwhile', async () => {
    const room = freshRoom()
    await makeRoom(store, room, 'old')
    await dying(1, () => store.deleteRoom(room))
    await makeRoom(store, room, 'new')
    // It goes on where it was: the removal of configuration and listing of the old life.
    await store.deleteRoom(room)
    await makeRoom(store, room, 'newest')
    expect(await load(room)).toMatchObject({ config: { message: 'newest' } })
    expect(await isListed(room)).toBe(true)
  })

  test.each([1, 5])('a close that died after %i of its 8 counters', async writes => {
    const room = freshRoom()
    for (let shard = 0; shard < 8; shard++) await store.lease(room, { cohort: 0, shard }, 10)
    expect(await dying(writes, () => store.closeShards(room, 0, 8, NOW_MS))).toBe(false)
    for (let shard = 0; shard < 8; shard++) await store.lease(room, { cohort: 0, shard }, 1)
    const whole = await store.closeShards(room, 0, 8, NOW_MS + 5_000)
    expect(whole.sizes.filter(size => size === 10)).toHaveLength(writes)
    expect(whole.sizes.filter(size => size === 11)).toHaveLength(8 - writes)
    expect(whole.closedAtMs).toBe(NOW_MS)
    expect(await store.closeShards(room, 0, 8, NOW_MS + 9_000)).toEqual(whole)
  })
})

describe('an answer that gets lost on its way', () => {
  test.each([0, 1, 2])('leaves a room made, losing the answer of write %i', async write => {
    const room = freshRoom()
    const fault = loseAnswer(contestant.client, write)
    expect(await makeRoom(store, room, 'hello').finally(fault.undo)).toBe(true)
    expect(await load(room)).toMatchObject({ config: { message: 'hello' } })
  })

  test('leaves a configuration and a state saved', async () => {
    const room = freshRoom()
    await makeRoom(store, room)
    const config = loseAnswer(contestant.client, 0)
    expect(await store.saveConfig(room, sampleConfig('x'), 0).finally(config.undo)).toBe(true)
    const state = loseAnswer(contestant.client, 0)
    expect(await store.saveState(room, firstState()).finally(state.undo)).toBe(true)
  })

  test('makes ghosts of a lease, and gives no index twice', async () => {
    const room = freshRoom()
    const fault = loseAnswer(contestant.client, 0)
    const outcome = await store.lease(room, { cohort: 0, shard: 0 }, 4).finally(fault.undo)
    expect(outcome).toEqual({ status: 'leased', first: 4 })
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 8,
    })
  })
})

describe('failure mode 3: indexes given back while the answer gets lost', () => {
  test('are given back, and the shard goes on from them', async () => {
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 10)
    const fault = loseAnswer(contestant.client, 0)
    expect(
      await store.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 10 }).finally(fault.undo),
    ).toBe(true)
    expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
      status: 'leased',
      first: 4,
    })
  })

  test.each([1, 2])(
    'are not taken from those who leased them since, %i times over',
    async times => {
      const room = freshRoom()
      const other = contestant.again()
      await store.lease(room, { cohort: 0, shard: 0 }, 10)
      const fault = loseAnswer(contestant.client, 0, async () => {
        for (let time = 1; time < times; time++) {
          await other.lease(room, { cohort: 0, shard: 0 }, 6)
          await other.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 10 })
        }
        expect(await other.lease(room, { cohort: 0, shard: 0 }, 6)).toEqual({
          status: 'leased',
          first: 4,
        })
      })
      await store.giveBack(room, { cohort: 0, shard: 0, first: 4, end: 10 }).finally(fault.undo)
      expect(await store.lease(room, { cohort: 0, shard: 0 }, 1)).toEqual({
        status: 'leased',
        first: 10,
      })
    },
  )
})
