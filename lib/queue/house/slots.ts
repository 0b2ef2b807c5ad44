/** Slots: the stretches of time by which the house counts seats, turns and holds, and where one entry falls. */
import {
  AGE_SECONDS,
  BATCHES_MAX,
  HOLD_BUCKET_SECONDS,
  SEAT_SLOT_SECONDS_MIN,
  SEAT_SLOTS,
  TURN_SLOT_STRETCHES,
} from '../limits.ts'

/** Where an entry is counted. */
export interface Seat {
  readonly seatSlot: number
  readonly turnSlot: number
  readonly ageClass: number
}

/** Where the entry of a turn is counted. */
export function seatOf(
  turn: {
    readonly turnAtMs: number
    readonly enteredAtMs: number
    readonly sessionEndsAtMs: number
  },
  config: { readonly turnSeconds: number; readonly sessionSeconds: number },
): Seat {
  return {
    seatSlot: seatSlot(turn.sessionEndsAtMs, config.sessionSeconds),
    turnSlot: turnSlot(turn.turnAtMs, config.turnSeconds),
    ageClass: ageClass(turn.enteredAtMs - turn.turnAtMs),
  }
}

/** The end, in seconds since 1970, of the stretch in which a session ends: never before it. */
export function seatSlot(sessionEndsAtMs: number, sessionSeconds: number): number {
  const slotSeconds = seatSlotSeconds(sessionSeconds)
  return Math.ceil(sessionEndsAtMs / 1000 / slotSeconds) * slotSeconds
}

/** How long such a stretch is. */
export function seatSlotSeconds(sessionSeconds: number): number {
  return Math.max(SEAT_SLOT_SECONDS_MIN, Math.ceil(sessionSeconds / SEAT_SLOTS))
}

/** How long one kept batch of turns stretches: batches of one stretch merge into one. */
export function turnStretchMs(turnSeconds: number): number {
  return (turnSeconds * 1000) / (BATCHES_MAX - 1)
}

/** The number of the slot that a turn's start falls into: whole stretches, so merging never moves it. */
export function turnSlot(turnAtMs: number, turnSeconds: number): number {
  const stretch = Math.floor(turnAtMs / turnStretchMs(turnSeconds))
  return Math.floor(stretch / TURN_SLOT_STRETCHES)
}

/** The class of a turn's age at entry. */
export function ageClass(ageMs: number): number {
  const found = AGE_SECONDS.findIndex(seconds => ageMs < seconds * 1000)
  return found === -1 ? AGE_SECONDS.length : found
}

/** The bucket of holds that a time falls into, seconds since 1970. */
export function holdSlot(heldAtMs: number): number {
  return Math.floor(heldAtMs / 1000 / HOLD_BUCKET_SECONDS) * HOLD_BUCKET_SECONDS
}
