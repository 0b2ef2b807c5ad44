/** Is a request somebody's browser going to a page? Only those are redirected. */
import { ACCEPT_CHARS_MAX } from '../options/limits.ts'

export function isNavigation(request: {
  readonly method: string
  readonly accept?: string | undefined
  readonly fetchMode?: string | undefined
}): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (request.fetchMode !== undefined && request.fetchMode !== 'navigate') return false
  return !prefersJson(request.accept)
}

/**
 * Does the caller ask for JSON by name, and for HTML less? (RFC 9110 section 12.5.1.) A wildcard
 * names nothing: a browser, curl and a crawler are all shown the way.
 */
export function prefersJson(accept: string | undefined): boolean {
  const ranges = accept?.slice(0, ACCEPT_CHARS_MAX).toLowerCase()
  if (ranges === undefined || !ranges.includes('json')) return false
  let json = 0
  let html = 0
  let wildcard = 0
  for (const range of ranges.split(',')) {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim())
    const weight = weightOf(parameters)
    if (type === 'application/json' || type.endsWith('+json')) json = Math.max(json, weight)
    else if (type === 'text/html' || type === 'application/xhtml+xml') html = Math.max(html, weight)
    else if (type === '*/*' || type === 'text/*') wildcard = Math.max(wildcard, weight)
  }
  return html > 0 ? json > html : json > 0 && json >= wildcard
}

function weightOf(parameters: readonly string[]): number {
  const given = parameters.find(parameter => parameter.startsWith('q='))
  if (given === undefined) return 1
  const weight = Number(given.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
