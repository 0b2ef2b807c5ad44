/**
 * The gate as a service that a proxy asks before it serves: `auth_request` of nginx. The proxy asks
 * `GET /check` of every request; where that says 401, it hands the visitor's own answer on, which is
 * `/answer`. Both are about the request that two headers name, so nobody but the proxy may reach this.
 *
 * | header | |
 * | --- | --- |
 * | `x-original-uri` | path and query as the visitor sent them, undecoded: nginx's `$request_uri` |
 * | `x-original-method` | `$request_method` |
 *
 * Cookie, Accept, Referer, Origin and Sec-Fetch-* are the visitor's own, as proxies pass them.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type AdapterOptions, createAdapter, UNDECIDED } from './adapter.ts'
import { type Through, throughHeaders } from './answer/answer.ts'
import { adapterRequest, writeAnswer } from './node-request.ts'

export interface AuthRequestOptions extends AdapterOptions {
  /** Needed here: behind a proxy the header Host is what the proxy wrote. */
  readonly publicUrl: string
}

/**
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { authRequestGate } from '../lib/gate/auth-request.ts'
 * import { gateOptionsFrom } from '../lib/gate/environment.ts'
 *
 * const publicUrl = 'https://shop.example'
 * const listener = authRequestGate({ ...gateOptionsFrom(process.env), publicUrl })
 * createServer(listener).listen(9000, '127.0.0.1') // the proxy alone reaches it
 * ```
 */
export function authRequestGate(options: AuthRequestOptions): RequestListener {
  const adapter = createAdapter(options)
  return (request, response) => {
    const original = originalOf(request)
    // no proxy that is set up right sends this: nobody gets in by it
    if (original === undefined) return writeAnswer(response, UNDECIDED)
    const passage = adapter(original)
    switch (request.url) {
      case '/check':
        return passage.status === 'through' ? letIn(response, passage.through) : keepOut(response)
      case '/answer':
        // the gate opened, or a session began, between the two questions: the next request gets in
        return writeAnswer(response, passage.status === 'through' ? UNDECIDED : passage.answer)
      default:
        response.writeHead(404).end()
    }
  }
}

function originalOf(request: IncomingMessage) {
  const { 'x-original-uri': url, 'x-original-method': method } = request.headers
  if (typeof url !== 'string' || typeof method !== 'string') return undefined
  return { ...adapterRequest(request), url: escaped(url), method }
}

/** The visitor's bytes, which nginx takes as they are and Node's headers have one by one. */
function escaped(url: string): string {
  return url.replace(/[\x80-\xff]/g, byte => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}

/**
 * What the proxy passes on to the showroom, under the names that the gate at the edge uses too
 * (`test/gate/nginx.test.ts`, `test/gate/edge/edge.test.ts`), and what it sets on the showroom's
 * answer (`mark-…`).
 */
function letIn(response: ServerResponse, through: Through): void {
  const { via, session } = through
  if (via !== 'unprotected') response.setHeader('antichambre-gate', via)
  if (session !== undefined) response.setHeader('antichambre-ticket', session.ticketId)
  for (const [name, value] of throughHeaders(through, new Headers())) {
    response.setHeader(`mark-${name}`, value)
  }
  response.writeHead(204).end()
}

function keepOut(response: ServerResponse): void {
  response.writeHead(401, { 'cache-control': 'no-store' }).end()
}
