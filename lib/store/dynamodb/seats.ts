/**
 * How a ticket gets a seat: for each way, what is counted in the house and under which condition.
 * The conditions settle the race for the last seat; `:zero` is 0 in all of them.
 */

import type { SeatRequest } from '../port.ts'
import { counter } from './house.ts'

export interface SeatCount {
  /** What is added to which counter. */
  readonly counts: Readonly<Record<string, number>>
  readonly condition: string
  /** The slot of the session's end, in which the visitor is counted inside. */
  readonly seatSlot: number
}

const freeSeat = 'seats > :zero'
const notOnHold = 'seats > heldNow'

/** A seat that the ticket's lane may take. @param entries how often the ticket entered before. */
export function laneSeat(request: SeatRequest, entries: number): SeatCount {
  const seat = newSeat(request, entries)
  switch (request.lane) {
    case 'turn':
    case 'held':
      return { ...seat, condition: `${freeSeat} AND ${notOnHold}` }
    case 'late': {
      const lateSeat = 'lateSeats > :zero'
      const unreserved = 'seats > kept'
      return {
        ...seat,
        counts: { ...seat.counts, lateSeats: -1 },
        condition: `${lateSeat} AND ${freeSeat} AND ${unreserved} AND ${notOnHold}`,
      }
    }
  }
}

/** Any free seat, for a ticket on hold, as long as its hold is counted. */
export function heldSeat(request: SeatRequest, holdSlot: number, entries: number): SeatCount {
  const seat = newSeat(request, entries)
  const hold = counter.held(holdSlot)
  return {
    ...seat,
    // One seat less, and one less on hold.
    counts: { ...seat.counts, heldNow: -1, [hold]: -1, unheld: 0 },
    condition: `${freeSeat} AND ${hold} > :zero`,
  }
}

/**
 * The seat of the ticket's entry before, as long as that is counted. Its slot only ever moves to a
 * later one: where two claims of the ticket move it at once and one dies, nobody else who is inside
 * is counted gone too early.
 */
export function takenOverSeat(request: SeatRequest, formerSlot: number): SeatCount {
  const seatSlot = Math.max(formerSlot, request.seatSlot)
  const [former, seat] = [counter.seats(formerSlot), counter.seats(seatSlot)]
  return {
    counts: former === seat ? { [seat]: 0 } : { [former]: -1, [seat]: 1 },
    condition: `${former} > :zero`,
    seatSlot,
  }
}

/**
 * What undoes the count of a seat that nobody took. `entered` never falls, because the pace is
 * measured by it; so one more is counted gone. Once the slot has expired that has happened already,
 * and the condition keeps it from happening twice.
 */
export function uncounted({ counts, seatSlot }: SeatCount): SeatCount {
  const { entered = 0, seats: _, spare: __, unheld: ___, lateSeats: ____, ...others } = counts
  const back = Object.entries(others).map(([name, count]) => [name, -count])
  return {
    // The seat stays taken until a tick moves the limit. A ticket that was on hold is on hold again.
    counts: { gone: entered, unheld: others.heldNow ?? 0, ...Object.fromEntries(back) },
    condition: `${counter.seats(seatSlot)} > :zero`,
    seatSlot,
  }
}

/** How soon people use their turns is measured by first entries: a further one uses no other turn. */
function newSeat(request: SeatRequest, entries: number) {
  const { seatSlot } = request
  const isTurn = entries === 0 && request.lane === 'turn'
  const turn = { [counter.byTurn(request.turnSlot)]: 1, [counter.ages(request.ageClass)]: 1 }
  const seat = { entered: 1, seats: -1, spare: -1, unheld: -1, [counter.seats(seatSlot)]: 1 }
  return { counts: { ...seat, ...(isTurn ? turn : {}) }, seatSlot }
}
