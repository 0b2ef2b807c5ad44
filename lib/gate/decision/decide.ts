/**
 * The gate's decision: pure, offline, the same for every adapter. It reads one request and says who
 * walks through, who is sent to the room and who is told no. No call to the room, no clock, no chance.
 */

import type { GateConfig } from '../options/config.ts'
import { NONCE_SECONDS, REFUSALS_SECONDS } from '../options/limits.ts'
import type { GateMode } from '../options/options.ts'
import { isExcepted, isProtected } from '../options/path-rules.ts'
import { cleanAddress, type OwnAddress, ownAddress, pageOf, returnAddressOf } from './address.ts'
import { cookieNames, type GateCookies, readCookies, setCookie } from './cookies.ts'
import { isForScript, isNavigation } from './navigation.ts'
import { isNonce, nonceHash } from './nonce.ts'
import { type PassRefusal, passIn, sessionIn } from './proof.ts'
import { oneMoreRefusal } from './refusals.ts'
import { type Session, signSession } from './session.ts'

export interface GateRequest {
  readonly method: string
  /** Absolute, as the server saw it, with its query. Path and query alone do where `publicUrl` is set. */
  readonly url: string
  /** The headers Cookie, Accept, Sec-Fetch-Mode and Referer, if they came. */
  readonly cookie?: string | undefined
  readonly accept?: string | undefined
  readonly fetchMode?: string | undefined
  readonly referer?: string | undefined
}

/** Cookies are complete Set-Cookie lines, locations absolute addresses. */
export type GateDecision =
  /** The showroom answers. `via` says why; the session is the visitor's, wherever they have one. */
  | { status: 'through'; via: Via; session?: Session }
  /** A valid pass: the session begins, at the address without the pass. */
  | { status: 'enter'; location: string; cookies: readonly string[]; session: Session }
  /** The pass in the address is of no use (any more): the same address without it. */
  | { status: 'clean'; location: string }
  /** No session: to the waiting room. `refusal` is there when a pass came and was refused. */
  | { status: 'to-room'; location: string; cookies: readonly string[]; refusal?: PassRefusal }
  | GateRefusal

/**
 * Why a request comes through: a session; one that has ended, on `gracePaths`; a path that needs none;
 * a gate that is open, or off.
 */
export type Via = 'session' | 'grace' | 'unprotected' | 'open' | 'off'

/** An answer instead of a redirect; `location` leads to the room all the same. */
export type GateRefusal = {
  status: 'refused'
  httpStatus: 401 | 403 | 503
  location: string
  cookies: readonly string[]
  /** Whether the caller is a script rather than a person. */
  json: boolean
} & ({ code: 'no-session' } | { code: 'pass-refused'; refusal: PassRefusal })

/**
 * @param randomNonce 128 bits and more of chance, base64url (`isNonce`); used only where the browser
 *   has no nonce yet.
 */
export function decide(
  request: GateRequest,
  config: GateConfig,
  nowMs: number,
  randomNonce: string,
): GateDecision {
  const address = ownAddress(request.url, config.publicOrigin)
  const cookies = readCookies(request.cookie, config.room)
  const session = sessionIn(cookies, config, nowMs)
  const needed = isProtected(address.path, config.rules)

  const mode = modeAt(config.mode, nowMs)
  if (mode !== 'on') return through(needed ? mode : 'unprotected', session)

  const visit = { request, config, nowMs, randomNonce, address, cookies }
  const navigation = isNavigation(request)
  const pass = navigation ? passIn(address.search, cookies, config, nowMs) : undefined
  // A later end means another, newer turn. The same turn again adds nothing to the session.
  if (pass?.status === 'valid' && pass.session.endsAtMs > (session?.endsAtMs ?? 0)) {
    return enter(visit, pass.session)
  }
  const ended = session === undefined ? endedSession(cookies, address, config, nowMs) : undefined
  if (pass !== undefined && (session !== undefined || ended !== undefined || !needed)) {
    return { status: 'clean', location: cleanAddress(address) }
  }
  if (!needed) return through('unprotected', session)
  if (session !== undefined) return through('session', session)
  if (ended !== undefined) return through('grace', ended)
  if (pass?.status === 'refused') return refusePass(visit, pass.refusal)
  if (!navigation) return refuseCaller(visit)
  return { status: 'to-room', ...toRoom(visit, address, config.wayUrl) }
}

/** What is known of a request while it is decided on. */
interface Visit {
  readonly request: GateRequest
  readonly config: GateConfig
  readonly nowMs: number
  readonly randomNonce: string
  readonly address: OwnAddress
  readonly cookies: GateCookies
}

function through(via: Via, session: Session | undefined): GateDecision {
  return session === undefined ? { status: 'through', via } : { status: 'through', via, session }
}

function modeAt(mode: GateMode, nowMs: number): 'on' | 'off' | 'open' {
  if (typeof mode === 'string') return mode
  return nowMs < mode.openUntilMs ? 'open' : 'on'
}

/** A session that has ended, on a path where its visitor may still be paying. */
function endedSession(
  cookies: GateCookies,
  { path }: OwnAddress,
  config: GateConfig,
  nowMs: number,
): Session | undefined {
  if (!isExcepted(path, config.gracePaths)) return undefined
  return sessionIn(cookies, config, nowMs - config.graceSeconds * 1000)
}

function enter(visit: Visit, session: Session): GateDecision {
  const { address, config, cookies, nowMs } = visit
  const [key] = config.keys
  if (key === undefined) throw new Error('a pass was accepted without a key')
  const token = signSession(session, config.room, nowMs, key)
  // the cookie must outlive the session, or there would be nothing left to honour
  const seconds = Math.ceil((session.endsAtMs - nowMs) / 1000) + config.graceSeconds
  const lines = [cookieLine(visit, cookieNames.session(config.room), token, seconds)]
  if (cookies.refusals.length > 0) {
    lines.push(cookieLine(visit, cookieNames.refusals(config.room), '', 0))
  }
  return { status: 'enter', location: cleanAddress(address), cookies: lines, session }
}

function refusePass(visit: Visit, refusal: PassRefusal): GateDecision {
  const { config, cookies, nowMs } = visit
  const back = toRoom(visit, visit.address)
  const refusals = oneMoreRefusal(cookies.refusals, nowMs)
  const name = cookieNames.refusals(config.room)
  back.cookies.push(cookieLine(visit, name, refusals.text, REFUSALS_SECONDS))
  if (!refusals.isLoop) return { status: 'to-room', ...back, refusal }
  // what a visitor can mend is theirs (403), differing keys and clocks are the site's (503)
  const httpStatus = refusal === 'foreign-browser' || refusal === 'departed' ? 403 : 503
  return { status: 'refused', code: 'pass-refused', httpStatus, refusal, json: false, ...back }
}

/** A script, a form or a picture without a session is refused, and nothing that it asks is done. */
function refuseCaller(visit: Visit): GateDecision {
  const { fetchMode, referer } = visit.request
  const { location, cookies } = toRoom(visit, pageOf(referer, visit.address))
  return {
    status: 'refused',
    code: 'no-session',
    httpStatus: 401,
    location,
    // no page reads what a picture or a style sheet was answered: no nonce for each of them
    cookies: fetchMode === 'no-cors' ? [] : cookies,
    json: isForScript(visit.request),
  }
}

/**
 * The address of the room, with the return address and the hash of the browser's nonce, and the cookie
 * with the nonce. A nonce that the browser has is used again, so that its tabs share it.
 */
function toRoom(visit: Visit, back: OwnAddress | undefined, url = visit.config.waitingUrl) {
  const { config, cookies, randomNonce } = visit
  const nonce = cookies.nonces.find(isNonce) ?? randomNonce
  const to = back === undefined ? undefined : returnAddressOf(back)
  const query = to === undefined ? '' : `to=${encodeURIComponent(to)}&`
  const name = cookieNames.nonce(config.room, nonce)
  return {
    location: `${url}?${query}nonce=${nonceHash(nonce)}`,
    cookies: [cookieLine(visit, name, nonce, NONCE_SECONDS)],
  }
}

function cookieLine(visit: Visit, name: string, value: string, seconds: number): string {
  const isSecure = visit.config.secureCookies ?? /^https:/i.test(visit.address.origin)
  return setCookie({ name, value, seconds, isSecure })
}
