/** The edge's built file as one of the sides: a script of its own, with the runtime's modules from Node. */
import nodeCrypto from 'node:crypto'
import { Script } from 'node:vm'
import type { EdgeStored } from '../../lib/gate/edge/request/edge-config.ts'
import type { EdgeAnswer, EdgeEvent, EdgeRequest } from '../../lib/gate/edge/request/runtime.ts'
import { ACCEPT, ROOM, type Side, type Visitor } from './side.ts'

export function edgeSide(source: string, visitor: Visitor): Side {
  const handler = handlerOf(source, visitor)
  const ask = (kind: keyof Side, isExpected: (setCookies: readonly string[]) => boolean) => {
    const event = eventsOf(visitor, kind)
    return async () => {
      const answer = await handler(event())
      const isThrough = !('statusCode' in answer)
      const setCookies = isThrough ? ['through'] : Object.keys(answer.cookies ?? {})
      if (!isExpected(setCookies)) throw new Error('the edge decided otherwise')
    }
  }
  return {
    session: ask('session', ([name]) => name === 'through'),
    toRoom: ask('toRoom', ([name]) => name?.includes('.nonce-') === true),
    enter: ask('enter', ([name]) => name === `antichambre-${ROOM}`),
  }
}

/** Each call makes an event, as CloudFront does: the function adds headers to it. */
export function eventsOf({ cookies, queries }: Visitor, kind: keyof Side): () => EdgeEvent {
  const pairs = Object.entries(cookies[kind]).map(([name, value]) => [name, { value }])
  const fields = Object.fromEntries(pairs)
  const query = queries[kind]
  return () => ({
    context: { eventType: 'viewer-request', requestId: 'EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLE==' },
    viewer: { ip: '198.51.100.11' },
    request: {
      method: 'GET',
      uri: '/sale/cars',
      headers: {
        host: { value: 'shop.example' },
        accept: { value: ACCEPT },
        'sec-fetch-mode': { value: 'navigate' },
      },
      cookies: fields,
      rawQueryString: () => query,
    },
  })
}

export function storedFor({ key }: Visitor): EdgeStored {
  return { keys: [{ id: key.id, secret: key.secret.toString('base64url') }], mode: 'on' }
}

function handlerOf(
  source: string,
  visitor: Visitor,
): (event: EdgeEvent) => Promise<EdgeRequest | EdgeAnswer> {
  const stored = storedFor(visitor)
  const cf = { kvs: () => ({ get: async () => stored }) }
  const [head = '', ...rest] = source.split(';')
  if (!head.startsWith('import')) throw new Error('the edge gate begins otherwise')
  const code = `(function (cf, require) { 'use strict'; ${rest.join(';')}; return handler })`
  return new Script(code).runInThisContext()(cf, () => crypto)
}

/** Node 24 is slow with bare bytes for a key (`lib/queue/tokens/hmac.ts`), of which CloudFront's engine knows nothing. */
const crypto = {
  createHash: nodeCrypto.createHash,
  createHmac: isSlowWithBytes()
    ? (algorithm: string, secret: Buffer) =>
        nodeCrypto.createHmac(algorithm, nodeCrypto.createSecretKey(secret))
    : nodeCrypto.createHmac,
}

function isSlowWithBytes(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 24
}
