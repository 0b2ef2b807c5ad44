/**
 * The nonce: what binds a pass to the browser that was sent to the room. The browser keeps the
 * nonce in a cookie of the showroom's own host; room and pass only ever see its hash.
 */
import { createHash } from 'node:crypto'

/** 128 bits and more, base64url. Anything else in the cookie is not ours and is replaced. */
const NONCE = /^[A-Za-z0-9_-]{22,64}$/

export function isNonce(text: string): boolean {
  return NONCE.test(text)
}

/** `base64url(sha256(nonce))`, 43 characters: what the redirect to the room and the pass carry. */
export function nonceHash(nonce: string): string {
  return createHash('sha256').update(nonce).digest('base64url')
}
