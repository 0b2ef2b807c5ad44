/** The request's own address, as the outside world writes it. */
import { isNamed, PASS_PARAMETER, withoutParameter } from '../../queue/address/query.ts'
import { RETURN_ADDRESS_CHARS_MAX } from '../../queue/limits.ts'
import { PASSES_TRIED_MAX } from '../options/limits.ts'

export interface OwnAddress {
  /** Empty where neither the configuration nor the request names one. */
  readonly origin: string
  /** As it came, not decoded. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
}

const PARTS = /^(https?:\/\/[^/?#\\]*)?([^?#]*)(\?[^#]*)?/i

/** @param publicOrigin wins over what the request says, whose host a visitor can choose. */
export function ownAddress(url: string, publicOrigin: string | undefined): OwnAddress {
  const [, origin = '', path = '', search = ''] = PARTS.exec(url) ?? []
  return { origin: publicOrigin ?? origin, path, search }
}

/** The values of the pass parameter, in their order. */
export function passesIn(search: string): string[] {
  if (!search.includes(PASS_PARAMETER) && !search.includes('%')) return []
  const values = search
    .slice(1)
    .split('&')
    .filter(pair => isNamed(pair, PASS_PARAMETER))
    .map(pair => pair.replace(/^[^=]*=?/, ''))
  return values.slice(0, PASSES_TRIED_MAX).map(unescaped)
}

/** The room writes a pass without escapes. One with escapes is the same pass. */
function unescaped(value: string): string {
  return value.includes('%') ? (new URLSearchParams(`=${value}`).get('') ?? '') : value
}

/** The same address without the pass; every other parameter keeps its spelling and its place. */
export function cleanAddress({ origin, path, search }: OwnAddress): string {
  const query = withoutParameter(search, PASS_PARAMETER)
  // with no origin in front `//host` would lead to another site; behind an origin `@host` would
  const start = origin === '' || !path.startsWith('/') ? `/${path.replace(/^[/\\]+/, '')}` : path
  return headerSafe(`${origin}${start}${query}`)
}

/**
 * Where the visitor wants to be after the room: the clean address, shorter if the room would not
 * take it, undefined (the showroom of the room's configuration) if nothing of it can be sent.
 */
export function returnAddressOf(address: OwnAddress): string | undefined {
  if (address.origin === '') return undefined
  const whole = cleanAddress(address)
  if (whole.length <= RETURN_ADDRESS_CHARS_MAX) return whole
  const short = cleanAddress({ ...address, search: '' })
  return short.length <= RETURN_ADDRESS_CHARS_MAX ? short : undefined
}

/** The page that a script or a form was on, when it is one of this showroom. */
export function pageOf(referer: string | undefined, address: OwnAddress): OwnAddress | undefined {
  if (referer === undefined || !URL.canParse(referer) || !URL.canParse(address.origin)) {
    return undefined
  }
  if (new URL(referer).origin !== new URL(address.origin).origin) return undefined
  return { ...ownAddress(referer, undefined), origin: address.origin }
}

/** Characters that no header and no room takes become escapes, as browsers send them. */
function headerSafe(address: string): string {
  return address.replace(/[^\x21-\x7e]|\\/gu, character =>
    [...Buffer.from(character)]
      .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}
