/**
 * Which paths need a session: the rules of `../path-rules.ts`, said in what the edge understands. Two
 * things differ. Patterns end with `$(?!\n)`: in Perl's language, which this runtime speaks, `$` alone
 * lets a line break through. And a few more paths cannot be read, and are protected: long ones, for
 * lack of time, and those that would have to be normalised first (see `letters.ts`).
 */
import { EDGE_ODD_PATH_CHARS_MAX, PATH_CHARS_MAX, READINGS_MAX } from '../limits.ts'
import { LETTERS } from './letters.ts'

const PLAIN = /^(?:\/(?!\.\.?(?:\/|$(?!\n)))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\/?$(?!\n)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const BEYOND_ASCII = /[^\x00-\x7f]/

/** @param protect and @param bypass patterns of `rules.ts`. */
export function isProtected(path: string, protect: RegExp, bypass: RegExp): boolean {
  if (bypass.test(path)) return false
  if (path.length > PATH_CHARS_MAX) return true
  const readings = PLAIN.test(path) ? [path.toLowerCase()] : readingsOf(path)
  return readings === undefined || readings.some(text => protect.test(text))
}

/** Undefined for a text that cannot be folded here. */
export function folded(text: string): string | undefined {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase()
  for (let at = 0; at < text.length; at++) {
    if (!isLetter(text.codePointAt(at) || 0)) return undefined
  }
  return text.toUpperCase().toLowerCase()
}

function isLetter(code: number): boolean {
  let at = 0
  while (code > Number(LETTERS[at + 1])) at += 2
  return code >= Number(LETTERS[at])
}

/** Undefined for a path that nobody can read. */
function readingsOf(path: string): readonly string[] | undefined {
  if (!path.startsWith('/') || path.length > EDGE_ODD_PATH_CHARS_MAX) return undefined
  const start = folded(path)
  if (start === undefined) return undefined
  const readings = [start]
  let at = 0
  // the list grows while it is walked: each new reading is read again
  for (let text: string | undefined = start; text !== undefined; text = readings[++at]) {
    const decoded = decodedOnce(text)
    if (readings.length > READINGS_MAX || decoded === undefined || CONTROL.test(decoded)) {
      return undefined
    }
    // no global pattern may match at the end of a text: njs up to 0.8.1 loses its way there (its issue 677)
    const segments = text.split('\\').join('/').split('/')
    const more = [
      decoded,
      segments.filter((segment, at) => segment || !at || at === segments.length - 1).join('/'),
      text.replace(/^[/\\]{2,}[^/\\?#]*/, ''),
      text.replace(/;[^/\\]*(?=[/\\])/g, '').replace(/;[^/\\]*$(?!\n)/, ''),
      text.replace(/[?#][\s\S]*/, ''),
      withoutDotSegments(segments.slice(1)),
      text.trim(),
    ]
    more.forEach(reading => {
      if (!readings.includes(reading)) readings.push(reading)
    })
  }
  return readings
}

function decodedOnce(text: string): string | undefined {
  try {
    return text.includes('%') ? folded(decodeURIComponent(text)) : text
  } catch {
    return undefined
  }
}

function withoutDotSegments(segments: readonly string[]): string {
  const kept: string[] = []
  segments.forEach((segment, at) => {
    const dots = segment.replace(/%2e/g, '.')
    const isDots = dots === '.' || dots === '..'
    if (dots === '..') kept.pop()
    if (!isDots) kept.push(segment)
    else if (at === segments.length - 1) kept.push('')
  })
  return `/${kept.join('/')}`
}
