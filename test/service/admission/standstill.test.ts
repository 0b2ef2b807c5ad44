import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseRoomConfig } from '../../../lib/queue/room/config-input.ts'
import { newEpoch, type Room, type RoomState } from '../../../lib/queue/room/state.ts'
import { createMetrics } from '../../../lib/runtime/metrics.ts'
import { standsStill } from '../../../lib/service/admission/standstill.ts'
import { clockHandler } from '../../../lib/service/events.ts'
import { itemKey } from '../../../lib/store/table.ts'
import { createVisitor, createWorld, SHOWROOM } from '../../support/world.ts'

const NOW = Date.parse('2026-12-01T06:00:00Z')

/** An open room with ten people of twenty let in, the last of them just now. */
function roomWith(state: Partial<RoomState>, config: object = {}): Room {
  return {
    id: 'demo',
    config: parseRoomConfig({ showroomUrl: SHOWROOM, ...config }, NOW - 3_600_000),
    configVersion: 0,
    state: {
      ...newEpoch(undefined, 'k1', NOW - 3_600_000),
      openedAtMs: NOW - 3_600_000,
      front: 10,
      tail: 20,
      batches: [{ to: 10, atMs: NOW }],
      nextBatchAtMs: NOW,
      ...state,
    },
  }
}
const lastBatch = (ageMs: number) => ({ batches: [{ to: 10, atMs: NOW - ageMs }] })

describe('a room stands still', () => {
  test('when a batch is more than a minute late and somebody waits', () => {
    expect(standsStill(roomWith({ nextBatchAtMs: NOW - 60_000 }), NOW)).toBe(false)
    expect(standsStill(roomWith({ nextBatchAtMs: NOW - 60_001 }), NOW)).toBe(true)
    expect(standsStill(roomWith({ nextBatchAtMs: NOW - 60_001, front: 20 }), NOW)).toBe(false)
  })

  test('when nobody was let in for two minutes though people wait and nothing keeps them out', () => {
    expect(standsStill(roomWith(lastBatch(120_000)), NOW)).toBe(false)
    expect(standsStill(roomWith(lastBatch(120_001)), NOW)).toBe(true)
    expect(standsStill(roomWith({ ...lastBatch(120_001), front: 20 }), NOW)).toBe(false)
  })

  test('when the sale should have opened more than a minute ago', () => {
    const closed = { openedAtMs: null, nextBatchAtMs: null, front: 0, tail: 0, batches: [] }
    const opensAt = (ms: number) => ({ opensAt: new Date(ms).toISOString() })
    expect(standsStill(roomWith(closed, opensAt(NOW - 59_999)), NOW)).toBe(false)
    expect(standsStill(roomWith(closed, opensAt(NOW - 60_000)), NOW)).toBe(true)
    expect(standsStill(roomWith(closed, { opensAt: null }), NOW)).toBe(false)
  })

  test('when a rate of 0, or a showroom that suffers, lets nobody in', () => {
    for (const binding of ['rate', 'health'] as const) {
      expect(standsStill(roomWith({ ...lastBatch(120_001), binding }), NOW)).toBe(true)
    }
  })
})

describe('a room does not stand still', () => {
  test('while the house is full, the stock is spoken for, or the plan says so', () => {
    for (const binding of ['capacity', 'stock', 'plan'] as const) {
      expect(standsStill(roomWith({ ...lastBatch(600_000), binding }), NOW)).toBe(false)
    }
  })

  test('while it is paused, closed, sold out, or ended', () => {
    const late = { ...lastBatch(600_000), nextBatchAtMs: NOW - 600_000 }
    expect(standsStill(roomWith({ ...late, pausedAtMs: NOW - 1 }), NOW)).toBe(false)
    expect(standsStill(roomWith({ ...late, endedAtMs: NOW - 1 }), NOW)).toBe(false)
    expect(standsStill(roomWith(late, { mode: 'closed' }), NOW)).toBe(false)
    expect(standsStill(roomWith(late, { stock: 5, stockLeft: 0 }), NOW)).toBe(false)
  })
})

describe('failure mode 44: the clock', () => {
  async function clocked() {
    const world = await createWorld(NOW)
    const lines: Record<string, unknown>[] = []
    const metrics = createMetrics('table', line => lines.push(JSON.parse(line)))
    const clock = clockHandler({ ...world, metrics })
    return { world, lines, clock }
  }

  test('tells of a room in which people wait and admission is dead, and names it', async () => {
    const { world, lines, clock } = await clocked()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, ratePerMinute: 60 })
    for (let visitor = 0; visitor < 20; visitor++) {
      await createVisitor(world.visitors).post('/tickets')
    }
    await world.run('demo', 5)
    await clock()
    expect(lines).toEqual([])
    world.pass(120_000)
    await clock()
    expect(lines).toEqual([expect.objectContaining({ Standstill: 1, rooms: 'demo' })])
    expect(world.sent.length).toBeGreaterThan(0)
  })

  test('tells of a room whose stored items are broken, and looks at all others', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => errors.mockRestore())
    const { world, lines, clock } = await clocked()
    for (const room of ['broken', 'still', 'well']) {
      await world.operator('PUT', `/${room}`, { showroomUrl: SHOWROOM })
    }
    world.pass(61_000)
    await world.admit('well')
    const { pk, sk } = itemKey.state('broken')
    const Item = { pk: { S: pk }, sk: { S: sk }, json: { S: 'nonsense' }, version: { N: '0' } }
    await world.client.send(new PutItemCommand({ TableName: 'antichambre', Item }))
    await clock()
    expect(lines).toEqual([expect.objectContaining({ Standstill: 2, rooms: 'broken, still' })])
    const told = expect.objectContaining({ what: 'room', room: 'broken' })
    expect(errors.mock.calls).toEqual([[told]])
  })

  test('says nothing of rooms that do what they should, or sleep', async () => {
    const { world, lines, clock } = await clocked()
    await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
    await world.operator('PUT', '/later', { showroomUrl: SHOWROOM, opensAt: null })
    await createVisitor(world.visitors).post('/tickets')
    for (let minute = 0; minute < 2; minute++) {
      await world.run('demo', 60)
      await clock()
    }
    expect(lines).toEqual([])
  })
})
