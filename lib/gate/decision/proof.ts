/** What a browser brings: a session in its cookies, a pass in the address. */
import { type ClaimsRefusal, isReached } from '../../queue/tokens/claims.ts'
import { verifyPass } from '../../queue/tokens/pass.ts'
import type { GateConfig } from '../options/config.ts'
import { passesIn } from './address.ts'
import type { GateCookies } from './cookies.ts'
import { isNonce, nonceHash } from './nonce.ts'
import { type Session, verifySession } from './session.ts'

/** Why a pass does not get in. */
export type PassRefusal = ClaimsRefusal | 'foreign-browser' | 'departed'

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
    const outcome = verifySession(token, { room: config.room, nowMs, keys: config.keys })
    if (outcome.status === 'valid' && !config.hasDeparted(outcome.session.ticketId)) {
      return outcome.session
    }
  }
  return undefined
}

/** The first pass of the query that is valid. Where none is, why the first is refused; undefined where there is none. */
export function passIn(
  search: string,
  cookies: GateCookies,
  config: GateConfig,
  nowMs: number,
): PassAtGate | undefined {
  const tokens = passesIn(search)
  // most requests bring no pass: for them the nonces are not hashed, which would be half of their cost
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
  const { room, keys } = config
  const outcome = verifyPass(token, { room, nonceHashes, nowMs, keys })
  if (outcome.status === 'invalid') return { status: 'refused', refusal: outcome.reason }
  const { sub: ticketId, sessionExp } = outcome.pass
  // a pass may be late by the skew of the clocks, but no session begins that is over already
  if (isReached(sessionExp, nowMs)) return { status: 'refused', refusal: 'expired' }
  if (config.hasDeparted(ticketId)) return { status: 'refused', refusal: 'departed' }
  return { status: 'valid', session: { ticketId, endsAtMs: sessionExp * 1000 } }
}
