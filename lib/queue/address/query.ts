/**
 * What a room's addresses carry besides the return address. Page and server read it by the same code, which
 * must not import zod: it would come into the page.
 */
import { GROUP_NAME, TOKEN_CHARS_MAX } from '../limits.ts'

/** The query parameter of the showroom's address that carries a pass, until the gate strips it. */
export const PASS_PARAMETER = 'antichambre'
/** The query parameter of an address, the showroom's or the room's own, that carries an invitation. */
export const INVITATION_PARAMETER = 'antichambre-invitation'
/** Tells the page that the open way was tried and is not open: it joins, and does not try again. */
export const TRIED_PARAMETER = 'tried'

/** A query without one parameter; the others keep their spelling and order. */
export function withoutParameter(search: string, name: string): string {
  const pairs = search.replace(/^\?/, '').split('&')
  const others = pairs.filter(pair => !isNamed(pair, name))
  if (others.length === pairs.length) return search
  const query = others.join('&')
  return query === '' ? '' : `?${query}`
}

/** Has a pair of a query this name, written with escapes or without? */
export function isNamed(pair: string, name: string): boolean {
  const equals = pair.indexOf('=')
  const written = equals === -1 ? pair : pair.slice(0, equals)
  // most names have no escapes, and taking a query apart is slow
  if (!written.includes('%') && !written.includes('+')) return written === name
  // the & in front keeps URLSearchParams from taking a ? of the name for the query's own
  return new URLSearchParams(`&${written}`).has(name)
}

/** An absolute address without the invitation in its query, and that invitation. */
export function takenInvitation(address: string): { address: string; invitation?: string } {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return { address }
  }
  const invitation = url.searchParams.get(INVITATION_PARAMETER)
  if (invitation === null) return { address }
  url.search = withoutParameter(url.search, INVITATION_PARAMETER)
  return { address: url.href, invitation }
}

/**
 * The group that an invitation names. Its signature is not checked here: the name only chooses the line at
 * which the room checks it. Undefined if it is no invitation.
 */
export function invitedGroup(invitation: string): string | undefined {
  const [, payload] = invitation.slice(0, TOKEN_CHARS_MAX).split('.')
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof claims !== 'object' || claims === null || !('group' in claims)) return undefined
    const { group } = claims
    return typeof group === 'string' && GROUP_NAME.test(group) ? group : undefined
  } catch {
    return undefined
  }
}
