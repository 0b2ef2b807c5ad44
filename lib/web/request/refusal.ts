/** A refusal as the error that goes over the wire. */
import { AntichambreError } from '../../queue/errors.ts'
import type { Room } from '../../queue/room/state.ts'
import { REFUSAL_CODES, type Refusal } from '../../queue/visitor/refusals.ts'

/** The answer carries the place, and how far the line is, where somebody may want to compare them. */
export function refusalError(refusal: Refusal, { state: { front } }: Room): AntichambreError {
  const error = (message: string, facts: Readonly<Record<string, number | null>> = {}) =>
    new AntichambreError(REFUSAL_CODES[refusal.status], message, facts)
  switch (refusal.status) {
    case 'doors-closed':
      return error('the doors are not open yet')
    case 'drawing':
      return error('the order is not drawn yet', { place: null, front })
    case 'waiting':
      return error('it is not your turn yet', { place: refusal.place, front })
    case 'held':
      return error('every seat is taken; the next free one is yours', {
        place: refusal.place,
        front,
      })
    case 'missed':
      return error('your turn is over; the late lane has no seat now', { place: refusal.place })
    case 'already-entered':
      return error('this ticket has been used to walk in')
    case 'refused-address':
      return error(`the return address is refused: ${refusal.reason}`)
    case 'paused':
      return error('the room is paused; your place is kept')
    case 'closed':
      return error('the room is closed for maintenance')
    case 'sold-out':
      return error('everything is sold')
    case 'ended':
      return error('the sale is over')
  }
}
