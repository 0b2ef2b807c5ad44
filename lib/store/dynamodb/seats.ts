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
}

const freeSeat = 'seats > :zero'
const notOnHold = 'seats > heldNow'

/** A seat that the ticket's lane may take. */
export function laneSeat(request: SeatRequest): SeatCount {
  const counts = countsOf(request)
  switch (request.lane) {
    case 'turn':
    case 'held':
      return { counts, condition: `${freeSeat} AND ${notOnHold}` }
    case 'late': {
      const lateSeat = 'lateSeats > :zero'
      const unreserved = 'seats > kept'
      return {
        counts: { ...counts, lateSeats: -1 },
        condition: `${lateSeat} AND ${freeSeat} AND ${unreserved} AND ${notOnHold}`,
      }
    }
  }
}

/** Any free seat, for a ticket on hold, while that hold is still counted. */
export function heldSeat(request: SeatRequest, holdSlot: number): SeatCount {
  const hold = counter.held(holdSlot)
  return {
    // One seat less, and one less on hold.
    counts: { ...countsOf(request), heldNow: -1, [hold]: -1, unheld: 0 },
    condition: `${freeSeat} AND ${hold} > :zero`,
  }
}

/**
 * What makes up for a seat that was counted and is not taken. One more is counted gone, and not one
 * less entered: that number never falls, for the pace rests on it. Once the slot has expired its people
 * are counted gone already, and nothing must be made up for twice.
 */
export function uncounted({ counts }: SeatCount, { seatSlot }: SeatRequest): SeatCount {
  const back = Object.entries(counts)
    .filter(([name]) => !notGivenBack.includes(name))
    .map(([name, count]) => [name, -count])
  return {
    // The seat stays taken until a tick moves the limit, and a ticket that was on hold is so again.
    counts: { gone: 1, unheld: counts.heldNow ?? 0, ...Object.fromEntries(back) },
    condition: `${counter.seats(seatSlot)} > :zero`,
  }
}

/** Counters that only grow, that a tick sets anew, or that follow from the limit. */
const notGivenBack = ['entered', 'seats', 'spare', 'unheld', 'lateSeats']

/** How many come, and how soon, is measured by those who walk in while their turn lasts. */
function countsOf({ seatSlot, turnSlot, ageClass, lane }: SeatRequest) {
  const turn = { [counter.byTurn(turnSlot)]: 1, [counter.ages(ageClass)]: 1 }
  const seat = { entered: 1, seats: -1, spare: -1, unheld: -1, [counter.seats(seatSlot)]: 1 }
  return { ...seat, ...(lane === 'turn' ? turn : {}) }
}
