/**
 * Sessions: the stay in the showroom that a pass opened, in a cookie that the gate signed itself.
 * A session is signed once, for a valid pass, and never again: there is nothing that renews it.
 */
import * as z from 'zod/mini'
import type { ClaimsRefusal } from '../../queue/tokens/claims.ts'
import {
  type SigningKey,
  signToken,
  type Verifier,
  verifyClaims,
  wholeNumber,
} from '../../queue/tokens/token.ts'

const claimsSchema = z.object({
  aud: z.string(),
  sub: z.string(),
  iat: wholeNumber,
  exp: wholeNumber,
})

export interface Session {
  readonly ticketId: string
  /** Fixed by the first claim of the ticket's turn; whole seconds. */
  readonly endsAtMs: number
}

export type SessionOutcome =
  | { status: 'valid'; session: Session }
  | { status: 'invalid'; reason: ClaimsRefusal }

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
export function verifySession(token: string, verifier: Verifier): SessionOutcome {
  const outcome = verifyClaims('session', token, claimsSchema, verifier)
  if (outcome.status === 'invalid') return outcome
  const { sub: ticketId, exp } = outcome.claims
  return { status: 'valid', session: { ticketId, endsAtMs: exp * 1000 } }
}
