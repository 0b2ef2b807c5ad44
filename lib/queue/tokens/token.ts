/**
 * Signed tokens: JSON Web Tokens in compact form, HS256 (RFC 7515, RFC 7518 section 3.2), so that
 * every JOSE library can read them and CloudFront Functions, which know HMAC alone, can check them.
 * A verifier compares the whole encoded header with the few that it would have written itself:
 * `alg: none`, another algorithm, another kind or an unknown key never get as far as a parser.
 */
import { timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'
import { TOKEN_CHARS_MAX } from '../limits.ts'
import {
  type CheckedClaims,
  type ClaimsRefusal,
  claimsRefusal,
  type ExpectedClaims,
} from './claims.ts'
import { hmacSha256 } from './hmac.ts'

/** A symmetric key. `id` is public (`kid`); `secret` has 32 bytes. */
export interface SigningKey {
  readonly id: string
  readonly secret: Uint8Array
}

/** What a token is for. Each kind is also signed with keys of its own, derived with another label. */
export type TokenKind = 'ticket' | 'pass' | 'session' | 'invitation'

export type TokenOutcome =
  | { status: 'valid'; claims: unknown; keyId: string }
  | { status: 'invalid'; reason: 'too-long' | 'malformed' | 'unknown-key' | 'bad-signature' }

/** Numbers in claims: times in seconds since 1970, and what is counted. */
export const wholeNumber = z.int().check(z.gte(0))

/** Signs claims. The result is URL- and cookie-safe. */
export function signToken(kind: TokenKind, claims: object, key: SigningKey): string {
  const input = `${headerOf(kind, key.id)}.${base64url(JSON.stringify(claims))}`
  return `${input}.${mac(input, key)}`
}

/** Who checks a token, and when. */
export interface Verifier {
  readonly room: string
  readonly nowMs: number
  readonly keys: readonly SigningKey[]
}

/** Checks what tokens of all kinds have in common, in this order: kind and signature, form, claims. */
export function verifyClaims<Claims extends CheckedClaims>(
  kind: TokenKind,
  token: string,
  schema: z.ZodMiniType<Claims>,
  expected: ExpectedClaims & Verifier,
): { status: 'valid'; claims: Claims } | { status: 'invalid'; reason: ClaimsRefusal } {
  const outcome = verifyToken(kind, token, expected.keys)
  const read = outcome.status === 'valid' ? schema.safeParse(outcome.claims) : undefined
  if (!read?.success) return { status: 'invalid', reason: 'forged' }
  const reason = claimsRefusal(read.data, expected)
  return reason === undefined
    ? { status: 'valid', claims: read.data }
    : { status: 'invalid', reason }
}

/** Checks kind and signature alone. */
export function verifyToken(
  kind: TokenKind,
  token: string,
  keys: readonly SigningKey[],
): TokenOutcome {
  if (token.length > TOKEN_CHARS_MAX) return { status: 'invalid', reason: 'too-long' }
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    return { status: 'invalid', reason: 'malformed' }
  }
  const key = keys.find(candidate => headerOf(kind, candidate.id) === header)
  if (key === undefined) return { status: 'invalid', reason: 'unknown-key' }
  if (!sameText(mac(`${header}.${payload}`, key), signature)) {
    return { status: 'invalid', reason: 'bad-signature' }
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return { status: 'valid', claims, keyId: key.id }
  } catch {
    return { status: 'invalid', reason: 'malformed' }
  }
}

/** Constant-time comparison of two texts; their lengths are not secret. */
export function sameText(one: string, other: string): boolean {
  const a = Buffer.from(one)
  const b = Buffer.from(other)
  return a.length === b.length && timingSafeEqual(a, b)
}

const headers = new Map<string, string>()

/** A key id and a kind make one header; memory is bounded by the keys this process ever used. */
function headerOf(kind: TokenKind, keyId: string): string {
  const name = `${kind} ${keyId}`
  let header = headers.get(name)
  if (header === undefined) {
    header = base64url(JSON.stringify({ alg: 'HS256', typ: `${kind}+jwt`, kid: keyId }))
    headers.set(name, header)
  }
  return header
}

function mac(input: string, key: SigningKey): string {
  return hmacSha256(key.secret).update(input).digest('base64url')
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}
