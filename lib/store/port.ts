/**
 * The port: everything that Antichambre stores. Adapters pass one contract suite
 * (test/contract/store.ts); what is not in the suite is not promised here.
 *
 * Any call may throw `StoreBusyError` when the database throttles or cannot be reached. The call
 * may have been carried out or not; either way the caller may try again.
 */

import type { CohortRecord } from '../queue/cohort/place.ts'
import type { House, HouseOrders } from '../queue/house/house.ts'
import type { Seat } from '../queue/house/slots.ts'
import type { RoomConfig } from '../queue/room/config.ts'
import type { Room, RoomState } from '../queue/room/state.ts'

/** The database throttled, timed out or could not be reached. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError'
}

export type LeaseOutcome =
  /** The indexes `first` .. `first + count - 1` of this shard are the caller's alone. */
  | { status: 'leased'; first: number }
  /** The cohort is closed: nothing was leased. */
  | { status: 'closed' }

/** Where a ticket's index was leased. */
export interface ShardOfCohort {
  readonly cohort: number
  readonly shard: number
}

/** The indexes `first` .. `end - 1` of a shard. */
export interface Indexes extends ShardOfCohort {
  readonly first: number
  readonly end: number
}

/** A ticket's entry: one ticket enters once. */
export interface Claim {
  /** The sale it is of. */
  readonly epoch: number
  readonly enteredAtMs: number
  /** When the batch of this place was let in. */
  readonly turnAtMs: number
  readonly sessionEndsAtMs: number
  /** `jti` of the pass. */
  readonly passId: string
  /** The hash of the browser's nonce; undefined where no gate sent the visitor. */
  readonly nonce: string | undefined
}

/** How a claim asks for its seat. */
export interface SeatRequest extends Seat {
  /**
   * `turn`: a turn that runs. It takes any free seat but those for visitors on hold.
   * `held`: a turn that ended while its visitor stood on hold. It takes the same seats, and does not
   * count as a turn that was used in time.
   * `late`: a missed turn. It takes one of the late lane's seats.
   */
  readonly lane: 'turn' | 'held' | 'late'
}

/** What is stored of a ticket that asked for a seat. */
export interface StoredClaim {
  /** Undefined while the ticket is on hold. */
  readonly claim: Claim | undefined
  /** When it first met a full house, if it did. */
  readonly heldAtMs: number | undefined
  readonly departed: DepartureReason | undefined
}

export type ClaimOutcome =
  | { status: 'entered'; claim: Claim }
  /**
   * The ticket entered before: the claim that counted then. Once it departed its seat may be somebody
   * else's: nobody may walk in with it any more.
   */
  | { status: 'already-entered'; claim: Claim; departed: DepartureReason | undefined }
  /** The house is full. The ticket is noted, and gets the next free seat before any newcomer. */
  | { status: 'held'; heldAtMs: number }
  /** The late lane has no seat now; nothing was noted. */
  | { status: 'no-late-seat' }

export type OpenWayOutcome =
  /**
   * The numbers `first` .. `first + count - 1` of the open way are the caller's alone. `left`: how
   * many seats the open way has after that.
   */
  { status: 'leased'; first: number; left: number } | { status: 'full' }

export type DepartureReason = 'bought' | 'left'

/** The showroom's word that a session ended. */
export interface Departure {
  readonly ticketId: string
  readonly reason: DepartureReason
  /** The present sale. Only numbers of the open way need it: a claim says of which sale it is. */
  readonly epoch: number
}

export type DepartureOutcome = 'counted' | 'repeated' | 'never-entered'

/** One line of a room's history: how it stood at the end of a minute, or what somebody did. */
export interface HistoryEntry {
  readonly atMs: number
  /** 'minute', or the operator's action. One entry is kept for each time and kind. */
  readonly kind: string
  readonly facts: Readonly<Record<string, number | string | null>>
}

export interface RoomListing {
  readonly room: string
  /** From when on the room needs its ticks; null while it sleeps. */
  readonly wakesAtMs: number | null
}

export interface Store {
  /** Makes a room, or makes a deleted one anew. False when the room exists: nothing was changed. */
  createRoom(room: string, config: RoomConfig, state: RoomState): Promise<boolean>
  /**
   * Loads a room; undefined for one that does not exist or was deleted.
   * @param consistent reads what was written last; the default may be a second old.
   */
  loadRoom(room: string, options?: { consistent?: boolean }): Promise<Room | undefined>
  /** The last state of a room, deleted ones included: a new epoch goes on from it. */
  lastState(room: string): Promise<RoomState | undefined>
  /** Every room, in the order of their ids. */
  listRooms(): Promise<RoomListing[]>
  /** Writes a configuration if it still has `ifVersion`; its version is then one more. */
  saveConfig(room: string, config: RoomConfig, ifVersion: number): Promise<boolean>
  /** Writes the state as version `state.version + 1` if it is still at `state.version`. */
  saveState(room: string, state: RoomState): Promise<boolean>
  /** Removes a room; its state stays behind so that cohort numbers are never used again. */
  deleteRoom(room: string): Promise<void>
  /**
   * Notes from when on the clock must send ticks; null for never. Changes nothing where the last note was made by
   * somebody who had loaded a newer version of the room.
   * @param knowledge `knowledgeOf` the version of the room that the note follows from; `knowledgeOfGone` for a deleted room.
   */
  setWake(room: string, wakesAtMs: number | null, knowledge: number): Promise<void>

  /**
   * Takes `count` indexes of a shard with one write, unless its cohort is closed.
   * @param retried how many joins since the last lease had failed before; the close gives their sum.
   */
  lease(room: string, shard: ShardOfCohort, count: number, retried?: number): Promise<LeaseOutcome>
  /**
   * Gives the last indexes of a shard back, if nobody has leased after them and the cohort is open.
   * False: they stay leased, as ghosts.
   */
  giveBack(room: string, indexes: Indexes): Promise<boolean>
  /** How many indexes each shard has leased so far, with one request. */
  sizes(
    room: string,
    cohort: number,
    shards: number,
    options?: { consistent?: boolean },
  ): Promise<number[]>
  /**
   * Closes the shards of a cohort for good and gives their final sizes. Run again, it gives the
   * same sizes and the time of the first run.
   */
  closeShards(
    room: string,
    cohort: number,
    shards: number,
    nowMs: number,
  ): Promise<{ sizes: number[]; closedAtMs: number; retried: number }>
  /** Keeps a cohort's record if there is none, and gives the one that is kept. */
  putRecord(room: string, record: CohortRecord): Promise<CohortRecord>
  loadRecord(room: string, cohort: number): Promise<CohortRecord | undefined>

  /**
   * Enters a ticket once, however many ask at once. Two writes at most: the first counts it in the
   * house, if that has a seat for its lane, the second stores the claim. A death between the two
   * leaves one seat empty until the session would have ended, never one person too many.
   */
  claim(room: string, ticketId: string, claim: Claim, request: SeatRequest): Promise<ClaimOutcome>
  loadClaim(room: string, ticketId: string): Promise<StoredClaim | undefined>
  /** Takes `count` seats of the open way with one write, unless they are reserved for others. */
  leaseOpenWay(room: string, seatSlot: number, count: number): Promise<OpenWayOutcome>
  /**
   * Counts the departure of a ticket once; its seat is free from then on, unless it was already. A
   * death between its two writes leaves it uncounted, and the seat taken until the session would have
   * ended: never counted twice.
   */
  depart(room: string, departure: Departure, nowMs: number): Promise<DepartureOutcome>
  /** The house as it was written last; empty for a room that nobody ever entered. */
  loadHouse(room: string, epoch: number): Promise<House>
  /** Carries out a tick's orders. False, and nothing is changed, where the limit or what expires has changed since `seen`. */
  orderHouse(room: string, orders: HouseOrders, seen: House): Promise<boolean>

  /**
   * Notes what an invitation was used for, if it was not used before. Gives what is stored: this use,
   * or the one that was faster.
   */
  useInvitation(
    room: string,
    invitationId: string,
    use: string,
    expiresAtMs: number,
  ): Promise<string>
  /** What an invitation was used for. */
  loadInvitation(room: string, invitationId: string): Promise<string | undefined>

  addHistory(room: string, entry: HistoryEntry): Promise<void>
  /** The newest entries, newest first, at most `limit`. */
  history(room: string, limit: number): Promise<HistoryEntry[]>
}
