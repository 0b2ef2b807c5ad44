/**
 * Why a visitor gets no ticket, or no pass for it: one list for what the room answers, for the page without
 * JavaScript, and for what the page keeps of an answer.
 */
import type { ErrorCode } from '../errors.ts'
import type { TicketStatus } from './ticket-status.ts'

/** Nobody joins now. */
export type NoTicket =
  /** The doors are not open yet. */
  | { readonly status: 'doors-closed' }
  /** The room is closed for maintenance. */
  | { readonly status: 'closed' }
  | { readonly status: 'sold-out' }
  | { readonly status: 'ended' }

/** This ticket gets no pass now. For most reasons that is what its status says. */
export type NoPass =
  | Exclude<TicketStatus, { status: 'admitted' }>
  /** It is this ticket's turn, but every seat is taken. The next free one is kept for it. */
  | { readonly status: 'held'; readonly place: number }
  /** The ticket has been used to walk in. */
  | { readonly status: 'already-entered' }
  /** The address to go to is not one of the showroom's. */
  | { readonly status: 'refused-address'; readonly reason: string }

export type Refusal = NoTicket | NoPass

/** The code that each has on the wire. The HTTP status follows from the code: see `ERROR_STATUS`. */
export const REFUSAL_CODES = {
  'doors-closed': 'doors-closed',
  drawing: 'not-yet',
  waiting: 'not-yet',
  held: 'house-full',
  missed: 'turn-missed',
  'already-entered': 'already-entered',
  'refused-address': 'bad-return-address',
  paused: 'room-paused',
  closed: 'room-closed',
  'sold-out': 'sold-out',
  ended: 'room-ended',
} as const satisfies Readonly<Record<Refusal['status'], ErrorCode>>
