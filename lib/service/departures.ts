/** What showrooms report: sessions that ended, each counted once, and what is left to sell. */
import { AntichambreError } from '../queue/errors.ts'
import { DEPARTURE_MS_MAX } from '../queue/limits.ts'
import type { Room } from '../queue/room/state.ts'
import { SIGNATURE_HEADER, type Signed, signMessage } from '../queue/tokens/showroom-signature.ts'
import { type SigningKey, sameText } from '../queue/tokens/token.ts'
import type { DeparturesMessage, ShowroomMessage } from '../runtime/queues.ts'
import { type DepartureOutcome, StoreBusyError } from '../store/port.ts'
import { type EditDeps, tellStock } from './operator/operate.ts'

/** What came in the name of a showroom. */
export interface SignedBody {
  readonly what: Signed
  readonly room: string
  readonly body: string
  readonly signature: string | undefined
}

/**
 * @param keys the gate keys of the room: the showroom signs with one of them.
 * @throws AntichambreError `bad-token`
 */
export function checkSignature(
  { what, room, body, signature = '' }: SignedBody,
  keys: readonly SigningKey[],
): void {
  if (keys.some(key => sameText(signMessage(what, room, body, key), signature))) return
  throw new AntichambreError('bad-token', `${SIGNATURE_HEADER} does not sign this body`)
}

/**
 * Takes up one message of a showroom. A message to a room that was deleted is dropped.
 * @param endsAtMs when the process may be stopped. @default never
 */
export async function hearShowroom(
  deps: EditDeps,
  message: ShowroomMessage,
  endsAtMs?: number,
): Promise<void> {
  if ('departures' in message) {
    await countDepartures(deps, message, endsAtMs)
    return
  }
  try {
    await tellStock(deps, message.room, message.stockLeft, message.atMs)
  } catch (error) {
    if (!(error instanceof AntichambreError && error.code === 'unknown-room')) throw error
  }
}

/**
 * Counts the departures of one message. A repeated one counts nothing, nor does a ticket that never entered.
 * @throws StoreBusyError when the process may be stopped before the next one is counted. The queue then
 *   delivers the message again, and the rest is counted.
 */
export async function countDepartures(
  deps: EditDeps,
  message: DeparturesMessage,
  endsAtMs = Number.POSITIVE_INFINITY,
): Promise<Record<DepartureOutcome, number>> {
  const room = await deps.store.loadRoom(message.room)
  const nowMs = deps.now()
  const outcomes = { counted: 0, repeated: 0, 'never-entered': 0 }
  let isSale = false
  for (const { ticket, reason } of message.departures) {
    if (deps.now() + DEPARTURE_MS_MAX > endsAtMs) {
      throw new StoreBusyError('no time left for the other departures of this message')
    }
    const departure = { ticketId: ticket, reason, epoch: room?.state.epoch ?? 0 }
    const outcome = await deps.store.depart(message.room, departure, nowMs)
    outcomes[outcome]++
    // A repeated one may have been counted just before its message failed.
    isSale ||= outcome !== 'never-entered' && reason === 'bought'
  }
  // A tick counts the purchase at once, because it may have been the last piece.
  if (isSale && room !== undefined && isCounted(room)) {
    await deps.ticks.send([{ room: message.room, dueAtMs: nowMs }], nowMs)
  }
  return outcomes
}

/** Does the room count what is left by itself, from what was bought? */
function isCounted({ config }: Room): boolean {
  return config.stock !== null && config.stockLeft === null
}
