import { expect, test } from 'vitest'
import type { Refusal } from '../../../lib/queue/visitor/refusals.ts'
import { asAntichambreError } from '../../../lib/web/request/http.ts'
import { refusalError } from '../../../lib/web/request/refusal.ts'
import { openState, room } from '../../queue/rooms.ts'

const there = room({}, openState(100, { front: 30 }))

test.each<[Refusal, number, string, object]>([
  [{ status: 'doors-closed' }, 409, 'doors-closed', {}],
  [{ status: 'drawing' }, 425, 'not-yet', { place: null, front: 30 }],
  [
    { status: 'waiting', place: 41, ahead: 10, waitSeconds: 9, odds: null },
    425,
    'not-yet',
    { place: 41, front: 30 },
  ],
  [{ status: 'held', place: 12 }, 425, 'house-full', { place: 12, front: 30 }],
  [{ status: 'missed', place: 3, lateSeats: 0 }, 410, 'turn-missed', { place: 3 }],
  [{ status: 'already-entered' }, 409, 'already-entered', {}],
  [{ status: 'refused-address', reason: 'why' }, 400, 'bad-return-address', {}],
  [{ status: 'paused', place: 41 }, 409, 'room-paused', {}],
  [{ status: 'closed', place: 41 }, 409, 'room-closed', {}],
  [{ status: 'sold-out', place: 41 }, 409, 'sold-out', {}],
  [{ status: 'ended' }, 409, 'room-ended', {}],
])('the refusal %j is answered with %i %s %j', (refusal, status, code, facts) => {
  const error = refusalError(refusal, there)
  expect(error).toMatchObject({ status, code })
  expect(error.facts).toEqual(facts)
  // What a route throws is what its visitor is told.
  expect(asAntichambreError(error)).toBe(error)
})
