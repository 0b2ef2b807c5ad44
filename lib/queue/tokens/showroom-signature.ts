/** How a showroom signs what it reports to the room by HTTP: departures and stock. */
import { hmacSha256 } from './hmac.ts'
import type { SigningKey } from './token.ts'

/** The header that signs a body: `<key id>.<HMAC, base64url>`. */
export const SIGNATURE_HEADER = 'x-antichambre-signature'

export type Signed = 'departures' | 'stock'

/**
 * HMAC-SHA-256 with the room's gate key over what it is (`departures` or `stock`), the room and the
 * body, each followed by a newline but the last. A message may be sent twice: a departure counts once,
 * and of two reports of the stock the one with the later time counts.
 */
export function signMessage(what: Signed, room: string, body: string, key: SigningKey): string {
  const mac = hmacSha256(key.secret).update(`${what}\n${room}\n${body}`)
  return `${key.id}.${mac.digest('base64url')}`
}
