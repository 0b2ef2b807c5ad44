/**
 * Which paths a gate protects. Servers read paths differently: some decode twice, some cut
 * `;parameters`, some ignore case, some resolve `..` late, some take `//x` for a host. So a path is
 * protected if any of its readings is, and one that nobody can read is protected too.
 */
import { PATH_CHARS_MAX, READINGS_MAX } from './limits.ts'

/** `/sale` is that path (with or without a slash at its end), `/sale/*` also all below it. */
export interface PathRule {
  readonly path: string
  readonly below: boolean
}

export interface PathRules {
  /** Folded for comparison with folded readings. */
  readonly protect: readonly PathRule[]
  /** To the letter, as a browser writes them. */
  readonly bypass: readonly PathRule[]
}

/** Segments without escapes, parameters or dots alone: every server reads such a path alike. */
const PLAIN = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\/?$/
/** To `new URL(target, base)` and to PHP's `parse_url` what follows on `//` is a host, and no path. */
const AUTHORITY = /^[/\\]{2,}[^/\\?#]*/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const ASCII = /^[\u0000-\u007f]*$/

/**
 * Does a request for this path need a session? A bypass counts only for a path that is written
 * exactly as its rule: no escapes beyond those of the rule, same case, nothing to resolve.
 * @param path as it came, not decoded.
 */
export function isProtected(path: string, rules: PathRules): boolean {
  if (isExcepted(path, rules.bypass)) return false
  const readings = readingsOf(path)
  return (
    readings === undefined || readings.some(text => rules.protect.some(rule => hits(text, rule)))
  )
}

/** Is a path written exactly as one of these rules (`bypassRule`), or plainly below it? */
export function isExcepted(path: string, rules: readonly PathRule[]): boolean {
  return rules.some(rule => bypasses(path, rule))
}

/** @returns what is wrong with a rule, or undefined. */
export function pathRuleComplaint(rule: string): string | undefined {
  const path = rule.endsWith('/*') ? rule.slice(0, -2) : rule
  if (rule === '') return 'an empty rule came, a path such as /sale or /sale/* is allowed'
  if (!rule.startsWith('/')) return 'a rule starts with /'
  if (path.includes('*')) return 'a * is allowed only as /* at the end of a rule'
  if (/[\\%;?#\s]/.test(path) || CONTROL.test(path)) {
    return 'a rule is a plain path: no escapes, spaces, backslashes, parameters or queries'
  }
  const segments = path.split('/').slice(1)
  if (!rule.endsWith('/*') && segments.at(-1) === '') segments.pop()
  if (segments.some(segment => segment === '' || segment === '.' || segment === '..')) {
    return 'a rule has no empty segment, no . and no ..'
  }
  return undefined
}

export function protectRule(rule: string): PathRule {
  const { path, below } = parts(rule)
  return { path: withoutEndSlash(fold(path)), below }
}

export function bypassRule(rule: string): PathRule {
  const { path, below } = parts(rule)
  return { path: encodeURI(path), below }
}

/**
 * All readings of a path, folded: what servers can make of it, in any order of their steps.
 * Undefined for a path that cannot be decoded, or has too many readings.
 */
export function readingsOf(path: string): readonly string[] | undefined {
  if (path.length > PATH_CHARS_MAX) return undefined
  if (PLAIN.test(path)) return [withoutEndSlash(path.toLowerCase())]
  if (!path.startsWith('/')) return undefined
  const readings = new Set([fold(path)])
  // the set grows while it is walked: each new reading is read again
  for (const text of readings) {
    const decoded = decodedOnce(text)
    if (readings.size > READINGS_MAX || decoded === undefined || CONTROL.test(decoded)) {
      return undefined
    }
    readings.add(decoded)
    readings.add(text.replace(/[/\\]+/g, '/'))
    readings.add(text.replace(AUTHORITY, ''))
    readings.add(text.replace(/;[^/\\]*/g, ''))
    readings.add(text.replace(/[?#].*$/s, ''))
    readings.add(withoutDotSegments(text))
    readings.add(text.trim())
  }
  return [...readings].map(withoutEndSlash)
}

function parts(rule: string): PathRule {
  return rule.endsWith('/*')
    ? { path: rule.slice(0, -2), below: true }
    : { path: rule, below: false }
}

function hits(reading: string, rule: PathRule): boolean {
  return reading === rule.path || (rule.below && reading.startsWith(`${rule.path}/`))
}

function bypasses(path: string, rule: PathRule): boolean {
  if (!rule.below) return path === rule.path
  return path.startsWith(`${rule.path}/`) && PLAIN.test(path.slice(rule.path.length))
}

function decodedOnce(text: string): string | undefined {
  try {
    return text.includes('%') ? fold(decodeURIComponent(text)) : text
  } catch {
    return undefined
  }
}

/** Upper case first: it alone makes an i of the dotless ı, and file systems that ignore case do so. */
function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** As browsers do it (WHATWG URL): an escaped dot is a dot, and an empty segment is a segment. */
function withoutDotSegments(text: string): string {
  const kept: string[] = []
  const segments = text.split(/[/\\]/).slice(1)
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    const dots = segment.replaceAll('%2e', '.')
    if (dots === '..') kept.pop()
    else if (dots !== '.') kept.push(segment)
    if (isLast && (dots === '.' || dots === '..')) kept.push('')
  }
  return `/${kept.join('/')}`
}

function withoutEndSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}
