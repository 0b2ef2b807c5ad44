/**
 * Signed tokens at the edge, whose runtime has neither `node:crypto` nor a schema library. The twin of
 * `lib/queue/tokens/token.ts`: both pass `test/vectors/tokens.json` (`test/gate/edge/edge.test.ts`).
 */
import { TOKEN_CHARS_MAX } from '../../queue/limits.ts'
import { type CheckedClaims, isSeconds } from '../../queue/tokens/claims.ts'
import { type EdgeKey, fieldsOf } from './request/edge-config.ts'
import type { EdgeCrypto } from './request/runtime.ts'

declare const crypto: EdgeCrypto

export type EdgeTokenKind = 'pass' | 'session'

/** What passes and sessions have in common, and fields of any type. */
export interface EdgeClaims extends CheckedClaims {
  readonly sub: string
  readonly [claim: string]: unknown
}

/** What a token of this kind says, if one of the keys signed it. */
export function claimsOf(
  kind: EdgeTokenKind,
  token: string,
  keys: readonly EdgeKey[],
): EdgeClaims | undefined {
  const parts = token.split('.')
  const key = keys.find(candidate => headerOf(kind, candidate) === parts[0])
  if (!key || token.length > TOKEN_CHARS_MAX || parts.length !== 3) return undefined
  if (!isSame(mac(token.slice(0, token.lastIndexOf('.')), key), parts[2] || '')) return undefined
  try {
    const claims = fieldsOf(JSON.parse(Buffer.from(parts[1] || '', 'base64url').toString()))
    return isText(claims.aud) &&
      isText(claims.sub) &&
      isSeconds(claims.iat) &&
      isSeconds(claims.exp)
      ? (claims as EdgeClaims)
      : undefined
  } catch {
    return undefined
  }
}

/** @param claims the text of a JSON object, with its fields in the order that the token has. */
export function signed(kind: EdgeTokenKind, claims: string, key: EdgeKey): string {
  const input = `${headerOf(kind, key)}.${base64url(claims)}`
  return `${input}.${mac(input, key)}`
}

/** HMAC-SHA-256, base64url. */
export function mac(input: string, key: EdgeKey): string {
  const secret = Buffer.from(key.secret, 'base64url')
  return crypto.createHmac('sha256', secret).update(input).digest('base64url')
}

export function sha256(text: string): string {
  return crypto.createHash('sha256').update(text).digest('base64url')
}

/** Looks at every character whatever it finds: the runtime has no comparison in constant time. */
export function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at++) {
    difference |= (one.codePointAt(at) || 0) ^ (other.codePointAt(at) || 0)
  }
  return difference === 0
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function headerOf(kind: EdgeTokenKind, key: EdgeKey): string {
  return base64url(`{"alg":"HS256","typ":"${kind}+jwt","kid":${JSON.stringify(key.id)}}`)
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
