/** Two showrooms behind real gates: the demonstration's, in Node, and one behind the function at the edge. */
import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createDepartures, type Departures } from '../../lib/gate/departures.ts'
import { edgeStoreKey } from '../../lib/gate/edge/request/edge-config.ts'
import type { WordOutcome } from '../../lib/gate/goodbye/signed-post.ts'
import { showroomApp } from '../../lib/local/showroom.ts'
import type { SigningKey } from '../../lib/queue/tokens/token.ts'
import { edgeSource, stored } from '../gate/edge/gate.ts'
import { edgeFunction, viewerRequest } from '../gate/edge/runtime.ts'
import type { Cloud } from '../support/cloud/cloud.ts'
import { closeServer, headersOf, listenLocally } from '../support/cloud/http.ts'

export interface Showroom {
  readonly url: string
  close(): Promise<void>
}

export interface Shop extends Showroom {
  readonly departures: Departures
  /** What became of each word about a sale. */
  readonly told: readonly Promise<WordOutcome>[]
}

/** A shop in Node behind the gate for Hono, which tells the room of each sale by HTTP. */
export async function startShop(
  cloud: Cloud,
  host: string,
  { room, stock }: { readonly room: string; readonly stock: number },
): Promise<Shop> {
  const { network, keys, roomUrl } = cloud
  const departures = createDepartures({
    roomUrl,
    room,
    key: () => firstOf(keys.gateKeys(room)),
    fetch: network.fetch,
  })
  const told: Promise<WordOutcome>[] = []
  const app = showroomApp({
    gateConfig: { room, roomUrl, publicUrl: `https://${host}`, keys: () => keys.gateKeys(room) },
    stock,
    onSold: ticketId => void told.push(departures.bought(ticketId)),
  })
  // Of the two kinds that it may make this is one, for no TLS was asked for.
  const server = createAdaptorServer({ fetch: app.fetch }) as ReturnType<typeof createServer>
  network.name(host, await listenLocally(server))
  return { url: `https://${host}`, departures, told, close: () => closeServer(server) }
}

/** Fixed pages behind the built function, whose keys are in its store. */
export async function startEdgeShop(cloud: Cloud, host: string, room: string): Promise<Showroom> {
  const { network, keys, roomUrl } = cloud
  const options = { room, roomUrl, publicUrl: `https://${host}`, keys: keys.gateKeys(room) }
  const gate = edgeFunction(edgeSource(options))
  const server = createServer(async (asked, reply) => {
    const { cookie, accept, referer, ...headers } = headersOf(asked)
    const event = viewerRequest({
      method: asked.method ?? '',
      url: `https://${host}${asked.url}`,
      cookie,
      accept,
      referer,
      fetchMode: headers['sec-fetch-mode'],
    })
    const store = { [edgeStoreKey(room)]: JSON.stringify(stored(keys.gateKeys(room))) }
    const decided = await gate.handler(event, { nowMs: Date.now(), store })
    if (!('statusCode' in decided)) {
      return reply.end(`A page for ${decided.headers['antichambre-ticket']?.value ?? 'nobody'}`)
    }
    const { statusCode, cookies = {}, body } = decided
    const fields = Object.entries(decided.headers).map(([name, { value }]) => [name, value])
    reply.writeHead(statusCode, {
      ...Object.fromEntries(fields),
      'set-cookie': Object.entries(cookies).map(
        ([name, { value, attributes }]) => `${name}=${value}; ${attributes}`,
      ),
    })
    reply.end(body?.data ?? '')
  })
  network.name(host, await listenLocally(server))
  return { url: `https://${host}`, close: () => closeServer(server) }
}

function firstOf(keys: readonly SigningKey[]): SigningKey {
  const [key] = keys
  if (key === undefined) throw new Error('a key ring has at least one gate key')
  return key
}
