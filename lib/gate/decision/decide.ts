/**
 * The gate's decision, the same for every adapter. It reads one request and says whether the visitor goes through,
 * is sent to the room or is refused. It is pure: it asks nobody, and time and chance are arguments.
 */

import type { GateConfig } from '../options/config.ts'
import { NONCE_SECONDS, REFUSALS_SECONDS } from '../options/limits.ts'
import type { GateMode } from '../options/options.ts'
import { isExcepted, isProtected } from '../options/path-rules.ts'
import { cleanAddress, type OwnAddress, ownAddress, pageOf, returnAddressOf } from './address.ts'
import { cookieNames, type GateCookies, readCookies, setCookie } from './cookies.ts'
import { oneMoreRefusal } from './loop-breaker.ts'
import { isForScript, isNavigation } from './navigation.ts'
import { isNonce, nonceHash } from './nonce.ts'
import { type PassRefusal, passIn, sessionIn } from './proof.ts'
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
  /** The pass in the address is not needed: the visitor has a session, or the path needs none. The same address without it. */
  | { status: 'clean'; location: string }
  /** No session: to the waiting room. `refusal` is there when a pass came and was refused. */
  | { status: 'to-room'; location: string; cookies: readonly string[]; refusal?: PassRefusal }
  | GateRefusal

/**
 * Why a request comes through: a session; one that has ended, on `gracePaths`; a path that needs none;
 * a gate that is open, or off.
 */
export type Via = 'session' | 'grace' | 'unprotected' | 'open' | 'off'

/** An answer in place of a redirect. `location` is the address of the room, for a link in it. */
export type GateRefusal = {
  status: 'refused'
  httpStatus: 401 | 403 | 503
  location: string
  cookies: readonly string[]
  /** Is the caller a script, which reads JSON, and not a person? */
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
  const needsSession = isProtected(address.path, config.rules)

  const mode = modeAt(config.mode, nowMs)
  if (mode !== 'on') return through(needsSession ? mode : 'unprotected', session)

  const visit = { request, config, nowMs, randomNonce, address, cookies }
  const isNavigating = isNavigation(request)
  const pass = isNavigating ? passIn(address.search, cookies, config, nowMs) : undefined
  // A later end means another, newer turn. The same turn again adds nothing to the session.
  if (pass?.status === 'valid' && pass.session.endsAtMs > (session?.endsAtMs ?? 0)) {
    return enter(visit, pass.session)
  }
  const inGrace =
    session === undefined ? sessionInGrace(cookies, address, config, nowMs) : undefined
  if (pass !== undefined && (session !== undefined || inGrace !== undefined || !needsSession)) {
    return { status: 'clean', location: cleanAddress(address) }
  }
  if (!needsSession) return through('unprotected', session)
  if (session !== undefined) return through('session', session)
  if (inGrace !== undefined) return through('grace', inGrace)
  if (pass?.status === 'refused') return refusePass(visit, pass.refusal)
  if (!isNavigating) return refuseCaller(visit)
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

/** A session that ended at most `graceSeconds` ago, on one of `gracePaths`: its visitor may still be paying. */
function sessionInGrace(
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
  // the browser must keep the cookie until the grace is over
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
  // 403 for what the visitor can mend; 503 for what the site must mend: keys or clocks that differ
  const httpStatus = refusal === 'foreign-browser' || refusal === 'departed' ? 403 : 503
  return { status: 'refused', code: 'pass-refused', httpStatus, refusal, json: false, ...back }
}

/** A script, a form or a picture without a session is refused; the showroom does not get the request. */
function refuseCaller(visit: Visit): GateDecision {
  const { fetchMode, referer } = visit.request
  const { location, cookies } = toRoom(visit, pageOf(referer, visit.address))
  return {
    status: 'refused',
    code: 'no-session',
    httpStatus: 401,
    location,
    // a picture or a style sheet gets no nonce: its answer leads nobody to the room
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
