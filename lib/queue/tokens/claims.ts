/**
 * Is a signed token meant for this room, and good at this moment? (RFC 7519 section 4.1.) One function
 * answers for tickets, passes, invitations and sessions, in the room, at every gate, at the edge and in
 * the browser. So it needs no library and keeps to the words of the edge's runtime
 * (`test/gate/edge/function-source.test.ts`). Its bounds are those of the library jose
 * (`test/queue/tokens/claims.test.ts`).
 */

/** `iss` of every pass. */
export const PASS_ISSUER = 'antichambre'

/** The claims that are looked at. Times are whole seconds since 1970 (NumericDate). */
export interface CheckedClaims {
  readonly iss?: unknown
  readonly aud: string
  readonly group?: unknown
  readonly iat: number
  readonly exp: number
}

export interface ExpectedClaims {
  /** Of the kinds that name one. */
  readonly issuer?: string
  readonly room: string
  /** Of invitations, which are to one group of the room. */
  readonly group?: string
  readonly nowMs: number
  /**
   * For tokens that one machine signs and another checks within seconds: so much may the clocks of the
   * two differ. A token that is from later than that is refused too. Absent, the end is exact and
   * nobody asks for the beginning.
   */
  readonly skewSeconds?: number
}

/** `forged`: no key of ours signed it, or not with these claims. */
export type ClaimsRefusal = 'forged' | 'foreign-room' | 'expired' | 'early'

/** Why a token with these claims is refused; undefined where it is good. */
export function claimsRefusal(
  claims: CheckedClaims,
  expected: ExpectedClaims,
): ClaimsRefusal | undefined {
  const skewSeconds = expected.skewSeconds || 0
  if (expected.issuer && claims.iss !== expected.issuer) return 'forged'
  if (claims.aud !== expected.room || claims.group !== expected.group) return 'foreign-room'
  if (isReached(claims.exp + skewSeconds, expected.nowMs)) return 'expired'
  if (expected.skewSeconds === undefined) return undefined
  return isReached(claims.iat - skewSeconds, expected.nowMs) ? undefined : 'early'
}

/** Has a second, counted from 1970, begun? It has from its first millisecond on. */
export function isReached(seconds: number, nowMs: number): boolean {
  return nowMs >= seconds * 1000
}

/** Whole seconds since 1970. */
export function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
