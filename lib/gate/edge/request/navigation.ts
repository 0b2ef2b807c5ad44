/** Is a request somebody's browser going to a page? `../../decision/navigation.ts`, in the language of the edge. */
import { ACCEPT_CHARS_MAX } from '../../options/limits.ts'

export function isNavigation(method: string, accept: string, fetchMode: string): boolean {
  const reads = method === 'GET' || method === 'HEAD'
  return reads && (fetchMode === '' || fetchMode === 'navigate') && !prefersJson(accept)
}

/** Does the caller ask for JSON by name, and for HTML less? A wildcard names nothing. */
export function prefersJson(accept: string): boolean {
  if (!/json/i.test(accept)) return false
  const ranges = accept.slice(0, ACCEPT_CHARS_MAX).toLowerCase().split(',')
  const most = (types: RegExp) =>
    ranges.reduce((most, range) => (types.test(range) ? Math.max(most, weightOf(range)) : most), 0)
  const json = most(/^(?:\s*application\/json|[^;]*\+json)\s*(?:;|$(?!\n))/)
  const html = most(/^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$(?!\n))/)
  if (html > 0) return json > html
  return json > 0 && json >= most(/^\s*(?:\*|text)\/\*\s*(?:;|$(?!\n))/)
}

function weightOf(range: string): number {
  const given = /;\s*q=([^;]*)/.exec(range)
  const weight = given ? Number(given[1]) : 1
  return weight >= 0 && weight <= 1 ? weight : 0
}
