/** HMAC-SHA-256 with secrets that sign again and again. */
import { createHmac, createSecretKey, type Hmac, type KeyObject } from 'node:crypto'

/** Kept as long as the secret's bytes are. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/**
 * Given bare bytes, Node 24 makes a key of them at each call, and takes several times as long for it as
 * for all the rest of a signature.
 * @param secret bytes that never change.
 */
export function hmacSha256(secret: Uint8Array): Hmac {
  let keyObject = keyObjects.get(secret)
  if (keyObject === undefined) {
    keyObject = createSecretKey(secret)
    keyObjects.set(secret, keyObject)
  }
  return createHmac('sha256', keyObject)
}
