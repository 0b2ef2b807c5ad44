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
  /** For passes; the other kinds name no issuer. */
  readonly issuer?: string
  readonly room: string
  /** For invitations, which are to one group of the room. */
  readonly group?: string
  readonly nowMs: number
  /**
   * For tokens that one machine signs and another checks within seconds: by how much the clocks of the two may
   * differ. The token is good for so many seconds before `iat` and after `exp`. Absent, `exp` is exact and `iat` is
   * not checked.
   */
  readonly skewSeconds?: number
}

/**
 * `forged`: no key of ours signed it, or it has another form. `foreign-room`: for another room or group.
 * `expired`: its end has passed. `early`: it is from the future.
 */
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

/** Has this second begun? It is counted from 1970, and has begun from its first millisecond on. */
export function isReached(seconds: number, nowMs: number): boolean {
  return nowMs >= seconds * 1000
}

/** Whole seconds since 1970. */
export function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
