/**
 * The gate in front of any Fetch handler: Bun, Deno, Workers, Next. It needs `node:crypto` and
 * `Buffer` and nothing else of Node: on Workers the flag `nodejs_compat`, in Next the Node runtime.
 */
import { type AdapterOptions, createAdapter, rememberFacts } from './adapter.ts'
import { markedResponse, responseOf } from './answer/response.ts'

export { type AdapterOptions as FetchGateOptions, factsOf, type GateFacts } from './adapter.ts'

export interface FetchGate {
  /**
   * The gate's own answer to a request, or undefined: the showroom answers. For frameworks whose
   * middleware does not see the showroom's answer. Where you have it in hand use `wrap`: only then can
   * the gate keep it out of shared caches.
   */
  protect(request: Request): Response | undefined
  /**
   * A handler behind the gate; further arguments of its platform are passed on to it. It may return
   * undefined, as Bun's handlers do after an upgrade.
   */
  wrap<Answer extends Response | undefined, Rest extends readonly unknown[]>(
    handler: (request: Request, ...rest: Rest) => Answer | Promise<Answer>,
  ): (request: Request, ...rest: Rest) => Promise<Answer | Response>
}

/**
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 * @example
 * ```ts
 * import { gateOptionsFrom } from '../lib/gate/environment.ts'
 * import { createFetchGate, factsOf } from '../lib/gate/fetch.ts'
 *
 * const { wrap } = createFetchGate(gateOptionsFrom(process.env))
 * const shop = (request: Request) =>
 *   new Response(`Your ticket: ${factsOf(request)?.session?.ticketId}`)
 * export default { fetch: wrap(shop) }
 * ```
 */
export function createFetchGate(options: AdapterOptions): FetchGate {
  const adapter = createAdapter(options)
  const pass = (request: Request) => {
    const { method, url, headers } = request
    const passage = adapter({ method, url, header: name => headers.get(name) ?? undefined })
    if (passage.status === 'through') rememberFacts(request, passage.through)
    return passage
  }
  return {
    protect(request) {
      const passage = pass(request)
      return passage.status === 'through' ? undefined : responseOf(passage.answer, request.method)
    },
    wrap: handler => {
      return async (request, ...rest) => {
        const passage = pass(request)
        if (passage.status === 'answered') return responseOf(passage.answer, request.method)
        const response = await handler(request, ...rest)
        return response === undefined ? response : markedResponse(passage.through, response)
      }
    },
  }
}
