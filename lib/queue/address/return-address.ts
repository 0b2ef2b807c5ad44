/** Where a visitor may be sent back to: only to origins on the room's list. */
import { RETURN_ADDRESS_CHARS_MAX } from '../limits.ts'
import { PASS_PARAMETER, withoutParameter } from './query.ts'

export type ReturnAddress =
  | { status: 'allowed'; url: string }
  | { status: 'refused'; reason: string }

/** Control characters, spaces and backslashes: browsers and servers read them differently. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TRICKS = /[\u0000-\u0020\u007f-\uffff\\]/
const ABSOLUTE = /^https?:\/\/[^/]/i

/**
 * @param to the address that came from outside; undefined or empty means the showroom.
 * @returns the address, normalised, without a pass of an earlier redirect.
 */
export function returnAddress(
  to: string | undefined,
  room: { showroomUrl: string; allowedOrigins: readonly string[] },
): ReturnAddress {
  if (to === undefined || to === '') return { status: 'allowed', url: room.showroomUrl }
  const refused = (reason: string): ReturnAddress => ({ status: 'refused', reason })
  if (to.length > RETURN_ADDRESS_CHARS_MAX) {
    return refused(`at most ${RETURN_ADDRESS_CHARS_MAX} characters are allowed, ${to.length} came`)
  }
  if (TRICKS.test(to)) return refused('it has a character that no address has')
  if (!ABSOLUTE.test(to) || !URL.canParse(to))
    return refused('it is not an absolute http(s) address')
  const url = new URL(to)
  if (url.username !== '' || url.password !== '') return refused('it carries credentials')
  if (!room.allowedOrigins.includes(url.origin)) {
    return refused('its origin is not on the list of this room')
  }
  url.search = withoutParameter(url.search, PASS_PARAMETER)
  return { status: 'allowed', url: url.href }
}

/** The showroom's address with the pass in it; everything else of it stays to the letter. */
export function withPass(address: string, pass: string): string {
  const url = new URL(address)
  url.search = `${url.search === '' ? '?' : `${url.search}&`}${PASS_PARAMETER}=${pass}`
  return url.href
}
