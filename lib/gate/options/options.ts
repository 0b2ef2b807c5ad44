/** What an owner says of a gate. */
import { AntichambreError } from '../../queue/errors.ts'
import { type NamesOf, nameComplaint } from '../../queue/names.ts'
import type { SigningKey } from '../../queue/tokens/token.ts'

/**
 * `on`: a session is needed. `off`, or open until a stated time: everybody walks through, every
 * answer says so (`antichambre-gate: off` or `open`), and nothing is signed.
 */
export type GateMode = 'on' | 'off' | { readonly openUntilMs: number }

export const WAYS = ['page', 'through'] as const

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
   * waiting page, which in a room in mode `line` is one request behind the CDN for nothing. The open
   * way may take a seat at each visit. So a visitor whose pass was refused, and the link that a form or
   * a script is given, always lead to the waiting page.
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

/** @throws AntichambreError `bad-request`, naming every option that there is not. */
export function refuseUnknown<Options extends object>(
  given: Options,
  known: NamesOf<Options>,
  path = '',
): void {
  const text = nameComplaint('option', given, Object.keys(known), path)
  if (text !== undefined) refuse([text])
}

export function refuse(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
}
