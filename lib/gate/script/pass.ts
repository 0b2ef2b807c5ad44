/**
 * A pass checked in the browser: ES256, with the keys that the room publishes, so that no secret is in
 * the page. It says what the gate at a server says of the same claims (`test/gate/script/pass.test.ts`).
 */
import { CLOCK_SKEW_SECONDS, TOKEN_CHARS_MAX } from '../../queue/limits.ts'
import {
  type ClaimsRefusal,
  claimsRefusal,
  isReached,
  isSeconds,
  PASS_ISSUER,
} from '../../queue/tokens/claims.ts'

export type ScriptRefusal = ClaimsRefusal | 'foreign-browser'

export type ScriptPass =
  | { status: 'valid'; sessionEndsAtMs: number }
  | { status: 'refused'; refusal: ScriptRefusal }

export interface PassFacts {
  readonly room: string
  /** The hash of this browser's nonce, or undefined. */
  readonly hash: string | undefined
  /** By the room's clock: those of browsers are off by minutes. */
  readonly nowMs: number
}

/** @param keys what the room's `jwks.json` holds, whatever that is. */
export async function checkedPass(
  token: string,
  keys: readonly unknown[],
  facts: PassFacts,
): Promise<ScriptPass> {
  const refused = (refusal: ScriptRefusal): ScriptPass => ({ status: 'refused', refusal })
  const claims = await signedClaims(token, keys)
  const { iss, aud, sub, jti, iat, exp, sessionExp, nonce } = claims
  if (!isText(aud) || !isText(sub) || !isText(jti)) return refused('forged')
  if (nonce !== undefined && !isText(nonce)) return refused('forged')
  if (!isSeconds(iat) || !isSeconds(exp) || !isSeconds(sessionExp)) return refused('forged')
  const refusal = claimsRefusal(
    { iss, aud, iat, exp },
    {
      issuer: PASS_ISSUER,
      room: facts.room,
      nowMs: facts.nowMs,
      skewSeconds: CLOCK_SKEW_SECONDS,
    },
  )
  if (refusal !== undefined) return refused(refusal)
  if (facts.hash === undefined || nonce !== facts.hash) return refused('foreign-browser')
  if (isReached(sessionExp, facts.nowMs)) return refused('expired')
  return { status: 'valid', sessionEndsAtMs: sessionExp * 1000 }
}

/** `base64url(sha256(nonce))`, as every gate has it (`test/gate/script/pass.test.ts`). */
export async function nonceHash(nonce: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(nonce))
  return base64url(new Uint8Array(digest))
}

export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

type Fields = Partial<Record<string, unknown>>

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** The claims of a pass that one of the keys signed; of anything else none. */
async function signedClaims(token: string, keys: readonly unknown[]): Promise<Fields> {
  const [head = '', body = '', signature = '', ...rest] = token.split('.')
  if (token.length > TOKEN_CHARS_MAX || rest.length > 0) return {}
  try {
    const { alg, typ, kid } = fieldsIn(head)
    if (alg !== 'ES256' || typ !== 'pass+jwt') return {}
    const { x, y } = keys.map(fieldsOf).find(key => key.kid === kid && key.kty === 'EC') ?? {}
    // not the key as it came: what it says of its own use is not asked
    const jwk = { kty: 'EC', crv: 'P-256', x: String(x), y: String(y) }
    const key = await crypto.subtle.importKey('jwk', jwk, ES256, false, ['verify'])
    const signed = new TextEncoder().encode(`${head}.${body}`)
    const isSigned = await crypto.subtle.verify(ES256, key, bytesIn(signature), signed)
    return isSigned ? fieldsIn(body) : {}
  } catch {
    return {}
  }
}

function fieldsIn(part: string): Fields {
  return fieldsOf(JSON.parse(new TextDecoder().decode(bytesIn(part))))
}

/** What is no object has no fields. */
function fieldsOf(value: unknown): Fields {
  return Object(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function bytesIn(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, character => character.charCodeAt(0))
}
