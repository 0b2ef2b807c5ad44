/** Departures: the showroom's word that a session ended, signed, and counted once each. */
import { createHmac } from 'node:crypto'
import { AntichambreError } from '../queue/errors.ts'
import { type SigningKey, sameText } from '../queue/token.ts'
import type { DeparturesMessage } from '../store/queues.ts'
import type { DepartureOutcome, Store } from '../store/store.ts'

/** The header that signs the body of departures sent by HTTP: `<key id>.<HMAC, base64url>`. */
export const SIGNATURE_HEADER = 'x-antichambre-signature'

/**
 * HMAC-SHA-256 with the room's gate key over `departures`, the room and the body, each followed by
 * a newline but the last. A message sent again counts nothing again, so it carries no time.
 */
export function signDepartures(room: string, body: string, key: SigningKey): string {
  const mac = createHmac('sha256', key.secret).update(`departures\n${room}\n${body}`)
  return `${key.id}.${mac.digest('base64url')}`
}

/** @throws AntichambreError `bad-token` */
export function checkDeparturesSignature(
  room: string,
  body: string,
  signature: string | undefined,
  keys: readonly SigningKey[],
): void {
  const isSigned = keys.some(key => sameText(signDepartures(room, body, key), signature ?? ''))
  if (!isSigned)
    throw new AntichambreError('bad-token', `${SIGNATURE_HEADER} does not sign this body`)
}

/** Counts the departures of one message; doubled ones and strangers count nothing. */
export async function countDepartures(
  store: Store,
  message: DeparturesMessage,
  nowMs: number,
): Promise<Record<DepartureOutcome, number>> {
  const outcomes = { counted: 0, repeated: 0, 'never-entered': 0 }
  for (const { ticket, reason } of message.departures) {
    outcomes[await store.depart(message.room, ticket, reason, nowMs)]++
  }
  return outcomes
}
