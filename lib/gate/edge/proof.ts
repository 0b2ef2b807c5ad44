/** What a browser brings to the edge: a session in its cookies, passes in the address. */
import { CLOCK_SKEW_SECONDS } from '../../queue/limits.ts'
import { claimsOf, type EdgeKey, type EdgeTokenKind, isSame, sha256, signed } from './tokens.ts'

/** As the other gates say it, but for departures, of which the edge hears nothing. */
export type EdgeRefusal = 'forged' | 'foreign-room' | 'expired' | 'early' | 'foreign-browser'

export interface EdgeSession {
  readonly ticketId: string
  /** Whole seconds since 1970. */
  readonly endsAt: number
}

/** For which room, when, and with which keys something is proved. */
export interface EdgeProof {
  readonly room: string
  readonly nowMs: number
  readonly trusted: readonly EdgeKey[]
}

/** The first of these sessions that is one of this room and not over. */
export function sessionIn(tokens: readonly string[], proof: EdgeProof): EdgeSession | undefined {
  return tokens.map(token => checkedSession(token, proof)).find(session => session)
}

function checkedSession(token: string, proof: EdgeProof): EdgeSession | undefined {
  const claims = checked('session', token, proof.trusted)
  if (!claims || claims.aud !== proof.room || isOver(claims.exp, proof.nowMs)) return undefined
  return { ticketId: claims.sub, endsAt: claims.exp }
}

export function signedSession(session: EdgeSession, proof: EdgeProof, key: EdgeKey): string {
  const iat = Math.floor(proof.nowMs / 1000)
  const sub = JSON.stringify(session.ticketId)
  // field by field: the runtime does not promise the order of an object's fields
  const claims = `{"aud":"${proof.room}","sub":${sub},"iat":${iat},"exp":${session.endsAt}}`
  return signed('session', claims, key)
}

/** The session that a pass opens, or why it opens none. */
export type EdgePass = EdgeSession | EdgeRefusal

/** The first of these passes that gets in; else why the first of them does not. */
export function passIn(
  tokens: readonly string[],
  nonces: readonly string[],
  proof: EdgeProof,
): EdgePass | undefined {
  const hashes = nonces.map(sha256)
  const passes = tokens.map(token => checkedPass(token, hashes, proof))
  return passes.find(pass => typeof pass === 'object') || passes[0]
}

function checkedPass(token: string, hashes: readonly string[], proof: EdgeProof): EdgePass {
  const claims = checked('pass', token, proof.trusted)
  if (claims?.iss !== 'antichambre' || !isText(claims.jti)) return 'forged'
  const nonce = claims.nonce
  const endsAt = claims.sessionExp
  if (!isSeconds(endsAt) || (nonce !== undefined && !isText(nonce))) return 'forged'
  if (claims.aud !== proof.room) return 'foreign-room'
  if (isOver(claims.exp + CLOCK_SKEW_SECONDS, proof.nowMs)) return 'expired'
  if (!isOver(claims.iat - CLOCK_SKEW_SECONDS, proof.nowMs)) return 'early'
  if (!hashes.some(hash => nonce !== undefined && isSame(hash, nonce))) return 'foreign-browser'
  // clocks may differ for a pass, but a session that is over would only send the visitor back
  return isOver(endsAt, proof.nowMs) ? 'expired' : { ticketId: claims.sub, endsAt: endsAt }
}

/** Claims with what passes and sessions have in common. */
interface Checked extends Partial<Record<string, unknown>> {
  readonly aud: string
  readonly sub: string
  readonly iat: number
  readonly exp: number
}

function checked(
  kind: EdgeTokenKind,
  token: string,
  keys: readonly EdgeKey[],
): Checked | undefined {
  const claims = claimsOf(kind, token, keys)
  return isText(claims.aud) && isText(claims.sub) && isSeconds(claims.iat) && isSeconds(claims.exp)
    ? (claims as Checked)
    : undefined
}

/** Is a time, in seconds since 1970, reached? The end of a session is exact: the room counts by it. */
function isOver(endsAt: number, nowMs: number): boolean {
  return nowMs >= endsAt * 1000
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
