import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { newEpoch } from '../../../lib/queue/room/state.ts'
import { admitHandler } from '../../../lib/service/events.ts'
import { itemKey } from '../../../lib/store/table.ts'
import { createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

const LIVE = ['live-0', 'live-1', 'live-2', 'live-3']

/** Rooms that are open with somebody in line, and so many that wait for their operator. */
async function manyRooms(idle = 2, live: readonly string[] = LIVE): Promise<World> {
  const world = await createWorld()
  const config = parseRoomConfig({ showroomUrl: SHOWROOM, opensAt: null }, world.now())
  const state = newEpoch(undefined, 'k1', world.now())
  for (let room = 0; room < idle; room++)
    await world.store.createRoom(`idle-${room}`, config, state)
  for (const room of live) {
    await world.operator('PUT', `/${room}`, { showroomUrl: SHOWROOM, ratePerMinute: 60 })
    for (let visitor = 0; visitor < 2; visitor++) {
      await createVisitor(world.visitors, room).post('/tickets')
    }
    await world.admit(room)
  }
  world.sent.splice(0)
  return world
}

/** What an operator, a bug or a hand at the console may have left in the table. */
async function breakItem(world: World, key: { pk: string; sk: string }, json = '{"front":"many"}') {
  await world.client.send(
    new UpdateItemCommand({
      TableName: 'antichambre',
      Key: { pk: { S: key.pk }, sk: { S: key.sk } },
      UpdateExpression: 'SET json = :json, wakesAtMs = :wakes',
      ExpressionAttributeValues: { ':json': { S: json }, ':wakes': { S: 'soon' } },
    }),
  )
}

const event = (rooms: readonly string[]) => ({
  Records: rooms.map(room => ({ messageId: room, body: JSON.stringify({ room }) })),
})
const handle = async (world: World, rooms: readonly string[]) => {
  const { batchItemFailures } = await admitHandler(world)(event(rooms) as never)
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
}

describe('hundreds of rooms, tens of them live', () => {
  test('cost the clock one listing, and ticks for those alone that are live', async () => {
    const live = Array.from({ length: 10 }, (_, n) => `live-${n}`)
    const world = await manyRooms(190, live)
    expect((await world.store.listRooms()).length).toBe(200)
    const before = world.commands.length
    const sent = await world.clock()
    expect(new Set(world.commands.slice(before))).toEqual(new Set(['QueryCommand']))
    expect(world.commands.length - before).toBeLessThanOrEqual(2)
    expect(new Set(world.sent.map(({ room }) => room))).toEqual(new Set(live))
    expect(sent).toBe(world.sent.length)
    for (const room of live) {
      const due = world.sent.filter(tick => tick.room === room).map(({ dueAtMs }) => dueAtMs)
      // Each second until the next run is sure to have come.
      expect(due).toEqual(due.map((_, n) => (due[0] ?? 0) + n * 1000))
      expect(due.length).toBeGreaterThanOrEqual(60)
    }
  })

  test('cost nothing more once nobody is left in any of them', async () => {
    const world = await manyRooms()
    for (const room of LIVE) await world.operator('POST', `/${room}/end`)
    for (const room of LIVE) await world.admit(room)
    world.sent.splice(0)
    const before = world.commands.length
    expect(await world.clock()).toBe(0)
    expect(world.commands.slice(before).every(name => name === 'QueryCommand')).toBe(true)
  })
})

describe('a room whose stored items are broken', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
  afterEach(() => void vi.restoreAllMocks())

  test.each([
    ['state', itemKey.state('live-3'), '{"front":"many"}'],
    ['state, which is not JSON', itemKey.state('live-3'), 'nonsense'],
    ['configuration', itemKey.config('live-3'), '{"ratePerMinute":-1}'],
  ])('by its %s stops no other room: its ticks fail alone', async (_, key, json) => {
    const world = await manyRooms()
    await breakItem(world, key, json)
    world.pass(2_000)
    expect(await handle(world, LIVE)).toEqual(['live-3'])
    for (const room of LIVE.filter(name => name !== 'live-3')) {
      expect((await world.stateOf(room)).front).toBeGreaterThan(0)
    }
    const told = JSON.stringify(vi.mocked(console.error).mock.calls)
    expect(told).not.toMatch(/many|nonsense|shop\.example/)
    expect(new Set(world.sent.map(({ room }) => room)).has('live-3')).toBe(false)
    expect(await world.clock()).toBeGreaterThan(60 * 3)
  })

  test('by its listing costs that room its ticks, and no other any', async () => {
    const world = await manyRooms()
    await breakItem(world, itemKey.listing('live-3'))
    await world.clock()
    const ticked = new Set(world.sent.map(({ room }) => room))
    expect(ticked).toEqual(new Set(LIVE.filter(room => room !== 'live-3')))
  })

  test('is listed to operators as broken, beside all the others', async () => {
    const world = await manyRooms()
    await breakItem(world, itemKey.state('live-3'))
    const { status, body } = await world.operator('GET', '')
    const rooms = body.rooms as { room: string; phase: string }[]
    expect([status, rooms.length]).toEqual([200, 6])
    expect(rooms.filter(({ phase }) => phase === 'broken').map(({ room }) => room)).toEqual([
      'live-3',
    ])
  })

  test.each([
    ['state', itemKey.state('live-3')],
    ['configuration', itemKey.config('live-3')],
  ])('by its %s can be deleted by its operator', async (_, key) => {
    const world = await manyRooms()
    await breakItem(world, key)
    expect((await world.operator('DELETE', '/live-3')).status).toBe(204)
    const rooms = (await world.operator('GET', '')).body.rooms as { room: string }[]
    expect(rooms.map(({ room }) => room)).not.toContain('live-3')
    expect((await world.operator('DELETE', '/live-3')).status).toBe(404)
  })

  test('by its configuration is made anew after that, and goes on with its cohorts', async () => {
    const world = await manyRooms()
    const { openCohort } = await world.stateOf('live-3')
    await breakItem(world, itemKey.config('live-3'))
    await world.operator('DELETE', '/live-3')
    expect((await world.operator('PUT', '/live-3', { showroomUrl: SHOWROOM })).status).toBe(201)
    expect((await world.stateOf('live-3')).openCohort).toBeGreaterThan(openCohort)
  })

  test('answers its own visitors 500, and those of the others as ever', async () => {
    const world = await manyRooms()
    await breakItem(world, itemKey.state('live-3'))
    world.pass(1_001)
    expect((await world.visitor('/r/live-3/status')).status).toBe(500)
    expect((await world.visitor('/r/live-1/status')).status).toBe(200)
  })
})

describe('a batch of ticks', () => {
  test('is one step for each room in it, however often a room is asked for', async () => {
    const world = await manyRooms()
    const before = world.commands.filter(name => name === 'QueryCommand').length
    expect(await handle(world, ['live-0', 'live-0', 'live-1', 'live-0'])).toEqual([])
    // A step loads its room once.
    expect(world.commands.filter(name => name === 'QueryCommand').length - before).toBe(2)
  })
})

describe('a room that was stored by an earlier version', () => {
  test('is loaded with the defaults of the fields that came since', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, capacity: 7 })
    const { config } = (await world.operator('GET', '/demo')).body
    const {
      mode: _,
      ratePlan: __,
      health: ___,
      groups: ____,
      ...older
    } = config as Record<string, unknown>
    await breakItem(world, itemKey.config('demo'), JSON.stringify(older))
    expect((await world.operator('GET', '/demo')).body.config).toEqual(config)
    expect((await world.operator('PATCH', '/demo', { capacity: 8 })).status).toBe(200)
  })
})
