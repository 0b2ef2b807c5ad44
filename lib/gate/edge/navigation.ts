/** Is a request somebody's browser going to a page? `../navigation.ts`, in the language of the edge. */
import { ACCEPT_CHARS_MAX } from '../limits.ts'

export function isNavigation(method: string, accept: string, fetchMode: string): boolean {
  const reads = method === 'GET' || method === 'HEAD'
  return reads && (fetchMode === '' || fetchMode === 'navigate') && !prefersJson(accept)
}

/** Does the caller ask for JSON by name, and for HTML less? A wildcard names nothing. */
export function prefersJson(accept: string): boolean {
  const ranges = accept.slice(0, ACCEPT_CHARS_MAX).toLowerCase().split(',')
  const most = (isWanted: (type: string) => boolean) =>
    ranges.reduce((weight, range) => {
      const parts = range.split(';').map(part => part.trim())
      return isWanted(parts[0] || '') ? Math.max(weight, weightOf(parts)) : weight
    }, 0)
  const json = most(type => type === 'application/json' || type.endsWith('+json'))
  const html = most(type => type === 'text/html' || type === 'application/xhtml+xml')
  if (html > 0) return json > html
  return json > 0 && json >= most(type => type === '*/*' || type === 'text/*')
}

/** Of a range and its parameters. */
function weightOf(parts: readonly string[]): number {
  const given = parts.slice(1).find(part => part.startsWith('q='))
  if (given === undefined) return 1
  const weight = Number(given.slice(2))
  return weight >= 0 && weight <= 1 ? weight : 0
}
