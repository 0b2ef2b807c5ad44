import { describe, expect, test } from 'vitest'
import { STATE_CACHE_MS } from '../../../lib/queue/limits.ts'
import { createRooms } from '../../../lib/service/visit/room-cache.ts'
import { StoreBusyError } from '../../../lib/store/port.ts'
import { createWorld, SHOWROOM } from '../../support/world.ts'

async function roomsOf() {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
  let loads = 0
  let busy = false
  let nowMs = 1_000_000
  const store = {
    ...world.store,
    loadRoom(id: string) {
      loads++
      return busy ? Promise.reject(new StoreBusyError('busy')) : world.store.loadRoom(id)
    },
  }
  return {
    rooms: createRooms(store, () => nowMs),
    loads: () => loads,
    goTo: (ms: number) => {
      nowMs = ms
    },
    setBusy: (value: boolean) => {
      busy = value
    },
  }
}

describe('what an instance knows of a room', () => {
  test('is nothing before it was read, and what was read afterwards, for a second', async () => {
    const { rooms, goTo, loads } = await roomsOf()
    expect(rooms.known('demo')).toBeUndefined()
    const read = await rooms.read('demo')
    expect(read).toMatchObject({ room: { id: 'demo' }, arrivals: 0 })
    expect(rooms.known('demo')).toEqual(read)
    goTo(1_000_000 + STATE_CACHE_MS - 1)
    expect(rooms.known('demo')).toEqual(read)
    goTo(1_000_000 + STATE_CACHE_MS)
    expect(rooms.known('demo')).toBeUndefined()
    expect(loads()).toBe(1)
  })

  test('is not kept longer by a clock that was set back', async () => {
    const { rooms, goTo } = await roomsOf()
    await rooms.read('demo')
    goTo(1_000_000 - 1)
    expect(rooms.known('demo')).toBeUndefined()
  })

  test('is never that there is no such room', async () => {
    const { rooms } = await roomsOf()
    await expect(rooms.read('other')).rejects.toMatchObject({ code: 'unknown-room' })
    expect(rooms.known('other')).toBeUndefined()
  })

  test('is read once for all who ask at once, and anew after a failure', async () => {
    const { rooms, loads, setBusy } = await roomsOf()
    setBusy(true)
    await expect(rooms.get('demo')).rejects.toThrow(StoreBusyError)
    setBusy(false)
    await Promise.all(Array.from({ length: 10 }, () => rooms.get('demo')))
    expect(loads()).toBe(2)
  })
})
