/**
 * Addresses as the showroom has them, without URL and URLSearchParams, which the edge lacks. The twin of
 * `../../decision/address.ts`: `test/gate/alike.test.ts` compares them.
 */
import { RETURN_ADDRESS_CHARS_MAX } from '../../../queue/limits.ts'
import { PASSES_TRIED_MAX } from '../../options/limits.ts'

export interface EdgeAddress {
  /** Origin and path. */
  readonly start: string
  /** Without its `?`, to the letter; undefined where there is no `?`. */
  readonly query: string | undefined
}

/** @param path as it came, not decoded. */
export function addressOf(origin: string, path: string, query: string | undefined): EdgeAddress {
  return { start: origin + path.replace(/^(?!\/)[/\\]*/, '/'), query: query }
}

/** The page that a script or a form was on, when it is one of this showroom. */
export function pageOf(referer: string, origin: string): EdgeAddress | undefined {
  const rest = referer.slice(origin.length).replace(/#[\s\S]*/, '')
  if (!referer.startsWith(origin) || !/^[/?]|^$(?!\n)/.test(rest)) return undefined
  const parts = rest.split('?')
  return addressOf(origin, parts.shift() || '', parts.length === 0 ? undefined : parts.join('?'))
}

/** The values of the pass parameter, in their order. Most queries cannot have one. */
export function passesIn(query: string): string[] {
  if (!/antichambre|%/.test(query)) return []
  return query
    .split('&')
    .filter(isPass)
    .slice(0, PASSES_TRIED_MAX)
    .map(pair => decoded(pair.slice(pair.indexOf('=') + 1)))
}

/** The same address without the pass; every other parameter keeps its spelling and its place. */
export function cleanAddress(address: EdgeAddress): string {
  const query = address.query
  if (query === undefined) return headerSafe(address.start)
  const kept = query
    .split('&')
    .filter(pair => !isPass(pair))
    .join('&')
  return headerSafe(kept === '' && query !== '' ? address.start : `${address.start}?${kept}`)
}

/** Where the visitor wants to be after the room, as long as the room takes it, or undefined. */
export function returnAddressOf(address: EdgeAddress): string | undefined {
  const whole = cleanAddress(address)
  if (whole.length <= RETURN_ADDRESS_CHARS_MAX) return whole
  const short = headerSafe(address.start)
  return short.length <= RETURN_ADDRESS_CHARS_MAX ? short : undefined
}

function isPass(pair: string): boolean {
  return decoded(pair.split('=')[0] || '') === 'antichambre'
}

/** Decodes escapes of ASCII. Others become something else that is not ASCII, which is enough here. */
function decoded(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
}

/**
 * What no header and no room takes becomes escapes; a browser would have sent it so. It is UTF-8
 * (AWS: "URI, query string, and headers encoding"), of which every text can be escaped.
 */
function headerSafe(address: string): string {
  return address.replace(/[^\x21-\x7e]+|\\/g, encodeURIComponent)
}
