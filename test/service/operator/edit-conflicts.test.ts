import { describe, expect, test } from 'vitest'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { changesBetween, refuseStale } from '../../../lib/service/operator/edit-conflicts.ts'
import type { HistoryEntry } from '../../../lib/store/port.ts'
import { createWorld, SHOWROOM } from '../../support/world.ts'

const config = (more: object = {}) => parseRoomConfig({ showroomUrl: SHOWROOM, ...more }, 0)

describe('what an edit changed', () => {
  test('is every field that differs, by its new value, and nothing else', () => {
    expect(changesBetween(config(), config())).toEqual({})
    expect(changesBetween(config({ stock: 5 }), config({ stock: null, capacity: 9 }))).toEqual({
      stock: null,
      capacity: 9,
    })
  })

  test('compares lists and objects by what is in them', () => {
    const ratePlan = [{ at: '1970-01-01T00:00:00Z', ratePerMinute: 5 }]
    expect(changesBetween(config({ ratePlan }), config({ ratePlan: [...ratePlan] }))).toEqual({})
    expect(changesBetween(config(), config({ ratePlan }))).toEqual({
      ratePlan: JSON.stringify(ratePlan),
    })
    const { health } = changesBetween(config(), config({ health: { floorPercent: 0 } }))
    expect(JSON.parse(String(health))).toMatchObject({ floorPercent: 0, latencyMs: 2_000 })
  })
})

describe('a version that was seen', () => {
  async function known(entries: HistoryEntry[]) {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    const room = await world.store.loadRoom('demo')
    const store = { ...world.store, history: async () => entries }
    const refuse = (version: number | undefined) =>
      refuseStale({ store }, 'demo', room && { ...room, configVersion: 5 }, version)
    return refuse
  }
  const entry = (version: number, facts: HistoryEntry['facts']): HistoryEntry => ({
    atMs: version,
    kind: 'changed',
    facts: { version, ...facts },
  })

  test('that is the present one, or none at all, is no conflict', async () => {
    const refuse = await known([])
    await expect(refuse(5)).resolves.toBeUndefined()
    await expect(refuse(undefined)).resolves.toBeUndefined()
  })

  test('that is older is told the last value of each field since, whatever order they came in', async () => {
    const refuse = await known([
      entry(5, { capacity: 8 }),
      entry(4, { message: null }),
      { atMs: 3, kind: 'minute', facts: { front: 9 } },
      entry(3, { capacity: 7, ratePerMinute: 1 }),
      entry(2, { ratePerMinute: 99 }),
    ])
    await expect(refuse(2)).rejects.toMatchObject({
      code: 'edit-conflict',
      message: 'version 2 came, 5 is there; changed since: capacity, ratePerMinute, message',
      facts: { version: 5, changed: { capacity: 8, ratePerMinute: 1, message: null } },
    })
  })

  test('that is older than what the history keeps is a conflict all the same', async () => {
    const refuse = await known([])
    await expect(refuse(0)).rejects.toMatchObject({
      code: 'edit-conflict',
      facts: { version: 5, changed: {} },
    })
  })
})
