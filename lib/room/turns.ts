/** Taking a turn: from a ticket to the showroom's address with a pass in it. */
import { AntichambreError } from '../queue/errors.ts'
import { type PassClaims, passClaims, signPass, signPassEs256 } from '../queue/pass.ts'
import { returnAddress, withPass } from '../queue/return-address.ts'
import { isOfThisSale, type Standing, standingOf } from '../queue/standing.ts'
import type { Room } from '../queue/state.ts'
import type { Ticket } from '../queue/ticket.ts'
import { sameText } from '../queue/token.ts'
import type { KeyRing } from '../store/keys.ts'
import type { Claim, Store } from '../store/store.ts'
import type { Rooms } from './rooms.ts'

export interface TurnDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly rooms: Rooms
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
export async function findStanding(
  deps: Pick<TurnDeps, 'rooms' | 'now'>,
  room: Room,
  ticket: Ticket,
): Promise<Standing> {
  const record = isOfThisSale(ticket, room.state)
    ? await deps.rooms.record(room, ticket.cohort)
    : undefined
  return standingOf(room, ticket, record, deps.now())
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
  const turn = await admittedTurn(deps, room, ticket)
  const nowMs = deps.now()
  const outcome = await deps.store.claim(room.id, ticket.id, {
    enteredAtMs: nowMs,
    turnAtMs: turn.turnAtMs,
    sessionEndsAtMs: nowMs + room.config.sessionSeconds * 1000,
    passId: deps.newId(),
    nonce,
  })
  if (!isSameBrowser(outcome.claim, nonce) || nowMs >= outcome.claim.sessionEndsAtMs) {
    throw alreadyEntered()
  }
  const claims = passClaims({
    room: room.id,
    ticketId: ticket.id,
    jti: outcome.claim.passId,
    nonce,
    nowMs,
    sessionEndsAtMs: outcome.claim.sessionEndsAtMs,
  })
  return {
    location: withPass(address.url, sign(deps.keys, room, claims)),
    expiresAtMs: claims.exp * 1000,
  }
}

/** The turn of an admitted ticket; every other standing is an error with its own code. */
async function admittedTurn(deps: TurnDeps, room: Room, ticket: Ticket) {
  const standing = await findStanding(deps, room, ticket)
  const { front } = room.state
  switch (standing.status) {
    case 'admitted':
      return standing
    case 'drawing':
      throw new AntichambreError('not-yet', 'the order is not drawn yet', { place: null, front })
    case 'waiting':
      throw new AntichambreError('not-yet', 'it is not your turn yet', {
        place: standing.place,
        front,
      })
    case 'missed':
      if ((await deps.store.loadClaim(room.id, ticket.id)) !== undefined) throw alreadyEntered()
      throw new AntichambreError('turn-missed', 'your turn is over', { place: standing.place })
    case 'paused':
      throw new AntichambreError('room-paused', 'the room is paused; your place is kept')
    case 'sold-out':
      throw new AntichambreError('sold-out', 'everything is sold')
    case 'ended':
      throw new AntichambreError('room-ended', 'the sale is over')
  }
}

function sign(keys: KeyRing, room: Room, claims: PassClaims): string {
  if (room.config.passAlgorithm === 'ES256') return signPassEs256(claims, keys.passSigner(room.id))
  const [key] = keys.gateKeys(room.id)
  if (key === undefined) throw new Error('a room has at least one gate key')
  return signPass(claims, key)
}

function isSameBrowser(claim: Claim, nonce: string | undefined): boolean {
  return sameText(claim.nonce ?? '', nonce ?? '')
}

function alreadyEntered(): AntichambreError {
  return new AntichambreError('already-entered', 'this ticket has been used to walk in')
}
