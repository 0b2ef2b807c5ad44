/** What a browser brings: a session in its cookies, a pass in the address. */
import { verifyPass } from '../../queue/tokens/pass.ts'
import type { GateConfig } from '../options/config.ts'
import { passesIn } from './address.ts'
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
  const tokens = passesIn(search)
  // most requests bring none, and a hash for each nonce would be the half of what they cost
  if (tokens.length === 0) return undefined
  const hashes = cookies.nonces.filter(isNonce).map(nonceHash)
  let refused: PassAtGate | undefined
  for (const token of tokens) {
    const outcome = checkedPass(token, hashes, config, nowMs)
    if (outcome.status === 'valid') return outcome
    refused ??= outcome
  }
  return refused
}

function checkedPass(
  token: string,
  nonceHashes: readonly string[],
  config: GateConfig,
  nowMs: number,
): PassAtGate {
  const outcome = verifyPass(token, config.room, nonceHashes, nowMs, config.keys)
  if (outcome.status === 'invalid') return { status: 'refused', refusal: outcome.reason }
  const session = { ticketId: outcome.pass.sub, endsAtMs: outcome.pass.sessionExp * 1000 }
  // clocks may differ for a pass, but a session that is over would only send the visitor back
  if (isOver(session.endsAtMs, nowMs)) return { status: 'refused', refusal: 'expired' }
  if (config.hasDeparted(session.ticketId)) return { status: 'refused', refusal: 'departed' }
  return { status: 'valid', session }
}
