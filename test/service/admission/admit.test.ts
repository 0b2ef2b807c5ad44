import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeIn } from '../../../lib/queue/cohort/place.ts'
import type { Room } from '../../../lib/queue/room/state.ts'
import type { Ticket } from '../../../lib/queue/tokens/ticket.ts'
import { admit } from '../../../lib/service/admission/admit.ts'
import { putRoom } from '../../../lib/service/operator/operate.ts'
import { createJoins, type JoinDeps } from '../../../lib/service/visit/join.ts'
import type { Store } from '../../../lib/store/port.ts'
import { itemKey } from '../../../lib/store/table.ts'
import { createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

const GATHERING = { showroomUrl: SHOWROOM, opensAt: '2026-12-01T06:00:10Z', ratePerMinute: 60 }

/** A store that dies before its nth write: what was written stays, the caller sees an error. */
function mortal(store: Store, writes: number): Store {
  let left = writes
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      const isWrite = /^(closeShards|putRecord|save|set|add|claim|create|delete)/.test(String(name))
      return (...values: unknown[]) => {
        if (isWrite && left-- <= 0) throw new Error('died')
        return method.apply(target, values)
      }
    },
  })
}

async function gathered(visitors: number): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', GATHERING)
  for (let visitor = 0; visitor < visitors; visitor++) {
    await createVisitor(world.visitors).post('/tickets')
  }
  return world
}

describe('a close', () => {
  test('that dies after any of its steps and is run again gives the same record and state', async () => {
    const records: string[] = []
    for (let steps = 0; steps <= 5; steps++) {
      const world = await gathered(20)
      world.setNow(Date.parse('2026-12-01T06:00:10Z'))
      const dying = { ...world, store: mortal(world.store, steps) }
      await admit(dying, 'demo').catch(() => {})
      world.pass(3_000)
      await admit(world, 'demo')
      await admit(world, 'demo')
      const record = await world.store.loadRecord('demo', 0)
      const room = await world.store.loadRoom('demo', { consistent: true })
      const { openCohort, tail } = room?.state ?? {}
      records.push(JSON.stringify({ ...record, closedAtMs: 0, sizes: 0, openCohort, tail }))
      expect(record?.sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(20)
      expect(tail).toBe(record?.sizes.reduce((sum, size) => sum + size, 0))
    }
    expect(new Set(records.map(record => record.replace(/"tail":\d+/, ''))).size).toBe(1)
  })

  test('run twice gives the time and sizes of the first run, whatever joined in between', async () => {
    const world = await gathered(5)
    world.setNow(Date.parse('2026-12-01T06:00:10Z'))
    const dying = { ...world, store: mortal(world.store, 1) }
    await admit(dying, 'demo').catch(() => {})
    const closed = await world.store.closeShards('demo', 0, 8, world.now() + 9_000)
    expect(closed.closedAtMs).toBe(world.now())
    const late = await createVisitor(world.visitors).post('/tickets')
    expect(late.body.cohort).toBe(1)
    await admit(world, 'demo')
    expect((await world.store.loadRecord('demo', 0))?.sizes).toEqual(closed.sizes)
  })
})

describe('ticks', () => {
  test('failure modes 15 and 17: ten at once let in as many as one', async () => {
    const counts = []
    for (const atOnce of [1, 10]) {
      const world = await gathered(30)
      for (let second = 0; second < 20; second++) {
        world.pass(1_000)
        await Promise.all(Array.from({ length: atOnce }, () => world.admit('demo')))
      }
      counts.push((await world.store.loadRoom('demo', { consistent: true }))?.state.front)
    }
    expect(counts[1]).toBe(counts[0])
    expect(counts[0]).toBeGreaterThan(5)
  })

  test('failure mode 14: a visitor who never comes back blocks nobody', async () => {
    const world = await gathered(10)
    await world.run('demo', 60)
    const room = await world.store.loadRoom('demo', { consistent: true })
    expect(room?.state.front).toBe(room?.state.tail)
  })

  test('a sold-out room sleeps, whoever is left in its open cohort, without ticks that multiply', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', {
      showroomUrl: SHOWROOM,
      stock: 10,
      arrivalWindowSeconds: 60,
    })
    await createVisitor(world.visitors).post('/tickets')
    await world.run('demo', 5)
    for (let visitor = 0; visitor < 20; visitor++) {
      await createVisitor(world.visitors).post('/tickets')
    }
    await world.operator('PATCH', '/demo', { stock: 0 })
    await world.run('demo', 20)
    world.sent.splice(0)
    await world.run('demo', 30)
    expect(world.sent).toEqual([])
    expect(await world.clock()).toBe(0)
    await world.operator('PATCH', '/demo', { stock: 10 })
    await world.admit('demo')
    expect(await world.clock()).toBeGreaterThan(60)
    await world.run('demo', 70)
    const room = await world.store.loadRoom('demo', { consistent: true })
    expect(room?.state.front).toBeGreaterThan(20)
  })

  test('a room that is gone stops its ticks', async () => {
    const world = await gathered(1)
    await world.store.setWake('gone', 1, 0)
    await world.admit('gone')
    expect(
      (await world.store.listRooms()).find(({ room }) => room === 'gone')?.wakesAtMs ?? null,
    ).toBeNull()
  })

  test('a room whose deletion died half-way stops its ticks, too', async () => {
    const world = await gathered(1)
    await world.operator('POST', '/demo/open')
    expect(await world.clock()).toBeGreaterThan(0)
    // Its first write alone.
    const { pk, sk } = itemKey.state('demo')
    await world.client.send(
      new UpdateItemCommand({
        TableName: 'antichambre',
        Key: { pk: { S: pk }, sk: { S: sk } },
        UpdateExpression: 'SET deleted = :yes ADD version :one',
        ExpressionAttributeValues: { ':yes': { BOOL: true }, ':one': { N: '1' } },
      }),
    )
    expect(await world.store.listRooms()).toHaveLength(1)
    await world.admit('demo')
    expect(await world.clock()).toBe(0)
  })

  test('failure mode 44: a room that was opened is not forgotten because of an edit that is still on its way', async () => {
    const world = await createWorld()
    let [arrived, release] = [() => {}, () => {}]
    const onItsWay = new Promise<void>(resolve => {
      arrived = resolve
    })
    const late = new Promise<void>(resolve => {
      release = resolve
    })
    const setWake: Store['setWake'] = async (...values) => {
      arrived()
      await late
      return world.store.setWake(...values)
    }
    // Made without a time to open: nothing is to be ticked, says its maker, whose write hangs.
    const config = { showroomUrl: SHOWROOM, opensAt: null }
    const making = putRoom({ ...world, store: { ...world.store, setWake } }, 'demo', config)
    await onItsWay
    await createVisitor(world.visitors).post('/tickets')
    await world.operator('POST', '/demo/open')
    release()
    await making
    world.pass(180_000)
    expect(await world.clock()).toBeGreaterThan(60)
    await world.run('demo', 5)
    expect((await world.stateOf('demo')).front).toBe(1)
  })

  test('failure mode 44: a room with waiters never falls asleep, and one that woke by a join admits', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await world.run('demo', 15)
    expect(await world.clock()).toBe(0)
    const visitor = createVisitor(world.visitors)
    await visitor.post('/tickets')
    world.sent.splice(0)
    for (let minute = 0; minute < 2; minute++) {
      await world.clock()
      await world.run('demo', 5)
    }
    await world.admit('demo')
    await world.run('demo', 3)
    expect((await visitor.get('/place')).body).toMatchObject({ status: 'admitted' })
  })
})

/** Joins of one instance, while the doors are open. */
function joinsOf(deps: JoinDeps): (room: Room) => Promise<Ticket> {
  const join = createJoins(deps)
  return async room => {
    const joined = await join(room)
    if (joined.status !== 'joined') throw new Error(`nobody joins: ${joined.status}`)
    return joined.ticket
  }
}

describe('joins', () => {
  test('N instances that lease at once never hand out one index twice, through closes too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        async (instances, bursts) => {
          const world = await createWorld()
          await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, arrivalWindowSeconds: 1 })
          const desks = Array.from({ length: instances }, () => joinsOf(world))
          const ids: string[] = []
          const tickets = []
          for (const burst of bursts) {
            const room = await world.store.loadRoom('demo')
            if (room === undefined) throw new Error('no room')
            const joins = Array.from({ length: burst }, (_, n) => desks[n % instances]?.(room))
            const closing = world.admit('demo')
            for (const ticket of await Promise.all(joins)) {
              if (ticket === undefined) throw new Error('no desk')
              ids.push(ticket.id)
              tickets.push(ticket)
            }
            await closing
            world.pass(1_000)
          }
          expect(new Set(ids).size).toBe(ids.length)
          world.pass(5_000)
          await world.admit('demo')
          const places = new Set<number>()
          for (const { cohort, shard, index } of tickets) {
            const record = await world.store.loadRecord('demo', cohort)
            if (record !== undefined) places.add(placeIn(record, shard, index))
          }
          expect(places.size).toBe(tickets.length)
        },
      ),
      { numRuns: 12 },
    )
  })

  test('at low traffic one write serves one join and leaves no ghost; in a burst one serves many', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt: null })
    let leases = 0
    const lease = world.store.lease
    const store = {
      ...world.store,
      lease: (...values: Parameters<typeof lease>) => {
        leases++
        return lease(...values)
      },
    }
    const room = await world.store.loadRoom('demo')
    if (room === undefined) throw new Error('no room')
    const join = joinsOf({ ...world, store })
    for (let visitor = 0; visitor < 5; visitor++) {
      await join(room)
      world.pass(10_000)
    }
    expect(leases).toBe(5)
    expect((await world.store.sizes('demo', 0, 8)).reduce((sum, size) => sum + size, 0)).toBe(5)
    leases = 0
    await Promise.all(Array.from({ length: 400 }, () => join(room)))
    expect(leases).toBeLessThanOrEqual(10)
  })

  test('a thousand at once on one instance, in the moment of the close: nobody refused, none twice, all drawn', async () => {
    const world = await gathered(0)
    world.setNow(Date.parse('2026-12-01T06:00:10Z'))
    const join = joinsOf(world)
    const room = await world.store.loadRoom('demo')
    if (room === undefined) throw new Error('no room')
    const first = Array.from({ length: 500 }, () => join(room))
    const closing = world.admit('demo')
    const second = Array.from({ length: 500 }, () => join(room))
    const tickets = await Promise.all([...first, ...second])
    await closing
    expect(new Set(tickets.map(ticket => ticket.id)).size).toBe(1_000)
    await world.run('demo', 15)
    const places = new Set<number>()
    for (const { cohort, shard, index } of tickets) {
      const record = await world.store.loadRecord('demo', cohort)
      if (record !== undefined) places.add(placeIn(record, shard, index))
    }
    expect(places.size).toBe(1_000)
  })

  test('are refused with try-again while the database is busy, and nothing is lost', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, opensAt: null })
    const room = await world.store.loadRoom('demo')
    if (room === undefined) throw new Error('no room')
    const { StoreBusyError } = await import('../../../lib/store/port.ts')
    let busy = true
    const lease: Store['lease'] = (...values) => {
      if (busy) return Promise.reject(new StoreBusyError())
      return world.store.lease(...values)
    }
    const join = joinsOf({ ...world, store: { ...world.store, lease } })
    await expect(join(room)).rejects.toMatchObject({ code: 'try-again' })
    busy = false
    expect((await join(room)).index).toBe(0)
  })
})

describe('windows that adapt', () => {
  /** One cohort of 200 joins, so many of which come after failed attempts, and its close. */
  async function cohort(world: World, retried: number): Promise<void> {
    const joins = Array.from({ length: 200 }, (_, visitor) =>
      createVisitor(world.visitors).post('/tickets', { attempt: visitor < retried ? 2 : 1 }),
    )
    await Promise.all(joins)
    // The last retries are told with the next lease.
    await createVisitor(world.visitors).post('/tickets')
    const open = (await world.store.loadRoom('demo', { consistent: true }))?.state.openCohort
    for (let second = 0; second < 61; second++) {
      await world.run('demo', 1)
      const now = (await world.store.loadRoom('demo', { consistent: true }))?.state.openCohort
      if (now !== open) return
    }
    throw new Error('the cohort was never closed')
  }
  const windowSeconds = async (world: World) => {
    world.pass(1_001)
    return (await world.visitor('/r/demo/status')).body.arrivalWindowSeconds
  }

  test('the window doubles while more than 1 % of joins tell of failed attempts, up to 60 s, and comes back', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 1 })
    const seen = [await windowSeconds(world)]
    for (let round = 0; round < 5; round++) {
      await cohort(world, 60)
      seen.push(await windowSeconds(world))
    }
    expect(seen).toEqual([5, 10, 20, 40, 60, 60])
    for (let round = 0; round < 4; round++) await cohort(world, 0)
    expect(await windowSeconds(world)).toBe(5)
  })

  test('a cohort that closes while nobody waits, and few failed, stays open for a second', async () => {
    const world = await createWorld()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await world.run('demo', 5)
    await createVisitor(world.visitors).post('/tickets')
    await world.run('demo', 1)
    expect(await world.store.loadRecord('demo', 0)).toBeDefined()
  })
})
