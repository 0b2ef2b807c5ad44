/**
 * The gate's decision at the edge: for each request that of `../decision/decide.ts`. Two things differ:
 * departures are unknown here, and without a key in the store nobody can prove anything.
 */
import { prefersJson } from '../decision/navigation.ts'
import { oneMoreRefusal } from '../decision/refusals.ts'
import { REFUSALS_SECONDS } from '../options/limits.ts'
import { redirect, refusal } from './answers.ts'
import { through } from './let-through.ts'
import { type EdgeRefusal, type EdgeSession, passIn, sessionAt, signedSession } from './proof.ts'
import { cleanAddress } from './request/address.ts'
import { type EdgeKey, keysIn, modeIn } from './request/config.ts'
import { cookie, cookiesOf, nameOf } from './request/cookies.ts'
import type { EdgeAnswer, EdgeRequest } from './request/runtime.ts'
import { askedAddress, askingPage, type EdgeVisit } from './request/visit.ts'
import { type WayToRoom, wayToRoom } from './way-to-room.ts'

/** @param stored what the store has; undefined where it has nothing. */
export function decided(visit: EdgeVisit, stored: unknown): EdgeRequest | EdgeAnswer {
  const config = visit.config
  const nowMs = visit.nowMs
  const keys = keysIn(stored)
  const key = keys[0]
  const session = sessionAt(visit, keys, nowMs)

  const mode = modeIn(stored, nowMs)
  if (mode !== 'on') return through(visit, mode, session)

  const pass = passIn(visit, keys)
  // A later end means another, newer turn. The same turn again adds nothing to the session.
  if (key && typeof pass === 'object' && (!session || pass.endsAt > session.endsAt)) {
    return enter(visit, pass, key)
  }
  // Somebody whose session has ended may be in the middle of paying.
  const ended =
    !session && config.grace.test(visit.asked.uri)
      ? sessionAt(visit, keys, nowMs - config.graceSeconds * 1000)
      : undefined
  if (pass && (session || ended || !visit.isNeeded)) {
    return redirect({ where: cleanAddress(askedAddress(visit)), keep: {} })
  }
  if (session || !visit.isNeeded) return through(visit, 'session', session)
  if (ended) return through(visit, 'grace', ended)

  const page = visit.navigates ? askedAddress(visit) : askingPage(visit)
  const way = (url: string) => wayToRoom(visit, key, page, url)
  if (key && typeof pass === 'string') return refusePass(visit, way(config.waitingUrl), pass)
  if (key && visit.navigates) return redirect(way(config.wayUrl))
  return refuseCaller(visit, way(config.waitingUrl), key === undefined)
}

function enter(visit: EdgeVisit, session: EdgeSession, key: EdgeKey): EdgeAnswer {
  const graceSeconds = visit.config.graceSeconds
  const seconds = Math.ceil((session.endsAt * 1000 - visit.nowMs) / 1000) + graceSeconds
  const keep: WayToRoom['keep'] = {}
  keep[nameOf(visit, '')] = cookie(signedSession(visit, session, key), seconds)
  const refusals = nameOf(visit, '.refusals')
  if (visit.asked.cookies[refusals]) keep[refusals] = cookie('', 0)
  return redirect({ where: cleanAddress(askedAddress(visit)), keep: keep })
}

function refusePass(visit: EdgeVisit, way: WayToRoom, reason: EdgeRefusal): EdgeAnswer {
  const name = nameOf(visit, '.refusals')
  const refusals = oneMoreRefusal(cookiesOf(visit, name), visit.nowMs)
  way.keep[name] = cookie(refusals.text, REFUSALS_SECONDS)
  if (!refusals.isLoop) return redirect(way)
  // what a visitor can mend is theirs (403), differing keys and clocks are the site's (503)
  return refusal(visit, reason === 'foreign-browser' ? 403 : 503, reason, way, false)
}

/** A script, a form or a picture without a session, or anybody at a gate without a key: told so. */
function refuseCaller(visit: EdgeVisit, way: WayToRoom, isKeyless: boolean): EdgeAnswer {
  const accept = visit.accept
  const forPerson = visit.fetchMode === 'navigate' || accept.toLowerCase().includes('text/html')
  const json = !forPerson || prefersJson(accept)
  if (isKeyless) return refusal(visit, 503, 'no-keys', way, json)
  // no page reads what a picture or a style sheet was answered: no nonce for each of them
  const keep = visit.fetchMode === 'no-cors' ? {} : way.keep
  return refusal(visit, 401, 'no-session', { where: way.where, keep: keep }, json)
}
