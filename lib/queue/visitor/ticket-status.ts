/** Where a ticket stands now. The answers about a place and a pass, and the page without JavaScript, all use this. */

import { frontRate } from '../admission/policies.ts'
import { type CohortRecord, isAdmitted, placeIn } from '../cohort/place.ts'
import { lineNumber } from '../room/groups.ts'
import { type Batch, type Line, turnEndsAtMs } from '../room/line.ts'
import { phaseOf, stockLeftOf } from '../room/phase.ts'
import type { Room } from '../room/state.ts'
import { chanceOfStock } from '../stock/odds.ts'
import { buyRateOf } from '../stock/stock.ts'
import type { Ticket } from '../tokens/ticket.ts'

export type TicketStatus =
  | { status: 'drawing' }
  | {
      status: 'waiting'
      place: number
      ahead: number
      waitSeconds: number | null
      /** 0 .. 1: the chance that something is left then; null while nobody can say. */
      odds: number | null
    }
  | { status: 'admitted'; place: number; turnAtMs: number; turnEndsAtMs: number }
  /** The turn is over; the late lane takes the ticket while `lateSeats` are free. */
  | { status: 'missed'; place: number; lateSeats: number }
  | { status: 'paused'; place?: number }
  | { status: 'sold-out'; place?: number }
  | { status: 'ended'; place?: number }
  /** The room is closed for maintenance. */
  | { status: 'closed'; place?: number }

/** Is this ticket of the sale that runs now, not of an earlier one in the same room, and of this line? */
export function isOfThisSale(ticket: Pick<Ticket, 'cohort'>, state: Line): boolean {
  const isOfThisLine = lineNumber(ticket.cohort) === lineNumber(state.firstCohort)
  return isOfThisLine && ticket.cohort >= state.firstCohort
}

/** @param record the record of the ticket's cohort; undefined while it is open. */
export function ticketStatusOf(
  room: Room,
  ticket: Ticket,
  record: CohortRecord | undefined,
  nowMs: number,
): TicketStatus {
  const { config, state } = room
  if (!isOfThisSale(ticket, state)) return { status: 'ended' }
  const place = record === undefined ? undefined : placeIn(record, ticket.shard, ticket.index)
  const known = place === undefined ? {} : { place }
  const phase = phaseOf(room, nowMs)
  if (phase === 'ended') return { status: 'ended', ...known }
  if (phase === 'closed') return { status: 'closed', ...known }
  if (phase === 'soldOut') return { status: 'sold-out', ...known }
  if (phase === 'paused') return { status: 'paused', ...known }
  if (place === undefined) return { status: 'drawing' }
  if (!isAdmitted(place, state.front)) {
    const ahead = place - state.front - 1
    return {
      status: 'waiting',
      place,
      ahead,
      waitSeconds: waitSeconds(ahead, frontRate({ config, state }, nowMs)),
      odds: oddsOf(room, ahead),
    }
  }
  const batch = batchOf(state, place)
  if (batch === undefined) return { status: 'missed', place, lateSeats: state.lateSeats }
  // Turns stand still while all is sold. When goods come back the next tick lengthens them by that time; until it
  // has, the time is added here.
  const stoodMs = state.soldOutAtMs === null ? 0 : Math.max(0, nowMs - state.soldOutAtMs)
  const endsAtMs = turnEndsAtMs(batch, config.turnSeconds) + stoodMs
  if (nowMs >= endsAtMs) return { status: 'missed', place, lateSeats: state.lateSeats }
  return { status: 'admitted', place, turnAtMs: batch.atMs, turnEndsAtMs: endsAtMs }
}

/** The wait at so many places a minute, in whole seconds; null while nobody is let in. */
export function waitSeconds(ahead: number, ratePerMinute: number): number | null {
  return ratePerMinute === 0 ? null : Math.ceil(((ahead + 1) * 60) / ratePerMinute)
}

/** The batch of an admitted place; undefined once its turn is forgotten. */
function batchOf(state: Line, place: number): Batch | undefined {
  if (place <= state.batchesFrom) return undefined
  return state.batches.find(batch => place <= batch.to)
}

/** The chance that something is left at a place: those ahead, and those inside, may buy before. */
function oddsOf({ config, state }: Room, ahead: number): number | null {
  const left = stockLeftOf({ config, state })
  const rate = buyRateOf(state)
  if (left === null || rate === null) return null
  const chance = chanceOfStock(left, ahead + state.hopeful, rate.share)
  return Math.round(chance * 1000) / 1000
}
