/** The gate as a Hono middleware. */
import type { MiddlewareHandler } from 'hono'
import { type AdapterOptions, createAdapter, type GateFacts } from './adapter.ts'
import { throughHeaders } from './answer/answer.ts'
import { responseOf } from './answer/response.ts'

export type { AdapterOptions as HonoGateOptions } from './adapter.ts'

/** What the routes behind the gate know: `c.get('antichambre').session?.ticketId`. */
export interface GateEnv {
  Variables: { antichambre: GateFacts }
}

/**
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { gateOptionsFrom } from '../lib/gate/environment.ts'
 * import { gate } from '../lib/gate/hono.ts'
 *
 * export const app = new Hono()
 *   .use(gate(gateOptionsFrom(process.env))) // before every route
 *   .get('/', c => c.text(`Your ticket: ${c.get('antichambre').session?.ticketId}`))
 * ```
 */
export function gate(options: AdapterOptions): MiddlewareHandler<GateEnv> {
  const adapter = createAdapter(options)
  return async (c, next) => {
    const { method, url } = c.req
    const passage = adapter({ method, url, header: name => c.req.header(name) })
    if (passage.status === 'answered') return responseOf(passage.answer, method)
    c.set('antichambre', passage.through)
    await next()
    // the answer to a WebSocket and an error of the network cannot be changed, nor copied
    if (c.res.status < 200) return
    for (const [name, value] of throughHeaders(passage.through, c.res.headers))
      c.header(name, value)
    return
  }
}
