/** How a visitor without JavaScript came: where they want to go, and who invited them. */
import { INVITATION_PARAMETER, invitedGroup, takenInvitation } from '../../queue/address/query.ts'
import { parseRoomPath, roomPath } from '../../queue/address/room-path.ts'
import { AntichambreError } from '../../queue/errors.ts'

export interface PlainArrival {
  /** The return address, without an invitation. */
  readonly to: string | undefined
  readonly nonce: string | undefined
  readonly invitation: string | undefined
}

/** @param url the request's, whole. */
export function plainArrival(url: string): PlainArrival {
  const { searchParams } = new URL(url)
  const wanted = takenInvitation(searchParams.get('to') ?? '')
  return {
    to: wanted.address === '' ? undefined : wanted.address,
    nonce: searchParams.get('nonce') ?? undefined,
    invitation: searchParams.get(INVITATION_PARAMETER) ?? wanted.invitation,
  }
}

/** The plain page of a room, as its path names it, with the way back in the address. */
export function plainAddress(path: string, { to, nonce, invitation }: PlainArrival): string {
  const query = new URLSearchParams()
  if (to !== undefined) query.set('to', to)
  if (nonce !== undefined) query.set('nonce', nonce)
  if (invitation !== undefined) query.set(INVITATION_PARAMETER, invitation)
  return `/r/${path}/plain${query.size === 0 ? '' : `?${query}`}`
}

/** The same for the room's own line, for visitors whom a group's line does not take. */
export function generalAddress(path: string, arrival: PlainArrival): string {
  return plainAddress(parseRoomPath(path).id, { ...arrival, invitation: undefined })
}

/**
 * The page of the group that an invitation is to; undefined where the visitor is there already.
 * @throws AntichambreError `bad-invitation` for what names no group.
 */
export function groupAddress(path: string, arrival: PlainArrival): string | undefined {
  if (arrival.invitation === undefined) return undefined
  const invited = invitedGroup(arrival.invitation)
  if (invited === undefined) {
    throw new AntichambreError('bad-invitation', 'this is no invitation to this line')
  }
  const { id, group } = parseRoomPath(path)
  return invited === group ? undefined : plainAddress(roomPath(id, invited), arrival)
}
