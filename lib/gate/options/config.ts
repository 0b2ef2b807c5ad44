/** The configuration of a gate: checked once, when the showroom starts. */
import type { SigningKey } from '../../queue/tokens/token.ts'
import {
  bypassComplaint,
  complaint,
  graceComplaints,
  isPlainAddress,
  keyComplaints,
  listComplaints,
  modeComplaints,
  roomComplaints,
} from './complaints.ts'
import { ENDED_GRACE_SECONDS } from './limits.ts'
import { type GateMode, type GateOptions, refuse, WAYS } from './options.ts'
import {
  bypassRule,
  type PathRule,
  type PathRules,
  pathRuleComplaint,
  protectRule,
} from './path-rules.ts'

/** A checked configuration with its defaults: what `decide` takes. */
export interface GateConfig {
  readonly room: string
  /** `<roomUrl>/r/<room>` */
  readonly waitingUrl: string
  /** Where browsers without a session are sent: the waiting page, or the open way. */
  readonly wayUrl: string
  readonly keys: readonly SigningKey[]
  readonly publicOrigin: string | undefined
  readonly rules: PathRules
  readonly gracePaths: readonly PathRule[]
  /** 0 where there are no `gracePaths`. */
  readonly graceSeconds: number
  readonly secureCookies: boolean | undefined
  readonly mode: GateMode
  readonly hasDeparted: (ticketId: string) => boolean
}

/**
 * Checks the options, now and for keys and mode that functions give at each later call.
 * @returns the configuration of this moment.
 * @throws AntichambreError `bad-request`, naming every option that is wrong.
 */
export function liveGateConfig(options: GateOptions): () => GateConfig {
  const first = parseGateConfig(options)
  const { keys, mode } = options
  if (typeof keys !== 'function' && typeof mode !== 'function') return () => first
  return () => {
    const now = { ...first, keys: current(keys), mode: current(mode ?? 'on') }
    refuse([...keyComplaints(now.keys), ...modeComplaints(now.mode)])
    return now
  }
}

/** @throws AntichambreError `bad-request`, naming every option that is wrong. */
export function parseGateConfig(options: GateOptions): GateConfig {
  const { room, roomUrl, publicUrl, protect = ['/*'], bypass = [], way = 'page' } = options
  const { gracePaths = [], graceSeconds } = options
  // an app without types may have given anything
  refuse(Object.entries({ protect, bypass, gracePaths }).flatMap(listComplaints))
  const keys = current(options.keys)
  const mode = current(options.mode ?? 'on')
  refuse([
    ...roomComplaints(room, roomUrl),
    ...(publicUrl === undefined ||
    (isPlainAddress(publicUrl) && new URL(publicUrl).pathname === '/')
      ? []
      : ['publicUrl: an origin is allowed, such as https://shop.example']),
    ...(protect.length > 0 ? [] : ['protect: at least one rule is needed, none came']),
    ...protect.flatMap(rule => complaint('protect', pathRuleComplaint(rule))),
    ...bypass.flatMap(rule => complaint('bypass', bypassComplaint(rule))),
    ...gracePaths.flatMap(rule => complaint('gracePaths', pathRuleComplaint(rule))),
    ...graceComplaints(graceSeconds, gracePaths),
    ...keyComplaints(keys),
    ...modeComplaints(mode),
    ...(WAYS.includes(way) ? [] : [`way: ${WAYS.join(' or ')} is allowed`]),
  ])
  const waitingUrl = addressOfRoom(roomUrl, room)
  return {
    room,
    waitingUrl,
    wayUrl: way === 'through' ? `${waitingUrl}/through` : waitingUrl,
    keys,
    publicOrigin: publicUrl === undefined ? undefined : new URL(publicUrl).origin,
    rules: { protect: protect.map(protectRule), bypass: bypass.map(bypassRule) },
    gracePaths: gracePaths.map(bypassRule),
    graceSeconds: gracePaths.length === 0 ? 0 : (graceSeconds ?? ENDED_GRACE_SECONDS.default),
    secureCookies: options.secureCookies,
    mode,
    hasDeparted: options.hasDeparted ?? (() => false),
  }
}

/** `<roomUrl>/r/<room>`, without a doubled slash. */
export function addressOfRoom(roomUrl: string, room: string): string {
  return `${roomUrl.replace(/\/+$/, '')}/r/${room}`
}

function current<Value>(given: Value | (() => Value)): Value {
  return given instanceof Function ? given() : given
}
