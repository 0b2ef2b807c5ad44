import { describe, expect, test } from 'vitest'
import { createMetrics } from '../../../lib/runtime/metrics.ts'
import { admit } from '../../../lib/service/admission/admit.ts'
import { createVisitor, createWorld, SHOWROOM, type World } from '../../support/world.ts'

type Line = Record<string, number> & { Room: string }

/** A world whose admission is watched: `run` notes every line that is written. */
async function watched() {
  const world = await createWorld()
  const lines: Line[] = []
  const metrics = createMetrics('table', line => lines.push(JSON.parse(line)))
  const run = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      world.pass(1_000)
      await admit({ ...world, metrics }, 'demo')
    }
  }
  const sum = (name: string) => lines.reduce((total, line) => total + (line[name] ?? 0), 0)
  return { world, lines, run, sum }
}

async function joined(world: World, count: number) {
  const visitors = Array.from({ length: count }, () => createVisitor(world.visitors))
  for (const visitor of visitors) expect((await visitor.post('/tickets')).status).toBe(201)
  return visitors
}

describe('numbers of a sale', () => {
  test('add up to what happened, whatever the ticks: each arrival, place and entry once', async () => {
    const { world, lines, run, sum } = await watched()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, stock: 50, ratePerMinute: 600 })
    await run(3)
    const first = await joined(world, 7)
    await run(10)
    for (const visitor of first.slice(0, 4)) {
      expect((await visitor.post('/passes')).status).toBe(200)
    }
    const second = await joined(world, 5)
    await run(10)
    const { id } = (await first[0]?.get('/ticket'))?.body ?? {}
    await world.tell('departures', 'demo', [{ ticket: id, reason: 'bought' }])
    await world.hear()
    await run(20)
    const { front, tail } = await world.stateOf('demo')
    expect([sum('Arrivals'), sum('Admitted'), sum('Entered')]).toEqual([tail, front, 4])
    expect(tail).toBeGreaterThanOrEqual(first.length + second.length)
    expect(sum('Departed')).toBe(1)
    expect(lines.at(-1)).toMatchObject({ Room: 'demo', Waiting: 0, Held: 0 })
    expect(Math.max(...lines.map(line => line.Inside ?? 0))).toBe(4)
  })

  test('are not written where nothing happens: an empty room, and one that sleeps', async () => {
    const { world, lines, run } = await watched()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await run(40)
    expect(lines).toEqual([])
  })

  test('tell how late a batch came that somebody waited for', async () => {
    const { world, lines, run } = await watched()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 30 })
    await joined(world, 10)
    await run(6)
    const usual = lines.flatMap(line => line.TickAge ?? [])
    expect(Math.max(...usual)).toBeLessThan(2_000)
    world.pass(9_000)
    await run(1)
    expect(lines.at(-1)?.TickAge).toBeGreaterThan(7_000)
  })

  test('two steps at once count what they did together once', async () => {
    const { world, sum } = await watched()
    const lines: Line[] = []
    const metrics = createMetrics('table', line => lines.push(JSON.parse(line)))
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 6_000 })
    await joined(world, 20)
    for (let second = 0; second < 8; second++) {
      world.pass(1_000)
      const step = () => admit({ ...world, metrics }, 'demo')
      await Promise.all([step(), step(), step()])
    }
    const total = (name: string) => lines.reduce((all, line) => all + (line[name] ?? 0), 0)
    const { front, tail } = await world.stateOf('demo')
    expect([total('Arrivals'), total('Admitted'), sum('Arrivals')]).toEqual([tail, front, 0])
  })
})
