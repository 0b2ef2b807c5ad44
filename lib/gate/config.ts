/** The configuration of a gate: checked once, when the showroom starts. */
import { AntichambreError } from '../queue/errors.ts'
import { type NamesOf, nameComplaint } from '../queue/names.ts'
import type { SigningKey } from '../queue/token.ts'
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
import {
  bypassRule,
  type PathRule,
  type PathRules,
  pathRuleComplaint,
  protectRule,
} from './path-rules.ts'

/**
 * `on`: a session is needed. `off`, or open until a stated time: everybody walks through, every
 * answer says so (`antichambre-gate: off` or `open`), and nothing is signed.
 */
export type GateMode = 'on' | 'off' | { readonly openUntilMs: number }

const WAYS = ['page', 'through'] as const
export type GateWay = (typeof WAYS)[number]

export interface GateOptions {
  /** The room's id. */
  readonly room: string
  /** The address in front of `/r/:room`, such as `https://wait.example`: http(s), no query. */
  readonly roomUrl: string
  /**
   * The room's gate keys, the current one first: it signs sessions, all of them are accepted. A
   * function is asked at each request, so that keys can rotate while the showroom runs.
   */
  readonly keys: readonly SigningKey[] | (() => readonly SigningKey[])
  /**
   * The showroom's origin as visitors see it, such as `https://shop.example`. Set it behind a proxy
   * or wherever the Host header is not checked. Cookies belong to one host: visitors who come by
   * another (`www.shop.example`) must be redirected to this one before the gate, for their pass
   * would meet them here without their nonce.
   * @default the origin of each request
   */
  readonly publicUrl?: string | undefined
  /**
   * Paths that need a session: `/sale` (that path alone) or `/sale/*` (it and all below).
   * @default ['/*'], everything
   */
  readonly protect?: readonly string[] | undefined
  /**
   * Exceptions, written as browsers write them: they count only for paths spelled exactly so.
   * @default none
   */
  readonly bypass?: readonly string[] | undefined
  /**
   * Where a session that has ended is honoured for `graceSeconds` more, so that nobody is thrown out
   * in the middle of paying. Written like `bypass`. The room counts their seats as free by then.
   * @default none
   */
  readonly gracePaths?: readonly string[] | undefined
  /**
   * 1 .. 3,600, whole. Without `gracePaths` it would do nothing, and is refused.
   * @default 300, where there are `gracePaths`
   */
  readonly graceSeconds?: number | undefined
  /**
   * Whether cookies are for https alone.
   * @default true when `publicUrl`, or else the request, has https
   */
  readonly secureCookies?: boolean | undefined
  /**
   * A function is asked at each request.
   * @default 'on'
   */
  readonly mode?: GateMode | (() => GateMode) | undefined
  /**
   * Where browsers without a session are sent. `page`: to the waiting page. `through`: to the room's
   * open way, for rooms in mode `auto` or `off`. While nobody waits it sends them back at once with
   * a pass, so that one redirect there and one back is all they see; else it sends them on to the
   * waiting page, which in a room in mode `line` is one request behind the CDN for nothing. As the
   * open way may take a seat at each visit, whoever brings a pass that is refused, and a link shown
   * to a form or a script, is led to the waiting page in either case.
   * @default 'page'
   */
  readonly way?: GateWay | undefined
  /**
   * Ends sessions before their time: a ticket for which this is true gets in no more. It is asked
   * at each request that brings a valid session, so it must be fast.
   * @default nobody's session ends early
   */
  readonly hasDeparted?: ((ticketId: string) => boolean) | undefined
}

export const GATE_OPTIONS: NamesOf<GateOptions> = {
  room: true,
  roomUrl: true,
  keys: true,
  publicUrl: true,
  protect: true,
  bypass: true,
  gracePaths: true,
  graceSeconds: true,
  secureCookies: true,
  mode: true,
  way: true,
  hasDeparted: true,
}

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
  readonly grace: readonly PathRule[]
  /** 0 where no path has grace. */
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
    grace: gracePaths.map(bypassRule),
    graceSeconds: gracePaths.length === 0 ? 0 : (graceSeconds ?? ENDED_GRACE_SECONDS.default),
    secureCookies: options.secureCookies,
    mode,
    hasDeparted: options.hasDeparted ?? (() => false),
  }
}

/** @throws AntichambreError `bad-request`, naming every option that there is not. */
export function refuseUnknown<Options extends object>(
  given: Options,
  known: NamesOf<Options>,
  path = '',
): void {
  const text = nameComplaint('option', given, Object.keys(known), path)
  if (text !== undefined) refuse([text])
}

/** `<roomUrl>/r/<room>`, without a doubled slash. */
export function addressOfRoom(roomUrl: string, room: string): string {
  return `${roomUrl.replace(/\/+$/, '')}/r/${room}`
}

function current<Value>(given: Value | (() => Value)): Value {
  return given instanceof Function ? given() : given
}

function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
}
