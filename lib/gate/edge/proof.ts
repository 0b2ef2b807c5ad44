/**
 * What a browser brings to the edge: a session in its cookies, passes in the address. The twin of
 * `../decision/proof.ts`: both pass `test/vectors/tokens.json` and are compared in `test/gate/alike.test.ts`.
 */
import { CLOCK_SKEW_SECONDS } from '../../queue/limits.ts'
import { claimsRefusal, isReached, isSeconds } from '../../queue/tokens/claims.ts'
import type { PassRefusal } from '../decision/proof.ts'
import { cookiesOf, nameOf, noncesOf } from './request/cookies.ts'
import type { EdgeKey } from './request/edge-config.ts'
import type { EdgeVisit } from './request/visit.ts'
import { claimsOf, isSame, isText, sha256, signed } from './tokens.ts'

/** The edge hears of no departures. */
export type EdgeRefusal = Exclude<PassRefusal, 'departed'>

export interface EdgeSession {
  readonly ticketId: string
  /** Whole seconds since 1970. */
  readonly endsAt: number
}

/** The first of the visitor's sessions that is one of this room and was not over then. */
export function sessionAt(
  visit: EdgeVisit,
  keys: readonly EdgeKey[],
  thenMs: number,
): EdgeSession | undefined {
  const expected = { room: visit.config.room, nowMs: thenMs }
  return cookiesOf(visit, nameOf(visit, ''))
    .map(token => {
      const claims = claimsOf('session', token, keys)
      const isGood = claims && !claimsRefusal(claims, expected)
      return isGood ? { ticketId: claims.sub, endsAt: claims.exp } : undefined
    })
    .find(session => session)
}

export function signedSession(visit: EdgeVisit, session: EdgeSession, key: EdgeKey): string {
  const iat = Math.floor(visit.nowMs / 1000)
  const sub = JSON.stringify(session.ticketId)
  // field by field: the runtime does not promise the order of an object's fields
  const claims = `{"aud":"${visit.config.room}","sub":${sub},"iat":${iat},"exp":${session.endsAt}}`
  return signed('session', claims, key)
}

/** The session that a pass opens, or why it opens none. */
export type EdgePass = EdgeSession | EdgeRefusal

/** The first of the passes that gets in; else why the first of them does not. */
export function passIn(visit: EdgeVisit, keys: readonly EdgeKey[]): EdgePass | undefined {
  // most requests bring no pass, and the hashes of the nonces would be half of their cost
  const hashes = visit.passes.length === 0 ? [] : noncesOf(visit).map(sha256)
  const passes = visit.passes.map(token => checkedPass(token, hashes, visit, keys))
  return passes.find(pass => typeof pass === 'object') || passes[0]
}

function checkedPass(
  token: string,
  hashes: readonly string[],
  visit: EdgeVisit,
  keys: readonly EdgeKey[],
): EdgePass {
  const claims = claimsOf('pass', token, keys)
  if (!claims || !isText(claims.jti)) return 'forged'
  const nonce = claims.nonce
  const endsAt = claims.sessionExp
  if (!isSeconds(endsAt) || (nonce !== undefined && !isText(nonce))) return 'forged'
  const refused = claimsRefusal(claims, {
    issuer: 'antichambre',
    room: visit.config.room,
    nowMs: visit.nowMs,
    skewSeconds: CLOCK_SKEW_SECONDS,
  })
  if (refused) return refused
  if (!hashes.some(hash => nonce !== undefined && isSame(hash, nonce))) return 'foreign-browser'
  // a pass may be late by the skew of the clocks, but a session that is over opens nothing
  return isReached(endsAt, visit.nowMs) ? 'expired' : { ticketId: claims.sub, endsAt: endsAt }
}
