/**
 * The house: how many people are in the showroom, and how many more may walk in. One small item per
 * room, which every entry and every departure changes; the tick alone moves its limit. Everything
 * is cumulative, so that a condition on two numbers settles every race (docs/decisions/0008-house.md).
 */
import {
  AGE_SECONDS,
  BATCHES_MAX,
  HOLD_BUCKET_SECONDS,
  SEAT_SLOT_SECONDS_MIN,
  SEAT_SLOTS,
  TURN_SLOT_STRETCHES,
} from './limits.ts'

export interface House {
  /** Everybody who ever walked in; a lease of the open way counts as soon as it is taken. */
  readonly entered: number
  /** How many of those have left, or their session is over. */
  readonly gone: number
  /** Entries stop at this many: `entered` never exceeds it. */
  readonly limit: number
  /** As the last orders said; see `HouseOrders`. What was taken of the late seats since is gone. */
  readonly kept: number
  readonly lateSeats: number
  /** Leases of the open way: how many numbers were given out. */
  readonly through: number
  /** Claimants who met a full house and wait for the next free seat, by when they were put on hold. */
  readonly held: ReadonlyMap<number, number>
  /** People inside by the slot in which their sessions end (`seatSlot`). */
  readonly seats: ReadonlyMap<number, number>
  /** Entries by the slot of their turn's start (`turnSlot`); late ones are not among them. */
  readonly byTurn: ReadonlyMap<number, number>
  /** Entries by the age of their turn, one count for each of `AGE_SECONDS` and one for older. */
  readonly ages: readonly number[]
  /** Departures told in this sale. */
  readonly bought: number
  readonly left: number
  /** Of those departures: the seconds until their seat slots would have ended, together. */
  readonly unspentSeconds: number
  /** Sessions that were over by their time in it. */
  readonly over: number
}

export const EMPTY_HOUSE: House = {
  entered: 0,
  gone: 0,
  limit: 0,
  kept: 0,
  lateSeats: 0,
  through: 0,
  held: new Map(),
  seats: new Map(),
  byTurn: new Map(),
  ages: [],
  bought: 0,
  left: 0,
  unspentSeconds: 0,
  over: 0,
}

/** Where an entry is counted. */
export interface Seat {
  readonly seatSlot: number
  readonly turnSlot: number
  readonly ageClass: number
}

/** What a tick orders of the house, all in one write that is conditional on `seen`. */
export interface HouseOrders {
  /** The present sale. */
  readonly epoch: number
  /** The limit from now on. */
  readonly limit: number
  /** Free seats that only present turns and those on hold may take. */
  readonly kept: number
  /** Seats of the late lane until the next tick. */
  readonly lateSeats: number
  /** Slots whose sessions are over: their people are gone. */
  readonly expired: readonly number[]
  /** Turn slots that are measured, and forgotten. */
  readonly forgotten: readonly number[]
  /** Holds that nobody came back for. */
  readonly lapsed: readonly number[]
}

/** People inside. */
export function insideOf(house: House): number {
  return Math.max(0, house.entered - house.gone)
}

/** Claimants who wait for the next free seat. */
export function heldOf(house: House): number {
  let held = 0
  for (const count of house.held.values()) held += Math.max(0, count)
  return held
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
