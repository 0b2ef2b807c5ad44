/**
 * What is measured side by side: our gates and Queue-it's connector. This file is bundled before it
 * runs (`gate.ts`), as a deployment does: run from its source, `tsx` would add a call to every inner
 * function, to keep its name.
 */
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { decide, type GateRequest } from '../../lib/gate/decision/decide.ts'
import { parseGateConfig } from '../../lib/gate/options/config.ts'
import { edgeSide } from './edge-side.ts'
import { rivalAlone, rivalByRules } from './rival.ts'
import { ACCEPT, ROOM, type Side, type Visitor, visitorAt } from './side.ts'

export const KINDS = ['session', 'toRoom', 'enter'] as const

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
