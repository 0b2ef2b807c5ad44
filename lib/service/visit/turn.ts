/** Taking a turn: from a ticket to the showroom's address with a pass in it. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { returnAddress, withPass } from '../../queue/address/return-address.ts'
import { isAwake } from '../../queue/admission/waking.ts'
import { seatOf } from '../../queue/house/slots.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { type PassClaims, passClaims, signPass, signPassEs256 } from '../../queue/tokens/pass.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'
import { sameText } from '../../queue/tokens/token.ts'
import type { NoPass } from '../../queue/visitor/refusals.ts'
import {
  isOfThisSale,
  type TicketStatus,
  ticketStatusOf,
} from '../../queue/visitor/ticket-status.ts'
import type { TickQueue } from '../../runtime/queues.ts'
import type { Claim, ClaimOutcome, SeatRequest, Store } from '../../store/port.ts'
import type { Rooms } from './room-cache.ts'

export interface TurnDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly rooms: Rooms
  readonly ticks: TickQueue
  readonly now: () => number
  /** A fresh unguessable id for each entry. */
  readonly newId: () => string
}

/** What the gate sent along with the visitor, as it came. */
export interface FromGate {
  /** The hash of the browser's secret, given back in the pass. */
  readonly nonce?: string | undefined
  /** Where the visitor wants to go. @default the showroom's address */
  readonly to?: string | undefined
}

export type TurnOutcome =
  | {
      readonly status: 'taken'
      /** The showroom's address, with the pass. */
      readonly location: string
      /** When the pass ends; until the turn ends it can be asked for again. */
      readonly expiresAtMs: number
    }
  | NoPass

/** Where a ticket stands now. */
export async function findTicketStatus(
  deps: Pick<TurnDeps, 'rooms' | 'now'>,
  room: Room,
  ticket: Ticket,
): Promise<TicketStatus> {
  const record = isOfThisSale(ticket, room.state)
    ? await deps.rooms.record(room, ticket.cohort)
    : undefined
  return ticketStatusOf(room, ticket, record, deps.now())
}

/**
 * Takes the turn of a ticket: enters it once and gives its pass. The same browser may ask again
 * while the turn lasts and gets a pass to the same entry; nothing is counted twice by it.
 */
export async function takeTurn(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  { nonce, to }: FromGate,
): Promise<TurnOutcome> {
  const address = returnAddress(to, room.config)
  if (address.status === 'refused') return { status: 'refused-address', reason: address.reason }
  const nowMs = deps.now()
  const entry = isSwitchedOff(room, nowMs)
    ? enterUncounted(deps, room, ticket, nowMs)
    : await enter(deps, room, ticket, nonce)
  if (entry.status !== 'inside') return entry
  const claims = passClaims({
    room: room.id,
    ticketId: ticket.id,
    jti: entry.passId,
    nonce,
    nowMs,
    sessionEndsAtMs: entry.sessionEndsAtMs,
  })
  return {
    status: 'taken',
    location: withPass(address.url, signRoomPass(deps.keys, room, claims)),
    expiresAtMs: claims.exp * 1000,
  }
}

/** An entry of this ticket in this browser. */
type Entry = ({ readonly status: 'inside' } & Pick<Claim, 'passId' | 'sessionEndsAtMs'>) | NoPass

/** Does everybody of this sale walk in, whatever their place, without being counted? */
export function isSwitchedOff(room: Room, nowMs: number): boolean {
  return room.config.mode === 'off' && phaseOf(room, nowMs) === 'open'
}

function enterUncounted(
  deps: Pick<TurnDeps, 'newId'>,
  room: Room,
  ticket: Ticket,
  nowMs: number,
): Entry {
  // A pass of theirs would name an entry of the sale before: a departure would end that one.
  if (!isOfThisSale(ticket, room.state)) return { status: 'ended' }
  const sessionEndsAtMs = nowMs + room.config.sessionSeconds * 1000
  return { status: 'inside', passId: deps.newId(), sessionEndsAtMs }
}

/** The entry of a ticket: the one that is running in this browser, or a new one. */
async function enter(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  nonce: string | undefined,
): Promise<Entry> {
  const turn = await turnOf(deps, room, ticket)
  if (turn.status !== 'may-enter') return turn
  const { place } = turn
  const nowMs = deps.now()
  const wanted: Claim = {
    epoch: room.state.epoch,
    enteredAtMs: nowMs,
    turnAtMs: turn.turnAtMs,
    sessionEndsAtMs: nowMs + room.config.sessionSeconds * 1000,
    passId: deps.newId(),
    nonce,
  }
  const request = { ...seatOf(wanted, room.config), lane: turn.lane }
  const outcome = await deps.store.claim(room.id, ticket.id, wanted, request)
  switch (outcome.status) {
    case 'entered':
      return { status: 'inside', ...outcome.claim }
    case 'already-entered':
      if (!isUsable(outcome, nonce, nowMs)) return { status: 'already-entered' }
      return { status: 'inside', ...outcome.claim }
    case 'held':
      await wakeTicks(deps, room)
      return { status: 'held', place }
    case 'no-late-seat':
      await wakeTicks(deps, room)
      return { status: 'missed', place, lateSeats: 0 }
  }
}

/** A ticket that may ask the house for a seat. */
type Turn =
  | {
      readonly status: 'may-enter'
      readonly place: number
      readonly turnAtMs: number
      readonly lane: SeatRequest['lane']
    }
  | NoPass

/** The turn of a ticket; one that is missed may still be good for a late seat. */
async function turnOf(deps: TurnDeps, room: Room, ticket: Ticket): Promise<Turn> {
  const status = await findTicketStatus(deps, room, ticket)
  switch (status.status) {
    case 'admitted':
      return { ...status, status: 'may-enter', lane: 'turn' }
    case 'missed':
      return missedTurn(deps, room, ticket, status.place)
    case 'drawing':
    case 'waiting':
    case 'paused':
    case 'sold-out':
    case 'closed':
    case 'ended':
      return status
  }
}

/** A ticket that met a full house in time keeps its turn; the others have the late lane. */
async function missedTurn(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  place: number,
): Promise<Turn> {
  const kept = await deps.store.loadClaim(room.id, ticket.id)
  // Coming late does not make the turn longer: a pass to this entry is no longer given.
  if (kept?.claim !== undefined) return { status: 'already-entered' }
  const lane = kept?.heldAtMs === undefined ? 'late' : 'held'
  return { status: 'may-enter', place, turnAtMs: deps.now(), lane }
}

/**
 * Is the visit of this ticket over, so that its holder may have a new one? Only in a room that never ends
 * (mode `auto`); in a sale one ticket is one visit.
 */
export async function isUsedUp(
  deps: Pick<TurnDeps, 'store' | 'now'>,
  room: Room,
  ticket: Ticket,
): Promise<boolean> {
  if (room.config.mode !== 'auto') return false
  const kept = await deps.store.loadClaim(room.id, ticket.id)
  if (kept?.claim === undefined) return false
  return kept.departed !== undefined || deps.now() >= kept.claim.sessionEndsAtMs
}

/** Sends for a tick where the room sleeps: nothing else moves the limit of the house. */
async function wakeTicks(deps: TurnDeps, room: Room): Promise<void> {
  if (isAwake(room)) return
  const nowMs = deps.now()
  await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
}

/** Signs a pass to a room, as its configuration asks for. */
export function signRoomPass(keys: KeyRing, room: Room, claims: PassClaims): string {
  if (room.config.passAlgorithm === 'ES256') return signPassEs256(claims, keys.passSigner(room.id))
  const [key] = keys.gateKeys(room.id)
  if (key === undefined) throw new Error('a room has at least one gate key')
  return signPass(claims, key)
}

/** Is this entry of this browser, and still inside? Once it departed, its seat may be somebody else's. */
function isUsable(
  { claim, departed }: Extract<ClaimOutcome, { status: 'already-entered' }>,
  nonce: string | undefined,
  nowMs: number,
): boolean {
  return departed === undefined && isSameBrowser(claim, nonce) && nowMs < claim.sessionEndsAtMs
}

function isSameBrowser(claim: Claim, nonce: string | undefined): boolean {
  return sameText(claim.nonce ?? '', nonce ?? '')
}
