/**
 * The house: how many people are in the showroom, and how many more may walk in. One small item per
 * room, which every entry and every departure changes; the tick alone moves its limit. `entered`
 * and `gone` only grow, and conditions on the numbers of the item settle every race (docs/decisions/0008-house.md).
 */
export interface House {
  /** Everybody who ever walked in; a lease of the open way counts as soon as it is taken. */
  readonly entered: number
  /** How many of those have left, or their session is over. */
  readonly gone: number
  /** Entries stop at this many: `entered` never exceeds it. */
  readonly limit: number
  /** As the last orders said; see `HouseOrders`. Late seats that were taken since are counted off. */
  readonly reserved: number
  readonly lateSeats: number
  /** Leases of the open way: how many numbers were given out. */
  readonly openWay: number
  /** Claimants who met a full house and wait for the next free seat, by when they were put on hold. */
  readonly held: ReadonlyMap<number, number>
  /** People inside by the slot in which their sessions end (`seatSlot`). */
  readonly seats: ReadonlyMap<number, number>
  /** Entries by the slot of their turn's start (`turnSlot`); late ones are not among them. */
  readonly byTurn: ReadonlyMap<number, number>
  /** Entries by the age of their turn, one count for each of `AGE_SECONDS` and one for older. */
  readonly ageClasses: readonly number[]
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
  reserved: 0,
  lateSeats: 0,
  openWay: 0,
  held: new Map(),
  seats: new Map(),
  byTurn: new Map(),
  ageClasses: [],
  bought: 0,
  left: 0,
  unspentSeconds: 0,
  over: 0,
}

/** What a tick orders of the house, all in one write that is conditional on `seen`. */
export interface HouseOrders {
  /** The present sale. */
  readonly epoch: number
  /** The limit from now on. */
  readonly limit: number
  /** Free seats that only people with a present turn, or on hold, may take. */
  readonly reserved: number
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
