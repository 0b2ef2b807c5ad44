/**
 * An app of Fetch handlers, one for each path as Next, SvelteKit and others have them, and the gate in
 * front of all. What it exports is what Bun, Deno (`deno serve`) and Workers run; in Next the gate is
 * `proxy.ts`: see docs/gates.md.
 */
import { gateOptionsFrom } from '../../lib/gate/environment.ts'
import { createFetchGate, factsOf } from '../../lib/gate/fetch.ts'

type Handler = (request: Request) => Response | Promise<Response>

const routes: Readonly<Record<string, Handler>> = {
  '/': () => html('<a href="/cars">The cars</a>'),
  '/cars': () => html('97 small cars, electric, blue.'),
  '/api/me': request => Response.json({ ticket: factsOf(request)?.session?.ticketId ?? null }),
}

function html(body: string): Response {
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  return new Response(`<!doctype html><title>The app</title><main>${body}</main>`, { headers })
}

const { wrap } = createFetchGate({ ...gateOptionsFrom(process.env), protect: ['/cars', '/api/*'] })

export default {
  fetch: wrap(request => {
    const { pathname } = new URL(request.url)
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
    return route?.(request) ?? new Response('There is no such page.', { status: 404 })
  }),
}
