/**
 * The gate's cookies at the edge, which CloudFront has taken apart. The twin of
 * `../../decision/cookies.ts`: `test/gate/alike.test.ts` compares what they read and set.
 */
import { COOKIES_TRIED_MAX } from '../../options/limits.ts'
import { valuesOf } from './runtime.ts'
import type { EdgeVisit } from './visit.ts'

/** How the name of a cookie ends; the session's is the name alone. */
export type EdgeCookie = '' | '.refusals' | `.nonce-${string}`

export function nameOf(visit: EdgeVisit, which: EdgeCookie): string {
  return `antichambre-${visit.config.room}${which}`
}

/** All values of a cookie, in the browser's order, at most `COOKIES_TRIED_MAX`. */
export function cookiesOf(visit: EdgeVisit, name: string): string[] {
  return valuesOf(visit.asked.cookies, name)
    .slice(0, COOKIES_TRIED_MAX)
    .map(value => (value.startsWith('"') ? value.replace(/^"([\s\S]*)"$(?!\n)/, '$1') : value))
}

/** The browser's well-formed nonces, each in a cookie of its own. */
export function noncesOf(visit: EdgeVisit): string[] {
  const prefix = nameOf(visit, '.nonce-')
  let values: string[] = []
  for (const name in visit.asked.cookies) {
    if (name.startsWith(prefix)) values = values.concat(cookiesOf(visit, name))
  }
  return values
    .slice(0, COOKIES_TRIED_MAX)
    .filter(value => /^[A-Za-z0-9_-]{22,64}$(?!\n)/.test(value))
}

/** @param seconds how long the browser keeps it; 0 removes it. */
export function cookie(value: string, seconds: number) {
  return {
    value: value,
    attributes: `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax; Secure`,
  }
}
