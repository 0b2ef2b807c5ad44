/**
 * The gate in front of Node's own `http` server, and as a middleware of Express and Connect.
 *
 * ```ts
 * app.use(gate({ room, roomUrl, publicUrl, keys })) // before every route
 * app.get('/', (req, res) => res.send(factsOf(req)?.session?.ticketId))
 * ```
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type AdapterOptions,
  type AdapterRequest,
  createAdapter,
  type Passage,
  rememberFacts,
} from './adapter.ts'
import { type GateAnswer, throughHeaders } from './answer/answer.ts'
import { beforeHead } from './node-head.ts'

export { type AdapterOptions as NodeGateOptions, factsOf, type GateFacts } from './adapter.ts'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface NodeGate {
  /**
   * @param next the showroom's own handling. It is called for who comes through, without arguments,
   *   and for nobody else, whatever happens.
   */
  (request: IncomingMessage, response: ServerResponse, next: () => void): void
  /**
   * A listener behind the gate: `server.on('upgrade', shop.upgrade(listener))`. A server with a
   * listener of its own gives upgrades to that alone, past every middleware.
   */
  upgrade(listener: UpgradeListener): UpgradeListener
}

/** @throws AntichambreError `bad-request`, at once, naming every option that is wrong. */
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
      // whoever asked may be gone already, or stay on the line for ever
      socket.on('error', () => {})
      socket.once('finish', () => socket.destroy())
      socket.end(httpText(passage.answer))
    }
  return Object.assign(middleware, { upgrade })
}

export function writeAnswer(response: ServerResponse, { status, headers, body }: GateAnswer): void {
  response.statusCode = status
  for (const [name, value] of headers) {
    if (name === 'set-cookie') response.appendHeader(name, value)
    else response.setHeader(name, value)
  }
  response.end(body)
}

export function adapterRequest(request: IncomingMessage): AdapterRequest {
  return {
    method: request.method ?? '',
    url: addressOf(request),
    header: name => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
  }
}

/** Names, addresses and ports; with anything else in it a host could look like part of a path. */
const HOST = /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i

/** RFC 9112 section 3.2 asks for it. A showroom may take its address from both: `http://${host}${url}`. */
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

function isAddressed({ headers: { host } }: IncomingMessage): boolean {
  return host === undefined || HOST.test(host)
}

/**
 * The address as the server saw it: absolute where the host is one, else path and query. Express
 * takes the path of a router away from `url` and keeps the whole in `originalUrl`.
 */
function addressOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const target = request.originalUrl ?? request.url ?? ''
  const { host = '' } = request.headers
  if (!target.startsWith('/') || !HOST.test(host)) return target
  const { socket } = request
  const isTls = 'encrypted' in socket && socket.encrypted === true
  return `${isTls ? 'https' : 'http'}://${host}${target}`
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
