/**
 * Sessions: the stay in the showroom that a pass opened, in a cookie that the gate signed itself.
 * A session is signed once, for a valid pass, and never again: there is nothing that renews it.
 */
import * as z from 'zod/mini'
import { type SigningKey, signToken, verifyToken } from '../../queue/tokens/token.ts'

const seconds = z.int().check(z.gte(0))

const claimsSchema = z.object({ aud: z.string(), sub: z.string(), iat: seconds, exp: seconds })

export interface Session {
  readonly ticketId: string
  /** Fixed by the first claim of the ticket's turn; whole seconds. */
  readonly endsAtMs: number
}

export type SessionOutcome =
  | { status: 'valid'; session: Session }
  | { status: 'invalid'; reason: 'forged' | 'foreign-room' | 'expired' }

export function signSession(
  session: Session,
  room: string,
  nowMs: number,
  key: SigningKey,
): string {
  const iat = Math.floor(nowMs / 1000)
  const exp = Math.floor(session.endsAtMs / 1000)
  return signToken('session', { aud: room, sub: session.ticketId, iat, exp }, key)
}

/** Is this a session of this room, now? The end is exact: the room counts seats by it. */
export function verifySession(
  token: string,
  room: string,
  nowMs: number,
  keys: readonly SigningKey[],
): SessionOutcome {
  const outcome = verifyToken('session', token, keys)
  if (outcome.status === 'invalid') return { status: 'invalid', reason: 'forged' }
  const claims = claimsSchema.safeParse(outcome.claims)
  if (!claims.success) return { status: 'invalid', reason: 'forged' }
  const { aud, sub, exp } = claims.data
  if (aud !== room) return { status: 'invalid', reason: 'foreign-room' }
  if (isOver(exp * 1000, nowMs)) return { status: 'invalid', reason: 'expired' }
  return { status: 'valid', session: { ticketId: sub, endsAtMs: exp * 1000 } }
}

/** Is a session that ends then over now? */
export function isOver(endsAtMs: number, nowMs: number): boolean {
  return nowMs >= endsAtMs
}
