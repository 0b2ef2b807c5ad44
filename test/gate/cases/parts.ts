/** What the cases of the table are put together from. */
import { createHmac } from 'node:crypto'
import { cookieNames } from '../../../lib/gate/decision/cookies.ts'
import type { GateRequest } from '../../../lib/gate/decision/decide.ts'
import { nonceHash } from '../../../lib/gate/decision/nonce.ts'
import { signSession } from '../../../lib/gate/decision/session.ts'
import type { GateOptions } from '../../../lib/gate/options/options.ts'
import { PASS_PARAMETER } from '../../../lib/queue/address/query.ts'
import { PASS_ISSUER } from '../../../lib/queue/tokens/claims.ts'
import { passClaims, signPass } from '../../../lib/queue/tokens/pass.ts'
import { signTicket } from '../../../lib/queue/tokens/ticket.ts'
import type { SigningKey } from '../../../lib/queue/tokens/token.ts'
import { key, NOW_MS, nonce, SHOP } from '../browser.ts'

export interface GateCase {
  readonly name: string
  readonly options?: Partial<GateOptions>
  /** A GET of somebody's browser for `/sale`, but for this. */
  readonly request?: Partial<GateRequest>
  readonly nowMs?: number
  /** Parts of the wire: see `wire.ts`. */
  readonly wire: object
}

export const ROOM = 'demo'
export const K1 = key('k1', 1)
export const K2 = key('k2', 2)
/** Another secret under a known id. */
export const FOREIGN = key('k1', 9)
export const ENDS_AT_MS = NOW_MS + 900_000
export const NONCE = nonce(5)
export const NONCE_COOKIE = `${cookieNames.nonce(ROOM, NONCE)}=${NONCE}`
export const ROOM_URL = 'https://wait.example/r/demo'

interface TokenFacts {
  readonly room?: string
  readonly key?: SigningKey
  readonly nowMs?: number
  readonly endsAtMs?: number
  readonly hash?: string | undefined
}

export function sessionToken(facts: TokenFacts = {}): string {
  const { room = ROOM, key = K1, nowMs = NOW_MS, endsAtMs = ENDS_AT_MS } = facts
  return signSession({ ticketId: '0.3.41', endsAtMs }, room, nowMs, key)
}

export function passToken(facts: TokenFacts = {}): string {
  const { room = ROOM, key = K1, nowMs = NOW_MS, endsAtMs = ENDS_AT_MS } = facts
  const bound = 'hash' in facts ? facts.hash : nonceHash(NONCE)
  const claims = { room, ticketId: '0.3.41', jti: 'j1', nonce: bound, nowMs }
  return signPass(passClaims({ ...claims, sessionEndsAtMs: endsAtMs }), key)
}

export const cookieOf = (token: string) => `${cookieNames.session(ROOM)}=${token}`
export const SESSION = cookieOf(sessionToken())
export const withPass = (pass: string, path = '/sale') => ({
  url: `${SHOP}${path}?${PASS_PARAMETER}=${pass}`,
  cookie: NONCE_COOKIE,
})
export const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const sessionClaims = {
  aud: ROOM,
  sub: '0.3.41',
  iat: NOW_MS / 1000,
  exp: ENDS_AT_MS / 1000,
}
export const passedClaims = {
  iss: PASS_ISSUER,
  aud: ROOM,
  sub: '0.3.41',
  iat: NOW_MS / 1000,
  exp: NOW_MS / 1000 + 60,
  jti: 'j1',
  nonce: nonceHash(NONCE),
  sessionExp: ENDS_AT_MS / 1000,
}

/** A token with any header, and an HS256 signature that the gate's own key made. */
export function tokenWith(header: object, claims: object): string {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${createHmac('sha256', K1.secret).update(input).digest('base64url')}`
}

/** Headers that no token of that kind has, by what is wrong with them. */
export const wrongHeaders = (typ: string): readonly (readonly [string, object])[] => [
  ['that says none of its algorithm', { alg: 'none', typ, kid: 'k1' }],
  ['that says None', { alg: 'None', typ, kid: 'k1' }],
  ['that says HS512', { alg: 'HS512', typ, kid: 'k1' }],
  ['that says RS256', { alg: 'RS256', typ, kid: 'k1' }],
  ['that says ES256', { alg: 'ES256', typ, kid: 'k1' }],
  ['that names no key', { alg: 'HS256', typ }],
  ['that brings its key', { alg: 'HS256', typ, kid: 'k1', jwk: { kty: 'oct', k: 'AA' } }],
  ['that says critical', { alg: 'HS256', typ, kid: 'k1', crit: ['exp'], exp: 1 }],
  ['of the kind JWT', { alg: 'HS256', typ: 'JWT', kid: 'k1' }],
]

export const ticket = signTicket(
  { room: ROOM, id: '0.3.41', cohort: 0, shard: 3, index: 41, commitment: 'c' },
  NOW_MS,
  K1,
)

export const THROUGH = { status: 'through', via: 'session', ticketId: '0.3.41' }
export const UNPROTECTED = { status: 'through', via: 'unprotected' }
export const REFUSED = { status: 401, reason: 'no-session' }
export const HTML = { ...REFUSED, type: 'text/html; charset=utf-8' }
export const JSON_TYPE = { ...REFUSED, type: 'application/json' }
export const SCRIPT = { accept: 'application/json', fetchMode: 'cors' }
export const KEPT = 'HttpOnly; SameSite=Lax; Secure'

/** To the room and back to `path`, with a nonce: a new one, or that of `NONCE_COOKIE`. */
export const toRoom = (path = '/sale', hash = 'NEW', room = ROOM_URL) => ({
  status: 302,
  location: `${room}?to=${encodeURIComponent(`${SHOP}${path}`)}&nonce=${hash}`,
})
export const back = (path = '/sale') => toRoom(path, nonceHash(NONCE))
export const entered = (path = '/sale') => ({ status: 302, location: `${SHOP}${path}` })
export const refusals = (count: number, atMs = NOW_MS) =>
  `${cookieNames.refusals(ROOM)}=${count}.${Math.floor(atMs / 1000)}`
