import { expect, test } from 'vitest'
import { ticketOf } from '../../../lib/store/dynamodb/tickets.ts'
import { SEAT_SLOT, sampleClaim } from '../../contract/samples.ts'

const entered = { ...sampleClaim({ nonce: 'n' }), seatSlot: SEAT_SLOT, turnSlot: 7 }

test.each([
  ['has entered', { entries: 1 }],
  ['entered several times, when that was allowed', { entries: 3, formerSaidAtMs: 5 }],
])('the item of a ticket that %s is read as one entry', (_, fields) => {
  const item = { ...entered, ...fields, saidAtMs: 6, departedAtMs: 7, reason: 'left' }
  expect(ticketOf(item as never)).toEqual({
    entry: { claim: sampleClaim({ nonce: 'n' }), seatSlot: SEAT_SLOT },
    departed: 'left',
  })
})

test('a ticket of which nothing is kept, or a hold alone, has not entered', () => {
  expect(ticketOf(undefined)).toEqual({})
  expect(ticketOf({ heldAtMs: 5, holdSlot: 6 })).toEqual({ heldAtMs: 5, holdSlot: 6 })
})
