/**
 * The gate's decision at the edge: for each request that of `../decision/decide.ts`. Two things differ:
 * departures are unknown here, and without a key in the store nobody can prove anything.
 */
import { oneMoreRefusal } from '../decision/refusals.ts'
import { REFUSALS_SECONDS } from '../options/limits.ts'
import { redirect, refusal } from './answers.ts'
import { through } from './let-through.ts'
import { type EdgeRefusal, type EdgeSession, passIn, sessionAt, signedSession } from './proof.ts'
import { cleanAddress } from './request/address.ts'
import { cookie, cookiesOf, nameOf } from './request/cookies.ts'
import { type EdgeKey, keysIn, modeIn } from './request/edge-config.ts'
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
  if (!key) return refusal(visit, way(config.waitingUrl), 'no-keys')
  if (typeof pass === 'string') return refusePass(visit, way(config.waitingUrl), pass)
  return visit.navigates
    ? redirect(way(config.wayUrl))
    : refuseCaller(visit, way(config.waitingUrl))
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
  return refusals.isLoop ? refusal(visit, way, reason) : redirect(way)
}

/** A script, a form or a picture without a session: told so, and nothing of it is done. */
function refuseCaller(visit: EdgeVisit, way: WayToRoom): EdgeAnswer {
  // no page reads what a picture or a style sheet was answered: no nonce for each of them
  const keep = visit.fetchMode === 'no-cors' ? {} : way.keep
  return refusal(visit, { where: way.where, keep: keep }, 'no-session')
}
