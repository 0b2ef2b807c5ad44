/** An owner's options of a gate at the edge: those of every gate without those that the edge cannot have. */
import { AntichambreError } from '../../queue/errors.ts'
import type { NamesOf } from '../../queue/names.ts'
import { parseGateConfig } from '../options/config.ts'
import { KEY_BYTES_MIN } from '../options/limits.ts'
import { type GateOptions, refuseUnknown } from '../options/options.ts'
import { type PathRule, protectRule } from '../options/path-rules.ts'
import type { EdgeConfig } from './request/edge-config.ts'
import { folded } from './request/paths.ts'

/**
 * Keys and mode lie in the key value store, where they can change at any time; departures do not reach
 * the edge; and its cookies are for https alone.
 */
export type EdgeGateOptions = Omit<GateOptions, 'keys' | 'mode' | 'hasDeparted' | 'secureCookies'>

const EDGE_OPTIONS: NamesOf<EdgeGateOptions> = {
  room: true,
  roomUrl: true,
  publicUrl: true,
  protect: true,
  bypass: true,
  gracePaths: true,
  graceSeconds: true,
  way: true,
}

/** @throws AntichambreError `bad-request`, naming every option that is wrong. */
export function edgeConfig(options: EdgeGateOptions): EdgeConfig {
  refuseUnknown(options, EDGE_OPTIONS)
  // the other checks are those of every gate, which has keys
  const keys = [{ id: 'in the store', secret: new Uint8Array(KEY_BYTES_MIN) }]
  const config = parseGateConfig({ ...options, keys })
  const unreadable = (options.protect ?? []).filter(rule => !isReadable(rule))
  if (unreadable.length > 0) {
    throw new AntichambreError(
      'bad-request',
      unreadable.map(rule => `protect: the edge cannot compare the letters of ${rule}`).join('; '),
    )
  }
  return {
    room: config.room,
    waitingUrl: config.waitingUrl,
    wayUrl: config.wayUrl,
    publicOrigin: config.publicOrigin ?? '',
    protect: new RegExp(protectPattern(config.rules.protect)),
    bypass: new RegExp(exceptionPattern(config.rules.bypass)),
    gracePaths: new RegExp(exceptionPattern(config.gracePaths)),
    graceSeconds: config.graceSeconds,
  }
}

/** A rule with letters that the edge cannot fold would protect nothing there. */
function isReadable(rule: string): boolean {
  const { path } = protectRule(rule)
  return folded(path) === path
}

/*
 * The rules of a gate, compiled into patterns when its function is built: one pattern tests a path
 * against all rules of a kind at once, and no pattern is compiled while a request waits. They decide as
 * `isProtected` of `../options/path-rules.ts` does (`test/gate/edge/request/paths.test.ts`).
 */

/** The text ends here. In Perl's language, which the runtime speaks, `$` alone lets a line break through. */
const END = '$(?!\\n)'
/** `PLAIN` of `../options/path-rules.ts`, for what comes below an exception (the same test). */
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
  const paths = rules.filter(rule => rule.below).map(rule => rule.path)
  return paths.length === 0 ? [] : [`${anyOf(paths)}${rest}`]
}

/** One of the paths. Their first slash stands there once for all; the path of `/*` alone has none. */
function anyOf(paths: readonly string[]): string {
  const areRooted = paths.every(path => path.startsWith('/'))
  const texts = paths.map(path => literal(areRooted ? path.slice(1) : path))
  return `${areRooted ? '\\/' : ''}(?:${texts.join('|')})`
}

function whole(alternatives: readonly string[], rest = ''): string {
  return alternatives.length === 0 ? NOTHING : `^(?:${alternatives.join('|')})${rest}${END}`
}

function literal(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
