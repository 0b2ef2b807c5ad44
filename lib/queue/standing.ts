/** Where a ticket stands now: the one answer behind the place, the pass and the plain page. */
import { phaseOf } from './phase.ts'
import { type CohortRecord, isAdmitted, placeIn } from './place.ts'
import { type Batch, type Room, type RoomState, turnEndsAtMs } from './state.ts'
import type { Ticket } from './ticket.ts'

export type Standing =
  | { status: 'drawing' }
  | { status: 'waiting'; place: number; ahead: number; waitSeconds: number | null }
  | { status: 'admitted'; place: number; turnAtMs: number; turnEndsAtMs: number }
  | { status: 'missed'; place: number }
  | { status: 'paused'; place?: number }
  | { status: 'sold-out'; place?: number }
  | { status: 'ended'; place?: number }

/** Is this ticket of the sale that runs now, not of an earlier one in the same room? */
export function isOfThisSale(ticket: Pick<Ticket, 'cohort'>, state: RoomState): boolean {
  return ticket.cohort >= state.firstCohort
}

/** @param record the record of the ticket's cohort; undefined while it is open. */
export function standingOf(
  room: Room,
  ticket: Ticket,
  record: CohortRecord | undefined,
  nowMs: number,
): Standing {
  const { config, state } = room
  if (!isOfThisSale(ticket, state)) return { status: 'ended' }
  const place = record === undefined ? undefined : placeIn(record, ticket.shard, ticket.index)
  const known = place === undefined ? {} : { place }
  const phase = phaseOf(room, nowMs)
  if (phase === 'ended') return { status: 'ended', ...known }
  if (phase === 'soldOut') return { status: 'sold-out', ...known }
  if (phase === 'paused') return { status: 'paused', ...known }
  if (place === undefined) return { status: 'drawing' }
  if (!isAdmitted(place, state.front)) {
    const ahead = place - state.front - 1
    return {
      status: 'waiting',
      place,
      ahead,
      waitSeconds: waitSeconds(ahead, config.ratePerMinute),
    }
  }
  const batch = batchOf(state, place)
  if (batch === undefined) return { status: 'missed', place }
  const endsAtMs = turnEndsAtMs(batch, config.turnSeconds)
  if (nowMs >= endsAtMs) return { status: 'missed', place }
  return { status: 'admitted', place, turnAtMs: batch.atMs, turnEndsAtMs: endsAtMs }
}

/** The wait at the room's rate, in whole seconds; null while nobody is let in. */
export function waitSeconds(ahead: number, ratePerMinute: number): number | null {
  return ratePerMinute === 0 ? null : Math.ceil(((ahead + 1) * 60) / ratePerMinute)
}

/** The batch of an admitted place; undefined once its turn is forgotten. */
function batchOf(state: RoomState, place: number): Batch | undefined {
  if (place <= state.batchesFrom) return undefined
  return state.batches.find(batch => place <= batch.to)
}

/** Places let in whose turns still run, by the start of their turn. */
export function openBatches(state: RoomState): { places: number; atMs: number }[] {
  return state.batches.map((batch, index) => ({
    places: batch.to - (state.batches[index - 1]?.to ?? state.batchesFrom),
    atMs: batch.atMs,
  }))
}
