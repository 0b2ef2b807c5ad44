/** Passes: short-lived proof of a turn taken, which the redirect to the showroom carries. */

import { sign } from 'node:crypto'
import * as z from 'zod/mini'
import { CLOCK_SKEW_SECONDS, PASS_SECONDS } from '../limits.ts'
import { type ClaimsRefusal, PASS_ISSUER } from './claims.ts'
import {
  type SigningKey,
  sameText,
  signToken,
  type Verifier,
  verifyClaims,
  wholeNumber,
} from './token.ts'

const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  jti: z.string(),
  iat: wholeNumber,
  exp: wholeNumber,
  nonce: z.optional(z.string()),
  sessionExp: wholeNumber,
})

/** What a pass says. All times are seconds since 1970 (RFC 7519 NumericDate). */
export interface Pass {
  /** The ticket id. */
  readonly sub: string
  /** One for each entry: a pass asked for twice is the same pass. */
  readonly jti: string
  readonly iat: number
  readonly exp: number
  /** The hash of the nonce that the gate put on the browser; absent where no gate sent it. */
  readonly nonce?: string | undefined
  /** When the session ends that this pass opens, fixed by the first claim: asking again adds nothing. */
  readonly sessionExp: number
}

export type PassOutcome =
  | { status: 'valid'; pass: Pass }
  | { status: 'invalid'; reason: ClaimsRefusal | 'foreign-browser' }

/** Who checks a pass: a gate, for one browser. */
export interface PassVerifier extends Verifier {
  /**
   * The hashes of the nonces in the browser's cookies; one of them must be the pass's. A pass without
   * a nonce, or a browser without one, does not get in: a shared link is worthless.
   */
  readonly nonceHashes: readonly string[]
}

/** A key for ES256 passes, which third parties check with the room's published key set. */
export interface PassSigner {
  readonly id: string
  readonly privateKey: Parameters<typeof sign>[2]
}

export interface PassFacts {
  readonly room: string
  readonly ticketId: string
  readonly jti: string
  readonly nonce: string | undefined
  readonly nowMs: number
  readonly sessionEndsAtMs: number
}

/** The claims of a pass given now: at most `PASS_SECONDS` long, never longer than the session. */
export function passClaims(facts: PassFacts) {
  const iat = Math.floor(facts.nowMs / 1000)
  const sessionExp = Math.floor(facts.sessionEndsAtMs / 1000)
  return {
    iss: PASS_ISSUER,
    aud: facts.room,
    sub: facts.ticketId,
    jti: facts.jti,
    iat,
    exp: Math.min(iat + PASS_SECONDS, sessionExp),
    ...(facts.nonce === undefined ? {} : { nonce: facts.nonce }),
    sessionExp,
  }
}

export type PassClaims = ReturnType<typeof passClaims>

export function signPass(claims: PassClaims, key: SigningKey): string {
  return signToken('pass', claims, key)
}

/** The same claims as a JWT with ES256 (RFC 7518 section 3.4). */
export function signPassEs256(claims: PassClaims, signer: PassSigner): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'ES256', typ: 'pass+jwt', kid: signer.id })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(input), signer.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/** Is this a pass to this room, now, in this browser? */
export function verifyPass(token: string, verifier: PassVerifier): PassOutcome {
  const { room, nowMs, keys } = verifier
  // Field by field: spreading an object here costs a gate a quarter of its decision on a pass.
  const expected = { room, nowMs, keys, issuer: PASS_ISSUER, skewSeconds: CLOCK_SKEW_SECONDS }
  const outcome = verifyClaims('pass', token, claimsSchema, expected)
  if (outcome.status === 'invalid') return outcome
  const { aud: _room, iss: _issuer, ...pass } = outcome.claims
  const { nonce } = pass
  if (nonce === undefined || !verifier.nonceHashes.some(hash => sameText(hash, nonce))) {
    return { status: 'invalid', reason: 'foreign-browser' }
  }
  return { status: 'valid', pass }
}
