/** From a request of Node's own `http` server to a `GateRequest`, and from the gate's answer to Node's. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdapterRequest } from './adapter.ts'
import type { GateAnswer } from './answer/answer.ts'

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

/** Names, addresses and ports. With anything else in it a host could look like part of a path. */
const HOST = /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i

/** Has a request no header Host, or one that is a host? */
export function isAddressed({ headers: { host } }: IncomingMessage): boolean {
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
