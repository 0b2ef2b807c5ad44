/**
 * The gate's decision at the edge. For each request it is that of `../decision/decide.ts`
 * (`test/gate/alike.test.ts`, `test/gate/cases.test.ts`), but for two things: departures are unknown
 * here, and while the store has no key nobody can prove anything.
 */
import { oneMoreRefusal } from '../decision/loop-breaker.ts'
import { REFUSALS_SECONDS } from '../options/limits.ts'
import { redirect, refusal } from './answers.ts'
import { through } from './let-through.ts'
import { type EdgeRefusal, type EdgeSession, passIn, sessionAt, signedSession } from './proof.ts'
import { cleanAddress } from './request/address.ts'
import { cookie, cookiesOf, nameOf } from './request/cookies.ts'
import { type EdgeKey, keysIn, modeIn } from './request/edge-config.ts'
import type { EdgeAnswer, EdgeRequest } from './request/runtime.ts'
import { askedAddress, askingPage, type EdgeVisit } from './request/visit.ts'
import { type ToRoom, toRoom } from './to-room.ts'

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
  // A visitor whose session has ended may be in the middle of paying.
  const ended =
    !session && config.gracePaths.test(visit.asked.uri)
      ? sessionAt(visit, keys, nowMs - config.graceSeconds * 1000)
      : undefined
  if (pass && (session || ended || !visit.isNeeded)) {
    return redirect({ where: cleanAddress(askedAddress(visit)), keep: {} })
  }
  if (session || !visit.isNeeded) return through(visit, 'session', session)
  if (ended) return through(visit, 'grace', ended)

  const page = visit.navigates ? askedAddress(visit) : askingPage(visit)
  const to = (url: string) => toRoom(visit, key, page, url)
  if (!key) return refusal(visit, to(config.waitingUrl), 'no-keys')
  if (typeof pass === 'string') return refusePass(visit, to(config.waitingUrl), pass)
  return visit.navigates ? redirect(to(config.wayUrl)) : refuseCaller(visit, to(config.waitingUrl))
}

function enter(visit: EdgeVisit, session: EdgeSession, key: EdgeKey): EdgeAnswer {
  const graceSeconds = visit.config.graceSeconds
  const seconds = Math.ceil((session.endsAt * 1000 - visit.nowMs) / 1000) + graceSeconds
  const keep: ToRoom['keep'] = {}
  keep[nameOf(visit, '')] = cookie(signedSession(visit, session, key), seconds)
  const refusals = nameOf(visit, '.refusals')
  if (visit.asked.cookies[refusals]) keep[refusals] = cookie('', 0)
  return redirect({ where: cleanAddress(askedAddress(visit)), keep: keep })
}

function refusePass(visit: EdgeVisit, to: ToRoom, reason: EdgeRefusal): EdgeAnswer {
  const name = nameOf(visit, '.refusals')
  const refusals = oneMoreRefusal(cookiesOf(visit, name), visit.nowMs)
  to.keep[name] = cookie(refusals.text, REFUSALS_SECONDS)
  return refusals.isLoop ? refusal(visit, to, reason) : redirect(to)
}

/** A script, a form or a picture without a session is refused, and nothing that it asks is done. */
function refuseCaller(visit: EdgeVisit, to: ToRoom): EdgeAnswer {
  // no page reads what a picture or a style sheet was answered: no nonce for each of them
  const keep = visit.fetchMode === 'no-cors' ? {} : to.keep
  return refusal(visit, { where: to.where, keep: keep }, 'no-session')
}
