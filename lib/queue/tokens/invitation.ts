/** Invitations: signed proof that its bearer may stand in a group's line, once. */
import * as z from 'zod/mini'
import { type SigningKey, signToken, verifyToken } from './token.ts'

export { INVITATION_PARAMETER } from '../address/query.ts'

const seconds = z.int().check(z.gte(0))

const claimsSchema = z.object({
  aud: z.string(),
  group: z.string(),
  jti: z.string(),
  iat: seconds,
  exp: seconds,
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
  | { status: 'invalid'; reason: 'forged' | 'foreign-room' | 'expired' }

export function signInvitation(invitation: Invitation, nowMs: number, key: SigningKey): string {
  const { room, group, id, expiresAtMs } = invitation
  const [iat, exp] = [Math.floor(nowMs / 1000), Math.floor(expiresAtMs / 1000)]
  return signToken('invitation', { aud: room, group, jti: id, iat, exp }, key)
}

/** Is this an invitation to this room and group, now? Whether it was used is the store's question. */
export function verifyInvitation(
  token: string,
  room: string,
  group: string,
  nowMs: number,
  keys: readonly SigningKey[],
): InvitationOutcome {
  const outcome = verifyToken('invitation', token, keys)
  if (outcome.status === 'invalid') return { status: 'invalid', reason: 'forged' }
  const claims = claimsSchema.safeParse(outcome.claims)
  if (!claims.success) return { status: 'invalid', reason: 'forged' }
  const { aud, group: of, jti, exp } = claims.data
  if (aud !== room || of !== group) return { status: 'invalid', reason: 'foreign-room' }
  if (nowMs >= exp * 1000) return { status: 'invalid', reason: 'expired' }
  return { status: 'valid', invitation: { room, group, id: jti, expiresAtMs: exp * 1000 } }
}
