/**
 * What is measured side by side: our gates and Queue-it's connector. This file is bundled before it
 * runs (`gate.ts`), as whoever deploys it does: run from its source, `tsx` would give every inner
 * function its name anew at each call.
 */
import { createHash, createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { parseGateConfig } from '../lib/gate/config.ts'
import { decide, type GateRequest } from '../lib/gate/decision.ts'
import { signSession } from '../lib/gate/session.ts'
import { passClaims, signPass } from '../lib/queue/pass.ts'
import { edgeSide } from './edge-side.ts'
import { rivalAlone, rivalByRules } from './rival.ts'

export const KINDS = ['session', 'toRoom', 'enter'] as const

/** One request of each kind, decided. Each throws where the decision is not the expected one. */
export interface Side {
  /** With a session: every request in the showroom. */
  session(): Promise<void>
  /** With nothing: away to the room. */
  toRoom(): Promise<void>
  /** With a pass in the address, once: the session begins. */
  enter(): Promise<void>
}

export interface Sides {
  readonly node: Side
  readonly edge: Side
  /** The hashes that the edge cannot do without, and nothing else. */
  readonly hashes: Side
  /** Queue-it's, with as many rules as ours. */
  readonly connector: Side
  /** The same without a rule to match. */
  readonly connectorAlone: Side
}

/** @param parts of the showroom that are protected, such as `/sale`; what is asked for is in the last. */
export async function gateSides(
  edgeSource: string,
  parts: readonly string[],
  nowMs: number,
): Promise<Sides> {
  const visitor = visitorAt(nowMs)
  return {
    node: nodeSide(visitor, parts, nowMs),
    edge: edgeSide(edgeSource, visitor),
    hashes: hashesAlone(visitor),
    connector: await rivalByRules(
      parts.map(part => `${part}/`),
      nowMs,
    ),
    connectorAlone: await rivalAlone(nowMs),
  }
}

export const ROOM = 'demo'
/** What a browser accepts on its way to a page. */
export const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const QUERY = 'colour=red'

export type Visitor = ReturnType<typeof visitorAt>

/** What one visitor's browser has by and by. */
export function visitorAt(nowMs: number) {
  const key = { id: 'k1', secret: randomBytes(32) }
  const endsAtMs = nowMs + 900_000
  const nonce = randomBytes(16).toString('base64url')
  const hash = createHash('sha256').update(nonce).digest('base64url')
  const session = signSession({ ticketId: '0.3.41', endsAtMs }, ROOM, nowMs, key)
  const jti = '7c1ad3f2-9a0e-4b52-8f0a-3f6b1d2e4c55'
  const turn = { room: ROOM, ticketId: '0.3.41', jti, nonce: hash, nowMs }
  const pass = signPass(passClaims({ ...turn, sessionEndsAtMs: endsAtMs }), key)
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

function nodeSide(visitor: Visitor, parts: readonly string[], nowMs: number): Side {
  const { key, nonce, cookies, queries } = visitor
  const protect = parts.map(part => `${part}/*`)
  const config = parseGateConfig({
    room: ROOM,
    roomUrl: 'https://wait.example',
    keys: [key],
    protect,
  })
  const ask = (kind: keyof Side, status: string) => {
    const request: GateRequest = {
      method: 'GET',
      url: `https://shop.example/sale/cars?${queries[kind]}`,
      accept: ACCEPT,
      fetchMode: 'navigate',
      cookie: Object.entries(cookies[kind])
        .map(pair => pair.join('='))
        .join('; '),
    }
    return async () => {
      const decision = decide(request, config, nowMs, nonce)
      if (decision.status !== status) throw new Error(`the gate decided ${decision.status}`)
    }
  }
  return {
    session: ask('session', 'through'),
    toRoom: ask('toRoom', 'to-room'),
    enter: ask('enter', 'enter'),
  }
}

function hashesAlone({ key, nonce, session, pass }: Visitor): Side {
  const secret = createSecretKey(key.secret)
  const hmac = (text: string) =>
    createHmac('sha256', secret).update(text).digest('base64url').length
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url').length
  return {
    async session() {
      hmac(session)
    },
    async toRoom() {
      hmac('nonce EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLE==') + sha256(nonce)
    },
    async enter() {
      hmac(pass) + sha256(nonce) + hmac(session)
    },
  }
}
