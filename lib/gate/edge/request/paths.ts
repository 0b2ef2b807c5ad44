/**
 * Which paths need a session: the rules of `../../options/path-rules.ts` in the language of the edge
 * (`test/gate/edge/request/paths.test.ts` compares them). Two things differ. Patterns end with
 * `$(?!\n)`: in Perl's language, which this runtime speaks, `$` alone lets a line break through. And a
 * few more paths are protected unread: long ones, for lack of time, and those that would have to be
 * normalised first (see `LETTERS`).
 */
import { EDGE_ODD_PATH_CHARS_MAX, PATH_CHARS_MAX, READINGS_MAX } from '../../options/limits.ts'

const PLAIN = /^(?:\/(?!\.\.?(?:\/|$(?!\n)))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\/?$(?!\n)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const BEYOND_ASCII = /[^\x00-\x7f]/

/** @param protect and @param bypass patterns of `../edge-options.ts`. */
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
  let end = 0
  while (code >= end) end += Number(LETTER_RUNS[at++])
  return at % 2 === 0
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

/**
 * Letters beyond ASCII that the edge can compare. Its runtime has no `String.prototype.normalize`, so
 * it can fold a text only where normalising it (NFKC) would change nothing but the case, and where the
 * simple case mapping is the whole of it. These are such letters of scripts that are written without
 * combining marks, and the signs that stand in addresses. The tests prove it for each of them.
 */

/** First and last code points of ranges, in pairs, in their order. ASCII is the first. */
export const LETTERS: readonly number[] = [
  0x0, 0x7f,
  // Latin, without what is several letters in one (ß, ŉ, ĳ) or shares its capital (ı, ſ)
  0xbf, 0xde, 0xe0, 0x12f, 0x134, 0x13e, 0x141, 0x148, 0x14a, 0x17e, 0x180, 0x1c3, 0x1cd, 0x1ef,
  0x1f4, 0x2af,
  // Greek, without sigma, whose small form depends on its place
  0x388, 0x38f, 0x391, 0x3a2, 0x3a4, 0x3af, 0x3b1, 0x3c1, 0x3c4, 0x3ce,
  // Cyrillic and Armenian, Hebrew, Arabic
  0x400, 0x482, 0x48a, 0x586, 0x5d0, 0x5ea, 0x61b, 0x64a,
  // Latin of Vietnam, dashes and quotation marks
  0x1e00, 0x1e95, 0x1ea0, 0x1eff, 0x2012, 0x2016, 0x2018, 0x2023,
  // kana, Han, Hangul
  0x3001, 0x3029, 0x303b, 0x3096, 0x30a0, 0x30fe, 0x3400, 0x9fff, 0xac00, 0xd7a3,
  // emoji, and the second half of one where a text is read in halves
  0xdc00, 0xdfff, 0x1f300, 0x1fbef,
]

/**
 * The lengths of the gaps and the ranges, by turns: shorter to write than their ends. `../function-source.ts` puts
 * the numbers in place of this line.
 */
export const LETTER_RUNS: readonly number[] = LETTERS.map(runOf)

function runOf(code: number, at: number): number {
  const before = Number(LETTERS[at - 1])
  if (at === 0) return code
  return at % 2 === 0 ? code - before - 1 : code - before + 1
}
