/** Invitations: made by the operator, used by one ticket each. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { cohortSeed, commitmentOf } from '../../queue/cohort/record.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { INVITATION_DAYS_MAX, INVITATIONS_MAX } from '../../queue/limits.ts'
import type { Room } from '../../queue/room/state.ts'
import {
  INVITATION_PARAMETER,
  signInvitation,
  verifyInvitation,
} from '../../queue/tokens/invitation.ts'
import { parseTicketId, type Ticket, ticketId } from '../../queue/tokens/ticket.ts'
import { isOfThisSale } from '../../queue/visitor/ticket-status.ts'
import type { Store } from '../../store/port.ts'
import type { Join, JoinOutcome } from './join.ts'

export interface InvitationDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly now: () => number
  readonly newId: () => string
}

export interface MadeInvitation {
  readonly id: string
  readonly token: string
  /** The showroom's address with the invitation in it: what is sent to the guest. */
  readonly url: string
}

export interface WantedInvitations {
  /** A group of the room. */
  readonly group: string
  /** 1 .. `INVITATIONS_MAX` */
  readonly count: number
  /** Later than now, at most `INVITATION_DAYS_MAX` days. */
  readonly expiresAtMs: number
}

/**
 * Makes invitations to a group of a room.
 * @throws AntichambreError `bad-request` for an unknown group, a wrong count or time.
 */
export function makeInvitations(
  deps: Pick<InvitationDeps, 'keys' | 'now' | 'newId'>,
  room: Room,
  { group, count, expiresAtMs }: WantedInvitations,
): MadeInvitation[] {
  const nowMs = deps.now()
  const names = room.config.groups.map(({ name }) => name)
  const complaints = [
    ...(names.includes(group)
      ? []
      : [`group: another name came, ${names.join(' or ') || 'no group'} is allowed`]),
    ...(count >= 1 && count <= INVITATIONS_MAX
      ? []
      : [`count: ${count} came, a whole number from 1 to ${INVITATIONS_MAX} is allowed`]),
    ...(expiresAtMs > nowMs && expiresAtMs <= nowMs + INVITATION_DAYS_MAX * 86_400_000
      ? []
      : [
          `expiresAt: ${new Date(expiresAtMs).toISOString()} came, a time to come, at most ${INVITATION_DAYS_MAX} days away, is allowed`,
        ]),
  ]
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  const [key] = deps.keys.invitationKeys
  if (key === undefined) throw new Error('a key ring has at least one invitation key')
  return Array.from({ length: count }, () => {
    const id = deps.newId()
    const token = signInvitation({ room: room.id, group, id, expiresAtMs }, nowMs, key)
    const url = new URL(room.config.showroomUrl)
    url.searchParams.set(INVITATION_PARAMETER, token)
    return { id, token, url: url.href }
  })
}

/** A visitor who comes to the line of a group. */
export interface Guest {
  readonly invitation?: string | undefined
  /** A secret of the browser's own. Without it the same invitation counts as used by somebody else. */
  readonly holder?: string | undefined
  /** As for `Join`. */
  readonly attempt?: number | undefined
}

/**
 * Joins the line of the room's group by invitation. The same holder gets the same ticket again, so that
 * an answer that was lost on its way costs nobody the invitation.
 * @param room as the group sees it.
 * @throws AntichambreError `invitation-needed`, `bad-invitation`, `invitation-expired`,
 *   `invitation-used`, and like `Join`.
 */
export async function joinByInvitation(
  deps: InvitationDeps & { readonly join: Join },
  room: Room,
  group: string,
  { invitation, holder, attempt }: Guest,
): Promise<JoinOutcome> {
  if (invitation === undefined) {
    throw new AntichambreError('invitation-needed', 'this line is for those who are invited')
  }
  const verifier = { room: room.id, group, nowMs: deps.now(), keys: deps.keys.invitationKeys }
  const outcome = verifyInvitation(invitation, verifier)
  if (outcome.status === 'invalid') {
    if (outcome.reason === 'expired') {
      throw new AntichambreError('invitation-expired', 'this invitation is not good any more')
    }
    throw new AntichambreError('bad-invitation', 'this is no invitation to this line')
  }
  const { id, expiresAtMs } = outcome.invitation
  // The group was taken away. People who are in its line already are still let in, but nobody joins it any more.
  if (!room.config.groups.some(({ name }) => name === group)) {
    throw new AntichambreError('bad-invitation', 'this line is not there any more')
  }
  // Looked up first, so that a used invitation takes no index.
  const known = await deps.store.loadInvitation(room.id, id)
  if (known !== undefined) {
    return { status: 'joined', ticket: ticketOf(deps, room, known, holder) }
  }
  const joined = await deps.join(room, attempt)
  if (joined.status !== 'joined') return joined
  const use = JSON.stringify({ ticket: joined.ticket.id, holder: holder ?? '' })
  const kept = await deps.store.useInvitation(room.id, id, use, expiresAtMs)
  return kept === use ? joined : { status: 'joined', ticket: ticketOf(deps, room, kept, holder) }
}

/** The ticket that an invitation was used for, if it is its holder who asks. */
function ticketOf(
  deps: InvitationDeps,
  room: Room,
  use: string,
  holder: string | undefined,
): Ticket {
  const known: { ticket: string; holder: string } = JSON.parse(use)
  if (holder === undefined || known.holder !== holder) {
    throw new AntichambreError('invitation-used', 'this invitation has been used')
  }
  const parts = parseTicketId(known.ticket)
  if (parts === undefined) throw new Error('the use of an invitation names no ticket')
  const { cohort, shard, index } = parts
  // Not `room-ended`: the room goes on, and this visitor may join the line for everybody.
  if (!isOfThisSale({ cohort }, room.state)) {
    throw new AntichambreError(
      'invitation-used',
      'this invitation was used for a sale that is over',
    )
  }
  const seed = cohortSeed(deps.keys.drawKey(room.state.drawKeyId), room.id, cohort)
  const id = ticketId(cohort, shard, index)
  return { room: room.id, id, cohort, shard, index, commitment: commitmentOf(seed) }
}
