/** Invitations: signed proof that its bearer may stand in a group's line, once. */
import * as z from 'zod/mini'
import type { ClaimsRefusal } from './claims.ts'
import { type SigningKey, signToken, type Verifier, verifyClaims, wholeNumber } from './token.ts'

export { INVITATION_PARAMETER } from '../address/query.ts'

const claimsSchema = z.object({
  aud: z.string(),
  group: z.string(),
  jti: z.string(),
  iat: wholeNumber,
  exp: wholeNumber,
})

export interface Invitation {
  readonly room: string
  readonly group: string
  /** Unique: an invitation is good for one ticket. */
  readonly id: string
  readonly expiresAtMs: number
}

export type InvitationOutcome =
  | { status: 'valid'; invitation: Invitation }
  | { status: 'invalid'; reason: ClaimsRefusal }

export function signInvitation(invitation: Invitation, nowMs: number, key: SigningKey): string {
  const { room, group, id, expiresAtMs } = invitation
  const [iat, exp] = [Math.floor(nowMs / 1000), Math.floor(expiresAtMs / 1000)]
  return signToken('invitation', { aud: room, group, jti: id, iat, exp }, key)
}

/** Is this an invitation to this room and group, now? Whether it was used is the store's question. */
export function verifyInvitation(
  token: string,
  verifier: Verifier & { readonly group: string },
): InvitationOutcome {
  const outcome = verifyClaims('invitation', token, claimsSchema, verifier)
  if (outcome.status === 'invalid') return outcome
  const { aud: room, group, jti: id, exp } = outcome.claims
  return { status: 'valid', invitation: { room, group, id, expiresAtMs: exp * 1000 } }
}
