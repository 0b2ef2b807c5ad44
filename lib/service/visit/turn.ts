/** Taking a turn: from a ticket to the showroom's address with a pass in it. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { returnAddress, withPass } from '../../queue/address/return-address.ts'
import { isAwake } from '../../queue/admission/waking.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { seatOf } from '../../queue/house/slots.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { type PassClaims, passClaims, signPass, signPassEs256 } from '../../queue/tokens/pass.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'
import { sameText } from '../../queue/tokens/token.ts'
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

export interface TurnTaken {
  /** The showroom's address, with the pass. */
  readonly location: string
  /** When the pass ends; until the turn ends it can be asked for again. */
  readonly expiresAtMs: number
}

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
 * @param nonce the hash that the gate sent along, given back in the pass.
 * @param to the return address; the showroom when undefined.
 */
export async function takeTurn(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  nonce: string | undefined,
  to: string | undefined,
): Promise<TurnTaken> {
  const address = returnAddress(to, room.config)
  if (address.status === 'refused') {
    throw new AntichambreError(
      'bad-return-address',
      `the return address is refused: ${address.reason}`,
    )
  }
  const nowMs = deps.now()
  const entry = isUncounted(room, nowMs)
    ? uncounted(deps, room, ticket, nowMs)
    : await enter(deps, room, ticket, nonce)
  const claims = passClaims({
    room: room.id,
    ticketId: ticket.id,
    jti: entry.passId,
    nonce,
    nowMs,
    sessionEndsAtMs: entry.sessionEndsAtMs,
  })
  return {
    location: withPass(address.url, signRoomPass(deps.keys, room, claims)),
    expiresAtMs: claims.exp * 1000,
  }
}

/** In a room that is switched off everybody of this sale walks in, and nobody counts. */
function isUncounted(room: Room, nowMs: number): boolean {
  return room.config.mode === 'off' && phaseOf(room, nowMs) === 'open'
}

function uncounted(deps: Pick<TurnDeps, 'newId'>, room: Room, ticket: Ticket, nowMs: number) {
  // A pass of theirs would name an entry of the sale before: a departure would end that one.
  if (!isOfThisSale(ticket, room.state)) throw ended()
  return { passId: deps.newId(), sessionEndsAtMs: nowMs + room.config.sessionSeconds * 1000 }
}

/** The entry of a ticket: the one that is running in this browser, or a new one. */
async function enter(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  nonce: string | undefined,
): Promise<Claim> {
  const turn = await turnOf(deps, room, ticket)
  const nowMs = deps.now()
  const wanted: Claim = {
    epoch: room.state.epoch,
    enteredAtMs: nowMs,
    turnAtMs: turn.turnAtMs,
    sessionEndsAtMs: nowMs + room.config.sessionSeconds * 1000,
    passId: deps.newId(),
    nonce,
  }
  const ask = (entriesMax: number) =>
    deps.store.claim(room.id, ticket.id, wanted, {
      ...seatOf(wanted, room.config),
      lane: turn.lane,
      entriesMax,
    })
  let outcome = await ask(1)
  const { entriesPerTicket } = room.config
  if (outcome.status === 'already-entered' && entriesPerTicket > 1) {
    // Whoever is in, in this browser, takes no second entry.
    if (!isUsable(outcome, nonce, nowMs)) outcome = await ask(entriesPerTicket)
  }
  switch (outcome.status) {
    case 'entered':
      return outcome.claim
    case 'already-entered':
      if (isUsable(outcome, nonce, nowMs)) return outcome.claim
      throw alreadyEntered()
    case 'held':
      await wakeTicks(deps, room)
      throw new AntichambreError('house-full', 'every seat is taken; the next free one is yours', {
        place: turn.place,
        front: room.state.front,
      })
    case 'no-late-seat':
      await wakeTicks(deps, room)
      throw turnMissed(turn.place)
  }
}

interface Turn {
  readonly place: number
  readonly turnAtMs: number
  readonly lane: SeatRequest['lane']
}

/** The turn of a ticket, missed ones included; every other standing is an error with its own code. */
async function turnOf(deps: TurnDeps, room: Room, ticket: Ticket): Promise<Turn> {
  const standing = await findTicketStatus(deps, room, ticket)
  const { front } = room.state
  switch (standing.status) {
    case 'admitted':
      return { ...standing, lane: 'turn' }
    case 'missed':
      return missedTurn(deps, room, ticket, standing.place)
    case 'drawing':
      throw new AntichambreError('not-yet', 'the order is not drawn yet', { place: null, front })
    case 'waiting':
      throw new AntichambreError('not-yet', 'it is not your turn yet', {
        place: standing.place,
        front,
      })
    case 'paused':
      throw new AntichambreError('room-paused', 'the room is paused; your place is kept')
    case 'sold-out':
      throw new AntichambreError('sold-out', 'everything is sold')
    case 'closed':
      throw new AntichambreError('room-closed', 'the room is closed for maintenance')
    case 'ended':
      throw ended()
  }
}

/** Whoever stood on hold in time keeps the turn; the others have the late lane. */
async function missedTurn(
  deps: TurnDeps,
  room: Room,
  ticket: Ticket,
  place: number,
): Promise<Turn> {
  const kept = await deps.store.loadClaim(room.id, ticket.id)
  const turn = { place, turnAtMs: kept?.claim?.turnAtMs ?? deps.now() }
  if (kept?.claim !== undefined) {
    // A late claim does not lengthen the turn: a pass to this entry is no longer given.
    if (room.config.entriesPerTicket === 1) throw alreadyEntered()
    return { ...turn, lane: 'late' }
  }
  return { ...turn, lane: kept?.heldAtMs === undefined ? 'late' : 'held' }
}

/**
 * In a room that never ends whoever has been inside stands in line anew: is this ticket's visit over?
 * In a sale one ticket is one visit.
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

/** A sleeping room has its limit moved by a tick alone. */
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

/** Is this entry of this browser, and still inside? A seat that was left may be somebody else's. */
function isUsable(
  { claim, departed }: Extract<ClaimOutcome, { status: 'already-entered' }>,
  nonce: string | undefined,
  nowMs: number,
): boolean {
  return departed === undefined && isSameBrowser(claim, nonce) && nowMs < claim.sessionEndsAtMs
}

function turnMissed(place: number): AntichambreError {
  return new AntichambreError('turn-missed', 'your turn is over; the late lane has no seat now', {
    place,
  })
}

function isSameBrowser(claim: Claim, nonce: string | undefined): boolean {
  return sameText(claim.nonce ?? '', nonce ?? '')
}

function ended(): AntichambreError {
  return new AntichambreError('room-ended', 'the sale is over')
}

function alreadyEntered(): AntichambreError {
  return new AntichambreError('already-entered', 'this ticket has been used to walk in')
}
