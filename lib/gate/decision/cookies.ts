/**
 * The gate's cookies. A Cookie header is text from outside: it is read to a bound, nothing in it is
 * decoded, and a foreign or broken cookie is passed over.
 */
import { COOKIE_CHARS_MAX, COOKIES_TRIED_MAX } from '../options/limits.ts'

/** Values of the gate's cookies, in the browser's order, at most `COOKIES_TRIED_MAX` of each. */
export interface GateCookies {
  readonly sessions: readonly string[]
  readonly nonces: readonly string[]
  readonly refusals: readonly string[]
}

/**
 * The names of nonce and refusals have a dot behind the room's id. No id has one, so that the nonce of one room is
 * never taken for the session of another. Each nonce has a name of its own: two tabs that are sent to the room in the
 * same moment get two nonces, and neither may overwrite the other.
 */
export const cookieNames = {
  session: (room: string) => `antichambre-${room}`,
  nonce: (room: string, nonce: string) => `${noncePrefix(room)}${nonce.slice(0, 4)}`,
  refusals: (room: string) => `antichambre-${room}.refusals`,
}

export function readCookies(header: string | undefined, room: string): GateCookies {
  const sessions: string[] = []
  const nonces: string[] = []
  const refusals: string[] = []
  if (header === undefined || header === '') return { sessions, nonces, refusals }
  const name = cookieNames.session(room)
  const prefix = noncePrefix(room)
  for (const pair of header.slice(0, COOKIE_CHARS_MAX).split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1) continue
    const written = pair.slice(0, equals).trim()
    if (!written.startsWith(name)) continue
    const value = unquoted(pair.slice(equals + 1).trim())
    if (written === name) keep(sessions, value)
    else if (written.startsWith(prefix)) keep(nonces, value)
    else if (written === cookieNames.refusals(room)) keep(refusals, value)
  }
  return { sessions, nonces, refusals }
}

function keep(values: string[], value: string): void {
  if (values.length < COOKIES_TRIED_MAX) values.push(value)
}

/**
 * A Set-Cookie line. HttpOnly: no script needs it. Lax, not Strict: a visitor comes back from the
 * room's site, and their cookies must come with them.
 */
export function setCookie(cookie: {
  readonly name: string
  readonly value: string
  /** How long the browser keeps it; 0 removes it. */
  readonly seconds: number
  /** For https alone. */
  readonly isSecure: boolean
}): string {
  const { name, value, seconds, isSecure } = cookie
  const line = `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`
  return isSecure ? `${line}; Secure` : line
}

function noncePrefix(room: string): string {
  return `antichambre-${room}.nonce-`
}

/** RFC 6265 allows a value in double quotes, and some clients write it. */
function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}
