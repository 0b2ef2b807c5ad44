/**
 * The rules of a gate, compiled into patterns when its function is built: a request is held against
 * all rules of a kind at once, and none of them is made or taken apart while it waits. What the
 * patterns say is what `isProtected` of `../path-rules.ts` does with each rule.
 */
import type { PathRule } from '../path-rules.ts'

/** The text ends here. In Perl's language, which the runtime speaks, `$` alone lets a line break through. */
const END = '$(?!\\n)'
/** As `PLAIN` of `../path-rules.ts`, for what comes below an exception. */
const BELOW = `(?:\\/(?!\\.\\.?(?:\\/|${END}))[A-Za-z0-9._~!$&'()*+,=:@-]+)*\\/?`
const NOTHING = '(?!)'

/** Source of a pattern for folded readings, with a slash at their end or without. */
export function protectPattern(rules: readonly PathRule[]): string {
  return whole([...exact(rules), ...below(rules, '(?:\\/[\\s\\S]*)?')], '\\/?')
}

/** Source of a pattern for paths to the letter. */
export function exceptionPattern(rules: readonly PathRule[]): string {
  return whole([...exact(rules), ...below(rules, `(?=\\/)${BELOW}`)])
}

function exact(rules: readonly PathRule[]): string[] {
  return rules.filter(rule => !rule.below).map(rule => literal(rule.path))
}

/** All that hold below too, with what may come there once for all of them. */
function below(rules: readonly PathRule[], rest: string): string[] {
  const paths = rules.filter(rule => rule.below).map(rule => literal(rule.path))
  return paths.length === 0 ? [] : [`(?:${paths.join('|')})${rest}`]
}

function whole(alternatives: readonly string[], rest = ''): string {
  return alternatives.length === 0 ? NOTHING : `^(?:${alternatives.join('|')})${rest}${END}`
}

function literal(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
