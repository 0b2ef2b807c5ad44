/** What a browser brings: a session in its cookies, a pass in the address. */
import { verifyPass } from '../queue/pass.ts'
import { passesIn } from './address.ts'
import type { GateConfig } from './config.ts'
import type { GateCookies } from './cookies.ts'
import { isNonce, nonceHash } from './nonce.ts'
import { isOver, type Session, verifySession } from './session.ts'

/** Why a pass does not get in. */
export type PassRefusal =
  | 'forged'
  | 'foreign-room'
  | 'expired'
  | 'early'
  | 'foreign-browser'
  | 'departed'

export type PassAtGate =
  | { status: 'valid'; session: Session }
  | { status: 'refused'; refusal: PassRefusal }

/** The first valid session among the cookies. */
export function sessionIn(
  cookies: GateCookies,
  config: GateConfig,
  nowMs: number,
): Session | undefined {
  for (const token of cookies.sessions) {
    const outcome = verifySession(token, config.room, nowMs, config.keys)
    if (outcome.status === 'valid' && !config.hasDeparted(outcome.session.ticketId)) {
      return outcome.session
    }
  }
  return undefined
}

/** The first pass of the query that gets in; else why the first of them does not. */
export function passIn(
  search: string,
  cookies: GateCookies,
  config: GateConfig,
  nowMs: number,
): PassAtGate | undefined {
  const hashes = cookies.nonces.filter(isNonce).map(nonceHash)
  let refused: PassAtGate | undefined
  for (const token of passesIn(search)) {
    const outcome = checkedPass(token, hashes, config, nowMs)
    if (outcome.status === 'valid') return outcome
    refused ??= outcome
  }
  return refused
}

function checkedPass(
  token: string,
  hashes: readonly string[],
  config: GateConfig,
  nowMs: number,
): PassAtGate {
  const refused = (refusal: PassRefusal): PassAtGate => ({ status: 'refused', refusal })
  for (const hash of hashes.length === 0 ? [undefined] : hashes) {
    const outcome = verifyPass(token, config.room, hash, nowMs, config.keys)
    if (outcome.status === 'invalid' && outcome.reason === 'foreign-browser') continue
    if (outcome.status === 'invalid') return refused(outcome.reason)
    const session = { ticketId: outcome.pass.sub, endsAtMs: outcome.pass.sessionExp * 1000 }
    // clocks may differ for a pass, but a session that is over would only send the visitor back
    if (isOver(session.endsAtMs, nowMs)) return refused('expired')
    if (config.hasDeparted(session.ticketId)) return refused('departed')
    return { status: 'valid', session }
  }
  return refused('foreign-browser')
}
