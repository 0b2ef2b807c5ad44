/** Tickets: signed proof of a place to come. */
import * as z from 'zod/mini'
import { TICKET_ID, TICKET_SECONDS_MAX } from '../limits.ts'
import type { ClaimsRefusal } from './claims.ts'
import { type SigningKey, signToken, type Verifier, verifyClaims, wholeNumber } from './token.ts'

const claimsSchema = z.object({
  aud: z.string(),
  sub: z.string(),
  cohort: wholeNumber,
  shard: wholeNumber,
  index: wholeNumber,
  commitment: z.string(),
  iat: wholeNumber,
  exp: wholeNumber,
})

/** A place in a cohort before the draw. No two tickets that a room ever gives have the same id. */
export interface Ticket {
  readonly room: string
  /** `cohort.shard.index` */
  readonly id: string
  readonly cohort: number
  readonly shard: number
  readonly index: number
  /** SHA-256 of the cohort's seed, base64url: fixed before anybody could know their place. */
  readonly commitment: string
}

export type TicketOutcome =
  | { status: 'valid'; ticket: Ticket }
  | { status: 'invalid'; reason: ClaimsRefusal }

export function ticketId(cohort: number, shard: number, index: number): string {
  return `${cohort}.${shard}.${index}`
}

/** What an id is made of; undefined for a text that is no ticket's id. */
export function parseTicketId(id: string): Pick<Ticket, 'cohort' | 'shard' | 'index'> | undefined {
  if (!TICKET_ID.test(id)) return undefined
  const [cohort = 0, shard = 0, index = 0] = id.split('.').map(Number)
  return { cohort, shard, index }
}

/** Signs a ticket, good for `TICKET_SECONDS_MAX`. */
export function signTicket(ticket: Ticket, nowMs: number, key: SigningKey): string {
  const { room, id, cohort, shard, index, commitment } = ticket
  const iat = Math.floor(nowMs / 1000)
  const claims = { aud: room, sub: id, cohort, shard, index, commitment, iat }
  return signToken('ticket', { ...claims, exp: iat + TICKET_SECONDS_MAX }, key)
}

/** Is this a ticket of this room, now? It is asked before anything is counted or read for the visitor. */
export function verifyTicket(token: string, verifier: Verifier): TicketOutcome {
  const outcome = verifyClaims('ticket', token, claimsSchema, verifier)
  if (outcome.status === 'invalid') return outcome
  const { aud: room, sub: id, cohort, shard, index, commitment } = outcome.claims
  return { status: 'valid', ticket: { room, id, cohort, shard, index, commitment } }
}
