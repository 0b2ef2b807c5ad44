/** The gate in front of Node's own `http` server, and as a middleware of Express and Connect. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type AdapterOptions, createAdapter, type Passage, rememberFacts } from './adapter.ts'
import { type GateAnswer, throughHeaders } from './answer/answer.ts'
import { beforeHead } from './node-head.ts'
import { adapterRequest, isAddressed, writeAnswer } from './node-request.ts'

export { type AdapterOptions as NodeGateOptions, factsOf, type GateFacts } from './adapter.ts'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface NodeGate {
  /**
   * @param next the showroom's own handling. It is called without arguments, and only for requests
   *   that the gate lets through, even where the gate fails.
   */
  (request: IncomingMessage, response: ServerResponse, next: () => void): void
  /**
   * A listener behind the gate: `server.on('upgrade', shop.upgrade(listener))`. A server with a
   * listener of its own gives upgrades to that alone, past every middleware.
   */
  upgrade(listener: UpgradeListener): UpgradeListener
}

/**
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 * @example In front of Express and its WebSockets:
 * ```ts
 * import { createServer } from 'node:http'
 * import express from 'express'
 * import { gateOptionsFrom } from '../lib/gate/environment.ts'
 * import { factsOf, gate } from '../lib/gate/node.ts'
 *
 * const shop = gate(gateOptionsFrom(process.env))
 * const app = express()
 * app.use(shop) // before every route
 * app.get('/', (request, response) => {
 *   response.send(`Your ticket: ${factsOf(request)?.session?.ticketId}`)
 * })
 * const server = createServer(app)
 * server.on('upgrade', shop.upgrade((_request, socket) => socket.destroy()))
 * server.listen(3000)
 * ```
 */
export function gate(options: AdapterOptions): NodeGate {
  const adapter = createAdapter(options)
  const pass = (request: IncomingMessage) => {
    const passage = isAddressed(request) ? adapter(adapterRequest(request)) : UNADDRESSED
    if (passage.status === 'through') rememberFacts(request, passage.through)
    return passage
  }
  const middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const passage = pass(request)
    if (passage.status === 'answered') return writeAnswer(response, passage.answer)
    beforeHead(response, headers => throughHeaders(passage.through, headers))
    next()
  }
  const upgrade =
    (listener: UpgradeListener): UpgradeListener =>
    (request, socket, head) => {
      const passage = pass(request)
      if (passage.status === 'through') return listener(request, socket, head)
      // the client may be gone already, or never close its end
      socket.on('error', () => {})
      socket.once('finish', () => socket.destroy())
      socket.end(httpText(passage.answer))
    }
  return Object.assign(middleware, { upgrade })
}

/**
 * RFC 9112 section 3.2 asks for this answer. A showroom may read `http://${host}${url}`, in which a
 * strange host changes the path.
 */
const UNADDRESSED: Passage = {
  status: 'answered',
  answer: {
    status: 400,
    headers: [
      ['content-type', 'text/plain; charset=utf-8'],
      ['cache-control', 'no-store'],
    ],
    body: 'The header Host of this request is no host.\n',
  },
}

function httpText({ status, headers, body }: GateAnswer): string {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
