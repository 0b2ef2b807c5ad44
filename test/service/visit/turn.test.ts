import { expect, test } from 'vitest'
import { verifyTicket } from '../../../lib/queue/tokens/ticket.ts'
import { createRooms } from '../../../lib/service/visit/room-cache.ts'
import { takeTurn } from '../../../lib/service/visit/turn.ts'
import { createVisitor, createWorld, SHOWROOM } from '../../support/world.ts'

test('a ticket of an earlier sale gets no pass from any caller, not even while the room is off', async () => {
  const world = await createWorld()
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM })
  const { body } = await createVisitor(world.visitors).post('/tickets')
  const outcome = verifyTicket(String(body.ticket), {
    room: 'demo',
    nowMs: world.now(),
    keys: world.keys.ticketKeys,
  })
  if (outcome.status === 'invalid') throw new Error('the ticket is good')
  const take = async () => {
    const rooms = createRooms(world.store, world.now)
    const room = await rooms.get('demo')
    return takeTurn({ ...world, rooms }, room, outcome.ticket, {})
  }
  await world.operator('PATCH', '/demo', { mode: 'off' })
  await world.run('demo', 2)
  expect(await take()).toMatchObject({
    status: 'taken',
    location: expect.stringContaining('antichambre='),
  })
  await world.operator('POST', '/demo/end')
  await world.operator('PUT', '/demo', { showroomUrl: SHOWROOM, mode: 'off' })
  await world.run('demo', 2)
  expect(await take()).toEqual({ status: 'ended' })
})
