/** Tickets: signed proof of a place to come. */
import * as z from 'zod/mini'
import { TICKET_ID, TICKET_SECONDS_MAX } from '../limits.ts'
import { type SigningKey, signToken, verifyToken } from './token.ts'

const whole = z.int().check(z.gte(0))

const claimsSchema = z.object({
  aud: z.string(),
  sub: z.string(),
  cohort: whole,
  shard: whole,
  index: whole,
  commitment: z.string(),
  iat: whole,
  exp: whole,
})

/** Where a visitor will be drawn from: unique by construction in a room's whole life. */
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
  | { status: 'invalid'; reason: 'forged' | 'foreign-room' | 'expired' }

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

/** Is this a ticket of this room, now? Only for those that are does anything get counted or read. */
export function verifyTicket(
  token: string,
  room: string,
  nowMs: number,
  keys: readonly SigningKey[],
): TicketOutcome {
  const outcome = verifyToken('ticket', token, keys)
  if (outcome.status === 'invalid') return { status: 'invalid', reason: 'forged' }
  const claims = claimsSchema.safeParse(outcome.claims)
  if (!claims.success) return { status: 'invalid', reason: 'forged' }
  const { aud, sub, cohort, shard, index, commitment, exp } = claims.data
  if (aud !== room) return { status: 'invalid', reason: 'foreign-room' }
  if (nowMs >= exp * 1000) return { status: 'invalid', reason: 'expired' }
  return { status: 'valid', ticket: { room, id: sub, cohort, shard, index, commitment } }
}
