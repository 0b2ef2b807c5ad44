/** The gate's cookies at the edge; names and bounds are those of `../cookies.ts`. */
import { COOKIES_TRIED_MAX } from '../limits.ts'
import { valuesOf } from './fields.ts'
import type { EdgeFields } from './runtime.ts'

/** Of the session's cookie; the names of the others begin with it. */
export function nameOf(room: string): string {
  return `antichambre-${room}`
}

/** All values of a cookie, in the browser's order, at most `COOKIES_TRIED_MAX`. */
export function cookiesOf(cookies: EdgeFields, name: string): string[] {
  return valuesOf(cookies, name)
    .slice(0, COOKIES_TRIED_MAX)
    .map(value => value.replace(/^"([\s\S]*)"$(?!\n)/, '$1'))
}

/** Well-formed nonces, each in a cookie of its own. */
export function noncesIn(cookies: EdgeFields, prefix: string): string[] {
  let values: string[] = []
  for (const name in cookies) {
    if (name.startsWith(prefix)) values = values.concat(cookiesOf(cookies, name))
  }
  return values
    .slice(0, COOKIES_TRIED_MAX)
    .filter(value => /^[A-Za-z0-9_-]{22,64}$(?!\n)/.test(value))
}

/** As `setCookie` of `../cookies.ts` writes it. @param seconds how long the browser keeps it. */
export function cookie(value: string, seconds: number) {
  return {
    value: value,
    attributes: `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax; Secure`,
  }
}
