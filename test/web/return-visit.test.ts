import { expect, it } from 'vitest'
import { createVisitor, createWorld, SHOWROOM } from '../support/world.ts'

const visit = async (mode: 'auto' | 'line') => {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode, sessionSeconds: 60 })
  const browser = createVisitor(world.visitors)
  const first = await browser.post('/tickets')
  await world.run('demo', 4)
  expect((await browser.post('/passes')).status).toBe(200)
  world.pass(59_999)
  const inside = await browser.post('/tickets')
  expect(inside.status).toBe(200)
  world.pass(1)
  const later = await browser.post('/tickets')
  return { first: first.body.id, later: later.body.id, status: later.status }
}

it('in a room that never ends a ticket whose visit is over is exchanged for a new one', async () => {
  const { first, later, status } = await visit('auto')
  expect(status).toBe(201)
  expect(later).not.toBe(first)
})

it('in a sale one ticket is one visit', async () => {
  const { first, later, status } = await visit('line')
  expect(status).toBe(200)
  expect(later).toBe(first)
})
