import { describe, expect, test } from 'vitest'
import { createWorld, SHOWROOM, type World } from '../../support/world.ts'

const SHARDS = 8
const WINDOW_MS = 10_000
const REQUESTS_MAX = 20

/** An open room in which so many wait in line, and as many have leased in the open cohort. */
async function crowded(waiting: number): Promise<World> {
  const world = await createWorld()
  await world.operator('PUT', '/demo', {
    showroomUrl: SHOWROOM,
    ratePerMinute: 600,
    capacity: 400,
    stock: 5_000,
    arrivalWindowSeconds: WINDOW_MS / 1_000,
  })
  await world.run('demo', 2)
  const state = await world.stateOf('demo')
  await world.store.saveState('demo', {
    ...state,
    tail: state.front + waiting,
    cohortOpenedAtMs: world.now(),
    nextBatchAtMs: world.now() + 1_000,
  })
  for (let shard = 0; shard < SHARDS; shard++) {
    await world.store.lease('demo', { cohort: state.openCohort, shard }, waiting / SHARDS)
  }
  // Once, so that what is seldom, such as waking up, is done.
  await world.run('demo', 1)
  return world
}

/** One step: what it asked of the database, by name, and what it moved. */
async function costOf(world: World, afterMs: number) {
  world.pass(afterMs)
  const [state, house] = [await world.stateOf('demo'), await world.houseOf('demo')]
  const before = world.commands.length
  await world.admit('demo')
  const requests = world.commands.slice(before).sort()
  const [after, houseAfter] = [await world.stateOf('demo'), await world.houseOf('demo')]
  return {
    requests,
    letIn: after.front - state.front,
    closed: after.openCohort - state.openCohort,
    drawn: after.tail - state.tail,
    movedHouse: houseAfter.limit - house.limit,
  }
}

/** What the step is asked to do in a room of 300,000, and in one of 10,000,000. */
async function costs(afterMs: number) {
  const [small, large] = [await crowded(300_000), await crowded(10_000_000)]
  return [await costOf(small, afterMs), await costOf(large, afterMs)] as const
}

describe('a tick asks as much of the database with 300,000 waiting as with 10,000,000, at most 20 requests', () => {
  test('for a batch: 4', async () => {
    const [small, large] = await costs(2_000)
    expect(large).toEqual(small)
    expect(small).toMatchObject({ closed: 0, drawn: 0, letIn: 20 })
    expect(small.movedHouse).toBeGreaterThan(0)
    expect(small.requests).toHaveLength(4)
  })

  test('for the close of a cohort of as many on 8 shards, a batch, and the note of the minute: 15', async () => {
    const [small, large] = await costs(60_000)
    expect([small.drawn, large.drawn]).toEqual([300_000, 10_000_000])
    expect({ ...large, drawn: 0 }).toEqual({ ...small, drawn: 0 })
    expect(small.closed).toBe(1)
    expect(small.letIn).toBeGreaterThan(0)
    expect(small.movedHouse).toBeGreaterThan(0)
    expect(small.requests).toHaveLength(15)
    expect(small.requests.length).toBeLessThanOrEqual(REQUESTS_MAX)
  })
})
