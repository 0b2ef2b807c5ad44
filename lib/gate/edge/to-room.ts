/** The redirect from the edge to the room, and the cookie by which the browser is known when it returns. */
import { NONCE_SECONDS } from '../options/limits.ts'
import { type EdgeAddress, returnAddressOf } from './request/address.ts'
import { cookie, nameOf, noncesOf } from './request/cookies.ts'
import type { EdgeKey } from './request/edge-config.ts'
import type { EdgeAnswer } from './request/runtime.ts'
import type { EdgeVisit } from './request/visit.ts'
import { mac, sha256 } from './tokens.ts'

export interface ToRoom {
  /** The room's address, with the return address and the hash of the nonce. */
  readonly where: string
  /** Cookies to set. */
  readonly keep: NonNullable<EdgeAnswer['cookies']>
}

/**
 * A nonce that the browser has is used again, so that its tabs share it.
 * @param key undefined while the store has none; then there is no new nonce either.
 * @param back where the visitor wants to be after the room.
 */
export function toRoom(
  visit: EdgeVisit,
  key: EdgeKey | undefined,
  back: EdgeAddress | undefined,
  url: string,
): ToRoom {
  const to = back && returnAddressOf(back)
  const query = to ? `to=${encodeURIComponent(to)}&` : ''
  const nonce = noncesOf(visit)[0] || (key && newNonce(visit, key))
  const keep: ToRoom['keep'] = {}
  if (!nonce) return { where: `${url}?${query}`, keep: keep }
  keep[nameOf(visit, `.nonce-${nonce.slice(0, 4)}`)] = cookie(nonce, NONCE_SECONDS)
  return { where: `${url}?${query}nonce=${sha256(nonce)}`, keep: keep }
}

/**
 * 132 bits that nobody can guess, though the runtime has no secure chance: `Math.random` is seeded
 * with the time. HMAC under a secret key is a pseudorandom function (Bellare, CRYPTO 2006): to
 * anybody who lacks the gate key its outputs for inputs that differ look like independent chance, even if
 * they know or choose all of the input, and CloudFront's id of a request never comes twice. No
 * signature of a token is ever the HMAC of such a text: what is signed there begins with base64url of
 * `{"alg"`.
 */
function newNonce(visit: EdgeVisit, key: EdgeKey): string {
  const event = visit.event
  const unlike = `${event.context.requestId} ${event.viewer.ip} ${visit.nowMs} ${Math.random()}`
  return mac(`nonce ${unlike}`, key).slice(0, 22)
}
