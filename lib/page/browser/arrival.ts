/** What the page's own address says: where it is, where the visitor wants to go, and who invited them. */
import {
  INVITATION_PARAMETER,
  invitedGroup,
  TRIED_PARAMETER,
  takenInvitation,
} from '../../queue/address/query.ts'
import { GROUP_SEPARATOR } from '../../queue/limits.ts'
import type { Uninvited } from '../machine/facts.ts'

export interface Arrival {
  /** As in the path: `room`, or `room~group`. */
  readonly room: string
  /** Where the room's answers are: `/r/<room>`. */
  readonly base: string
  /** The return address, without an invitation; null: the showroom. */
  readonly to: string | null
  /** What a gate sent along, whatever it is. */
  readonly nonce: string | null
  /** Was the open way tried just now? */
  readonly isTried: boolean
  readonly isGroup: boolean
  readonly invitation: string | null
  /** The page of the group that the invitation is to, where this is another one. */
  readonly elsewhere: string | null
  /** What is wrong with the invitation, as far as it can be seen from here. */
  readonly uninvited: Uninvited | null
  /** The address to show instead, where this one has an invitation in it, which nobody should keep or share. */
  readonly clean: string | null
}

/** @param address the page's own, whole. */
export function arrivalOf(address: string): Arrival {
  const { pathname, searchParams, hash } = new URL(address)
  const room = pathname.split('/')[2] ?? ''
  const base = `/r/${room}`
  const [id = '', group] = room.split(GROUP_SEPARATOR)
  const wanted = takenInvitation(searchParams.get('to') ?? '')
  const invitation =
    new URLSearchParams(hash.slice(1)).get(INVITATION_PARAMETER) ??
    searchParams.get(INVITATION_PARAMETER) ??
    wanted.invitation ??
    null
  const way = { to: wanted.address || null, nonce: searchParams.get('nonce') }
  const isTried = searchParams.has(TRIED_PARAMETER)
  const isGroup = group !== undefined
  const invited = invitation === null ? undefined : invitedGroup(invitation)
  const isElsewhere = invited !== undefined && invited !== group
  // In a fragment it is sent to nobody, and the group's page takes it out of its address at once.
  const elsewhere = isElsewhere
    ? `${addressOf(`/r/${id}${GROUP_SEPARATOR}${invited}`, way)}#${INVITATION_PARAMETER}=${invitation}`
    : null
  return {
    room,
    base,
    ...way,
    isTried,
    isGroup,
    invitation,
    elsewhere,
    uninvited: invitation !== null && invited === undefined ? 'bad-invitation' : null,
    clean: isTried || invitation !== null ? addressOf(base, way) : null,
  }
}

/** An address of the room with the way back in it. */
export function addressOf(
  path: string,
  { to, nonce }: Pick<Arrival, 'to' | 'nonce'>,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(more)
  if (to !== null) query.set('to', to)
  if (nonce !== null) query.set('nonce', nonce)
  const search = query.toString()
  return search === '' ? path : `${path}?${search}`
}

/** The room's own line, for visitors who are not invited to a group's. */
export function generalLine(arrival: Arrival): string {
  const [id = ''] = arrival.room.split(GROUP_SEPARATOR)
  return addressOf(`/r/${id}`, arrival)
}
