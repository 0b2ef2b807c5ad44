/** The request's own address: `../address.ts` without URL and URLSearchParams, which the edge lacks. */
import { RETURN_ADDRESS_CHARS_MAX } from '../../queue/limits.ts'
import { PASSES_TRIED_MAX } from '../limits.ts'

export interface EdgeAddress {
  readonly origin: string
  /** As it came, not decoded. */
  readonly path: string
  /** With its `?`, or empty. */
  readonly search: string
}

/** The values of the pass parameter, in their order. */
export function passesIn(search: string): string[] {
  return pairsOf(search)
    .filter(isPass)
    .slice(0, PASSES_TRIED_MAX)
    .map(pair => decoded(pair.slice(pair.indexOf('=') + 1)))
}

/** The same address without the pass; every other parameter keeps its spelling and its place. */
export function cleanAddress(address: EdgeAddress): string {
  const path = address.path
  const start = path.startsWith('/') ? path : `/${path.replace(/^[/\\]+/, '')}`
  return headerSafe(address.origin + start + withoutPass(address.search))
}

function withoutPass(search: string): string {
  const pairs = pairsOf(search)
  const kept = pairs.filter(pair => !isPass(pair))
  if (kept.length === pairs.length) return search
  const query = kept.join('&')
  return query === '' ? '' : `?${query}`
}

/** Where the visitor wants to be after the room, as long as the room takes it, or undefined. */
export function returnAddressOf(address: EdgeAddress): string | undefined {
  const whole = cleanAddress(address)
  if (whole.length <= RETURN_ADDRESS_CHARS_MAX) return whole
  const short = cleanAddress({ origin: address.origin, path: address.path, search: '' })
  return short.length <= RETURN_ADDRESS_CHARS_MAX ? short : undefined
}

/** The page that a script or a form was on, when it is one of this showroom. */
export function pageOf(referer: string, origin: string): EdgeAddress | undefined {
  const rest = referer.slice(origin.length)
  if (!referer.startsWith(origin) || !/^[/?#]|^$(?!\n)/.test(rest)) return undefined
  const path = rest.replace(/[?#][\s\S]*/, '')
  return { origin: origin, path: path, search: rest.slice(path.length).replace(/#[\s\S]*/, '') }
}

function pairsOf(search: string): string[] {
  return search.slice(1).split('&')
}

function isPass(pair: string): boolean {
  return decoded(pair.split('=')[0] || '') === 'antichambre'
}

/** Enough of a form's decoding for a text that is ASCII: one that is not becomes another that is not. */
function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
}

/**
 * What no header and no room takes becomes escapes; a browser would have sent it so. It is UTF-8
 * (AWS: "URI, query string, and headers encoding"), of which every text can be escaped.
 */
function headerSafe(address: string): string {
  return address.replace(/[^\x21-\x7e]+|\\/g, encodeURIComponent)
}
