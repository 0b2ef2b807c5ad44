/**
 * Is a request somebody's browser going to a page? Only those are redirected. The function at the edge
 * is built from this file too, so it keeps to the words of that runtime (`test/gate/edge/function-source.test.ts`).
 */
import { ACCEPT_CHARS_MAX } from '../options/limits.ts'

/** Headers that did not come are undefined or empty. */
export function isNavigation(request: {
  readonly method: string
  readonly accept?: string | undefined
  /** Sec-Fetch-Mode. An empty one is not in its grammar, so it counts as none (RFC 9651 section 4.2). */
  readonly fetchMode?: string | undefined
}): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (request.fetchMode && request.fetchMode !== 'navigate') return false
  return !prefersJson(request.accept)
}

/** Is the caller a script, which reads JSON, and no person who could read a page? */
export function isForScript(request: {
  readonly accept?: string | undefined
  readonly fetchMode?: string | undefined
}): boolean {
  const isForPerson = request.fetchMode === 'navigate' || /text\/html/i.test(request.accept || '')
  return !isForPerson || prefersJson(request.accept)
}

/**
 * Does the caller ask for JSON by name, and for HTML less? (RFC 9110 section 12.5.1.) A wildcard
 * names nothing: a browser, curl and a crawler are all redirected.
 */
export function prefersJson(accept: string | undefined): boolean {
  if (!accept || !/json/i.test(accept)) return false
  const ranges = accept.slice(0, ACCEPT_CHARS_MAX).toLowerCase().split(',')
  const json = mostOf(ranges, type => type === 'application/json' || type.endsWith('+json'))
  const html = mostOf(ranges, type => type === 'text/html' || type === 'application/xhtml+xml')
  if (html > 0) return json > html
  return json > 0 && json >= mostOf(ranges, type => type === '*/*' || type === 'text/*')
}

/** The greatest weight among the ranges of such a type; 0 where there is none. */
function mostOf(ranges: readonly string[], isMeant: (type: string) => boolean): number {
  return ranges.reduce((most, range) => {
    const parts = range.split(';').map(part => part.trim())
    return isMeant(parts[0] || '') ? Math.max(most, weightOf(parts)) : most
  }, 0)
}

/** `q`, from 0 to 1; 1 where there is none, 0 for anything else. */
function weightOf(parts: readonly string[]): number {
  const given = parts.find((part, at) => at > 0 && part.startsWith('q='))
  const weight = given ? Number(given.slice(2)) : 1
  return weight >= 0 && weight <= 1 ? weight : 0
}
