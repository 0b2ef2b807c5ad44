import { expect, test } from 'vitest'
import { JOIN_COHORTS_MAX } from '../../lib/queue/limits.ts'
import { newEpoch } from '../../lib/queue/room/state.ts'
import type { Contestant } from './harness.ts'
import { atOnce, firstState, freshRoom, makeRoom, NOW_MS, sampleConfig } from './samples.ts'

export function roomContract(current: () => Contestant): void {
  test('a room that was made is loaded as it was made, and listed asleep', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.createRoom(room, sampleConfig('hello'), firstState())).toBe(true)
    expect(await store.loadRoom(room, { consistent: true })).toEqual({
      id: room,
      config: sampleConfig('hello'),
      configVersion: 0,
      state: firstState(),
    })
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: null })
    expect(await store.lastState(room)).toEqual(firstState())
  })

  test('a room that was never made is undefined, for its state too', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.loadRoom(room)).toBeUndefined()
    expect(await store.lastState(room)).toBeUndefined()
  })

  test('making a room that exists changes nothing of it and says so', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room, 'first')
    await store.setWake(room, NOW_MS, 0)
    await store.saveState(room, { ...firstState(), front: 5 })
    const before = await store.loadRoom(room, { consistent: true })
    const outcomes = await atOnce(3, version =>
      store.createRoom(room, sampleConfig('second'), { ...firstState(), version }),
    )
    expect(outcomes).toEqual([false, false, false])
    expect(await store.loadRoom(room, { consistent: true })).toEqual(before)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: NOW_MS })
  })

  test('of creations at once exactly one makes the room, and its configuration is kept', async () => {
    const { store } = current()
    for (let round = 0; round < 5; round++) {
      const room = freshRoom()
      const outcomes = await atOnce(8, number => makeRoom(store, room, `number ${number}`))
      expect(outcomes.filter(made => made)).toHaveLength(1)
      const made = await store.loadRoom(room, { consistent: true })
      expect(made?.config.message).toBe(`number ${outcomes.indexOf(true)}`)
    }
  })

  test('failure mode 9: all rooms are listed, however many pages they fill, in order', async () => {
    const { store } = current()
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(letter => `page-${letter}`)
    await Promise.all(ids.map(id => makeRoom(store, id)))
    const listed = (await store.listRooms()).map(listing => listing.room)
    expect(listed.filter(id => id.startsWith('page-'))).toEqual(ids)
    expect(listed).toEqual([...listed].sort())
  })

  test('a wake time is listed until it is taken back', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.setWake(room, NOW_MS + 1, 0)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: NOW_MS + 1 })
    await store.setWake(room, null, 0)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: null })
  })

  test('of two wake times the one that follows from the later room stays, in whatever order they come', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.setWake(room, NOW_MS, 7)
    await store.setWake(room, null, 6)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: NOW_MS })
    await store.setWake(room, null, 7)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: null })
    await store.setWake(room, NOW_MS, 6)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: null })
    await store.setWake(room, NOW_MS, 8)
    expect(await store.listRooms()).toContainEqual({ room, wakesAtMs: NOW_MS })
  })

  test('a wake time lists no room that does not exist', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.setWake(room, NOW_MS, 0)
    await store.setWake(room, null, 0)
    expect((await store.listRooms()).map(listing => listing.room)).not.toContain(room)
  })

  test('a configuration is saved at its version alone, which is then one more', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    expect(await store.saveConfig(room, sampleConfig('too early'), 1)).toBe(false)
    expect(await store.saveConfig(room, sampleConfig('new'), 0)).toBe(true)
    expect(await store.saveConfig(room, sampleConfig('too late'), 0)).toBe(false)
    const loaded = await store.loadRoom(room, { consistent: true })
    expect(loaded).toMatchObject({ configVersion: 1, config: { message: 'new' } })
  })

  test('a state is saved at its version alone, which is then one more', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    const state = { ...firstState(), front: 3, tail: 9, batches: [{ to: 3, atMs: NOW_MS }] }
    expect(await store.saveState(room, { ...state, version: 1 })).toBe(false)
    expect(await store.saveState(room, state)).toBe(true)
    expect(await store.saveState(room, state)).toBe(false)
    const loaded = await store.loadRoom(room, { consistent: true })
    expect(loaded?.state).toEqual({ ...state, version: 1 })
    expect(await store.lastState(room)).toEqual({ ...state, version: 1 })
  })

  test('of states saved at once at one version exactly one is kept', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    const outcomes = await atOnce(8, front => store.saveState(room, { ...firstState(), front }))
    expect(outcomes.filter(saved => saved)).toHaveLength(1)
    const front = outcomes.indexOf(true)
    expect(await store.lastState(room)).toMatchObject({ version: 1, front })
  })

  test('of configurations saved at once at one version exactly one is kept', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    const outcomes = await atOnce(8, number => store.saveConfig(room, sampleConfig(`${number}`), 0))
    expect(outcomes.filter(saved => saved)).toHaveLength(1)
    const loaded = await store.loadRoom(room, { consistent: true })
    expect(loaded?.config.message).toBe(`${outcomes.indexOf(true)}`)
  })

  test('saving a room that was never made makes none', async () => {
    const { store } = current()
    const room = freshRoom()
    expect(await store.saveState(room, firstState())).toBe(false)
    expect(await store.saveConfig(room, sampleConfig(), 0)).toBe(false)
    expect(await store.lastState(room)).toBeUndefined()
  })

  test('a deleted room is gone and unlisted, and its last state stays', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.saveState(room, { ...firstState(), openCohort: 4 })
    await store.deleteRoom(room)
    expect(await store.loadRoom(room, { consistent: true })).toBeUndefined()
    expect((await store.listRooms()).map(listing => listing.room)).not.toContain(room)
    expect(await store.lastState(room)).toMatchObject({ openCohort: 4 })
  })

  test('deleting twice, at once or a room that was never made, does no harm', async () => {
    const { store } = current()
    const room = freshRoom()
    await store.deleteRoom(room)
    expect(await store.lastState(room)).toBeUndefined()
    await makeRoom(store, room)
    await atOnce(4, () => store.deleteRoom(room))
    const last = await store.lastState(room)
    await store.deleteRoom(room)
    expect(await store.lastState(room)).toEqual(last)
    expect(await store.loadRoom(room, { consistent: true })).toBeUndefined()
  })

  test('a stale tick saves nothing into a deleted room, nor into one made anew', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    const stale = { ...firstState(), front: 100 }
    await store.deleteRoom(room)
    const last = await store.lastState(room)
    expect(await store.saveState(room, stale)).toBe(false)
    expect(last && (await store.saveState(room, last))).toBe(false)
    await store.setWake(room, NOW_MS, 0)
    expect((await store.listRooms()).map(listing => listing.room)).not.toContain(room)
    await makeRoom(store, room)
    expect(await store.saveState(room, stale)).toBe(false)
    expect(await store.lastState(room)).toMatchObject({ front: 0 })
  })

  test('failure mode 3: a room made anew goes on with its cohort numbers', async () => {
    const { store } = current()
    const room = freshRoom()
    for (let life = 0; life < 3; life++) {
      expect(await makeRoom(store, room, `life ${life}`)).toBe(true)
      const loaded = await store.loadRoom(room, { consistent: true })
      expect(loaded).toMatchObject({
        config: { message: `life ${life}` },
        configVersion: 0,
        state: { epoch: life, firstCohort: life * JOIN_COHORTS_MAX },
      })
      expect((await store.listRooms()).map(listing => listing.room)).toContain(room)
      await store.deleteRoom(room)
    }
  })

  test('of creations at once of a deleted room exactly one makes it', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.deleteRoom(room)
    const outcomes = await atOnce(6, number => makeRoom(store, room, `number ${number}`))
    expect(outcomes.filter(made => made)).toHaveLength(1)
    const loaded = await store.loadRoom(room, { consistent: true })
    expect(loaded?.config.message).toBe(`number ${outcomes.indexOf(true)}`)
    expect(loaded?.state.epoch).toBe(1)
  })

  test('a room that is made and deleted at once is whole or gone, never between', async () => {
    const { store } = current()
    for (let round = 0; round < 5; round++) {
      const room = freshRoom()
      await makeRoom(store, room, 'old')
      const [, made] = await Promise.all([store.deleteRoom(room), makeRoom(store, room, 'new')])
      const loaded = await store.loadRoom(room, { consistent: true })
      const listed = (await store.listRooms()).some(listing => listing.room === room)
      expect(loaded?.config.message).toBe(made ? 'new' : undefined)
      if (loaded !== undefined) expect(listed).toBe(true)
    }
  })

  test('making a room anew from a state that is not its last one makes nothing', async () => {
    const { store } = current()
    const room = freshRoom()
    await makeRoom(store, room)
    await store.deleteRoom(room)
    expect(await store.createRoom(room, sampleConfig(), newEpoch(undefined, 'k1', 0))).toBe(false)
    expect(await store.loadRoom(room, { consistent: true })).toBeUndefined()
  })
}
