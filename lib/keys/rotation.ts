/**
 * A rotation of the master secret, in two steps with time between them. First the new key is known
 * beside the old one and signs nothing, until every instance and every gate knows it; then it signs,
 * and the old one is still accepted. So nobody ever holds what somebody else cannot check.
 */
import { KEYS_FRESH_MS } from './fresh-keys.ts'
import { createKeyRing } from './key-ring.ts'

/** The time between the two steps: twice that after which instances read the secret again. */
export const ROTATION_WAIT_MS = 2 * KEYS_FRESH_MS

export type Rotation =
  /** `keyId` is known from now on; what `secret` holds is to be kept. */
  | { status: 'added'; keyId: string; secret: string }
  /** `keyId` was added, and until `readyAtMs` some instances may not know it. */
  | { status: 'too-early'; keyId: string; readyAtMs: number }
  /** `keyId` signs from now on, and `former` is accepted. */
  | { status: 'signing'; keyId: string; former: string; secret: string }

/**
 * The next step of a rotation. Keys are numbered: where one is above the current key, the first step is done.
 * No key is ever taken away here: draws of a sale need the key that it began with, however long it lasts.
 * @param sinceMs since when the secret is as it is.
 * @param newKey a text of 32 characters and more, from a generator of secrets.
 * @throws Error when the secret has another form; the message never holds any of it.
 */
export function nextRotation(
  secret: string,
  sinceMs: number,
  newKey: string,
  nowMs: number,
): Rotation {
  const { currentId: former } = createKeyRing(secret)
  // `createKeyRing` has just checked that it has this form.
  const keys = JSON.parse(secret) as Readonly<Record<string, string>>
  const numbers = Object.keys(keys).map(numberOf)
  const newest = Math.max(...numbers)
  if (newest <= numberOf(former)) {
    const keyId = `k${newest + 1}`
    return { status: 'added', keyId, secret: JSON.stringify({ ...keys, [keyId]: newKey }) }
  }
  const keyId = `k${newest}`
  const readyAtMs = sinceMs + ROTATION_WAIT_MS
  if (nowMs < readyAtMs) return { status: 'too-early', keyId, readyAtMs }
  return { status: 'signing', keyId, former, secret: JSON.stringify({ ...keys, current: keyId }) }
}

/** Of a key's id such as `k2`; 0 for a name of another form. */
function numberOf(id: string): number {
  return Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0)
}
