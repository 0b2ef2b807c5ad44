/** What a showroom signs: its word about departures and stock, sent to the room by HTTP. */
import { hmacSha256 } from './hmac.ts'
import type { SigningKey } from './token.ts'

/** The header that signs a body: `<key id>.<HMAC, base64url>`. */
export const SIGNATURE_HEADER = 'x-antichambre-signature'

export type Signed = 'departures' | 'stock'

/**
 * HMAC-SHA-256 with the room's gate key over what it is (`departures` or `stock`), the room and the
 * body, each followed by a newline but the last. A message sent again counts nothing again: for a
 * departure counts once, and of two words about the stock the later one, by its own time.
 */
export function signMessage(what: Signed, room: string, body: string, key: SigningKey): string {
  const mac = hmacSha256(key.secret).update(`${what}\n${room}\n${body}`)
  return `${key.id}.${mac.digest('base64url')}`
}
