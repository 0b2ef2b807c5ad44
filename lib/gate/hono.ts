/** The gate as a Hono middleware: `app.use(gate({ room, roomUrl, keys }))` before every route. */
import { randomBytes } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { answerOf, type Through, throughHeaders } from './answer.ts'
import { type GateOptions, liveGateConfig } from './config.ts'
import { decide } from './decision.ts'

export interface HonoGateOptions extends GateOptions {
  /** @default Date.now */
  readonly now?: (() => number) | undefined
  /**
   * A new nonce: 128 bits of chance and more, base64url.
   * @default 128 bits of node:crypto
   */
  readonly random?: (() => string) | undefined
}

/** What the routes behind the gate know: `c.get('antichambre').session?.ticketId`. */
export interface GateEnv {
  Variables: { antichambre: Pick<Through, 'via' | 'session'> }
}

/** @throws AntichambreError `bad-request`, at once, naming every option that is wrong. */
export function gate(options: HonoGateOptions): MiddlewareHandler<GateEnv> {
  const { now = Date.now, random = () => randomBytes(16).toString('base64url') } = options
  const config = liveGateConfig(options)
  return async (c, next) => {
    const request = {
      method: c.req.method,
      url: c.req.url,
      cookie: c.req.header('cookie'),
      accept: c.req.header('accept'),
      fetchMode: c.req.header('sec-fetch-mode'),
      referer: c.req.header('referer'),
    }
    const decision = decide(request, config(), now(), random())
    if (decision.status === 'through') {
      c.set('antichambre', decision)
      await next()
      for (const [name, value] of throughHeaders(decision, c.res.headers)) c.header(name, value)
      return
    }
    const { status, headers, body } = answerOf(decision)
    const lines = new Headers()
    for (const [name, value] of headers) lines.append(name, value)
    return new Response(body === '' ? null : body, { status, headers: lines })
  }
}
