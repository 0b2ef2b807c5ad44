/** Alarms of showrooms, as EventBridge hands them on. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { alarmHandler } from '../../lib/service/events.ts'
import { createWorld, SHOWROOM } from '../support/world.ts'

const event = JSON.parse(readFileSync(new URL('./events/alarm.json', import.meta.url), 'utf8'))
const [ARN] = event.resources as [string]
const OTHER_ARN = `${ARN}2`

/** @param seconds after the first event. */
const change = (value: string, arn = ARN, seconds = 1) => {
  const { state } = event.detail
  const timestamp = new Date(Date.parse(state.timestamp) + seconds * 1_000)
    .toISOString()
    .replace('Z', '+0000')
  return {
    ...event,
    resources: [arn],
    detail: { ...event.detail, state: { ...state, value, timestamp } },
  }
}

/** Rooms, and the handler that tells them of alarms. */
async function rooms(alarms: Record<string, string>, ids: readonly string[] = Object.keys(alarms)) {
  const world = await createWorld()
  for (const id of ids) await world.operator('PUT', `/${id}`, { showroomUrl: SHOWROOM })
  const isBad = async (id: string) => (await world.stateOf(id)).health?.isBad ?? false
  return { world, isBad, tell: alarmHandler({ ...world, alarms }) }
}

describe('an alarm', () => {
  test('that goes on slows its room down, and lets it go when it is over', async () => {
    const { world, isBad, tell } = await rooms({ cars: ARN })
    await tell(event)
    expect(await isBad('cars')).toBe(true)
    await world.run('cars', 30)
    expect((await world.stateOf('cars')).health?.share).toBeLessThan(1)
    await tell(change('OK'))
    expect(await isBad('cars')).toBe(false)
  })

  test('counts until it is taken back, however long that takes', async () => {
    const { world, isBad, tell } = await rooms({ cars: ARN })
    await tell(event)
    world.pass(3_600_000)
    await world.run('cars', 1)
    expect(await isBad('cars')).toBe(true)
  })

  test.each(['OK', 'INSUFFICIENT_DATA'])('in the state %s is off', async value => {
    const { isBad, tell } = await rooms({ cars: ARN })
    await tell(event)
    await tell(change(value))
    expect(await isBad('cars')).toBe(false)
  })

  test('is heard by all of its rooms and by no other', async () => {
    const { isBad, tell } = await rooms({ cars: ARN, vans: ARN, boats: OTHER_ARN })
    await tell(event)
    expect(await Promise.all(['cars', 'vans', 'boats'].map(isBad))).toEqual([true, true, false])
    await tell(change('ALARM', OTHER_ARN))
    expect(await isBad('boats')).toBe(true)
  })

  test('told twice changes nothing more, and wakes the room', async () => {
    const { world, isBad, tell } = await rooms({ cars: ARN })
    world.sent.length = 0
    await tell(event)
    expect(world.sent.some(tick => tick.room === 'cars')).toBe(true)
    const before = (await world.stateOf('cars')).health
    await tell(event)
    expect((await world.stateOf('cars')).health).toEqual(before)
    expect(await isBad('cars')).toBe(true)
  })

  test('that comes again, or first, after it is over leaves its room as fast as it was', async () => {
    const { world, isBad, tell } = await rooms({ cars: ARN })
    await tell(event)
    await tell(change('OK', ARN, 0.001))
    await tell(event)
    expect(await isBad('cars')).toBe(false)
    // Its next word was faster than the one before it.
    await tell(change('OK', ARN, 60))
    await tell(change('ALARM', ARN, 59))
    expect(await isBad('cars')).toBe(false)
    await tell(change('ALARM', ARN, 120))
    await tell(change('OK', ARN, 119))
    await world.run('cars', 10)
    expect(await isBad('cars')).toBe(true)
  })

  test('yields to what an operator says by hand, whoever has the faster clock', async () => {
    const { world, isBad, tell } = await rooms({ cars: ARN })
    await tell(change('ALARM', ARN, 3_600))
    await world.operator('POST', '/cars/health', { alarm: false })
    expect(await isBad('cars')).toBe(false)
    await tell(change('ALARM', ARN, 3_599))
    expect(await isBad('cars')).toBe(false)
  })

  test('of a room that is not there is passed over, and stops no other', async () => {
    const { isBad, tell } = await rooms({ unmade: ARN, cars: ARN }, ['cars'])
    await tell(event)
    expect(await isBad('cars')).toBe(true)
  })

  test('that cannot be told to one room is told to the others, and fails, to come again', async () => {
    const { world, isBad } = await rooms({ broken: ARN, cars: ARN })
    const store = {
      ...world.store,
      loadRoom: (id: string, options?: { consistent?: boolean }) =>
        id === 'broken' ? Promise.reject(new Error('away')) : world.store.loadRoom(id, options),
    }
    const tell = alarmHandler({ ...world, store, alarms: { broken: ARN, cars: ARN } })
    await expect(tell(event)).rejects.toThrow('away')
    expect(await isBad('cars')).toBe(true)
  })

  test.each([
    [{}],
    [{ resources: [ARN] }],
    [{ ...event, detail: {} }],
    [{ ...event, detail: { state: { value: 'ALARM', timestamp: 'soon' } } }],
    [null],
    ['x'],
  ])('that is none fails, and changes nothing: %j', async wrong => {
    const { isBad, tell } = await rooms({ cars: ARN })
    await expect(tell(wrong)).rejects.toThrow()
    expect(await isBad('cars')).toBe(false)
  })
})
