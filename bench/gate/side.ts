/** What is measured at a gate: three requests of one visitor. */
import { createHash, randomBytes } from 'node:crypto'
import { signSession } from '../../lib/gate/decision/session.ts'
import { passClaims, signPass } from '../../lib/queue/tokens/pass.ts'

/** One request of each kind, decided. Each throws where the decision is not the expected one. */
export interface Side {
  /** With a session: every request in the showroom. */
  session(): Promise<void>
  /** With nothing: away to the room. */
  toRoom(): Promise<void>
  /** With a pass in the address, once: the session begins. */
  enter(): Promise<void>
}

export const ROOM = 'demo'

/** What a browser accepts on its way to a page. */
export const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const QUERY = 'colour=red'

/**
 * Tokens are made once and used until the run ends, minutes later on a slow machine. So they last a day (failure mode 79): a
 * real pass of 60 s would run out. A decision costs the same however long they last.
 */
export const LASTS_SECONDS = 86_400

export type Visitor = ReturnType<typeof visitorAt>

/** What one visitor's browser sends: first nothing, then a pass, then a session. */
export function visitorAt(nowMs: number) {
  const key = { id: 'k1', secret: randomBytes(32) }
  const endsAtMs = nowMs + LASTS_SECONDS * 1000
  const nonce = randomBytes(16).toString('base64url')
  const hash = createHash('sha256').update(nonce).digest('base64url')
  const session = signSession({ ticketId: '0.3.41', endsAtMs }, ROOM, nowMs, key)
  const jti = '7c1ad3f2-9a0e-4b52-8f0a-3f6b1d2e4c55'
  const turn = { room: ROOM, ticketId: '0.3.41', jti, nonce: hash, nowMs }
  const claims = passClaims({ ...turn, sessionEndsAtMs: endsAtMs })
  const pass = signPass({ ...claims, exp: claims.sessionExp }, key)
  const others = { theme: 'dark', consent: '1' }
  const sent = { ...others, [`antichambre-${ROOM}.nonce-${nonce.slice(0, 4)}`]: nonce }
  const cookies = {
    // the nonce stays with the browser for as long as a ticket
    session: { ...sent, [`antichambre-${ROOM}`]: session },
    toRoom: others,
    enter: sent,
  }
  const queries = { session: QUERY, toRoom: QUERY, enter: `${QUERY}&antichambre=${pass}` }
  return { key, nonce, session, pass, cookies, queries }
}

/** Microseconds of processor time for one decision of each kind. */
export type Microseconds = Readonly<Record<keyof Side, number>>
