/**
 * An existing shop on Node's own server, and the gate in front of it. With Express it is one line before
 * every route, `app.use(gate(options))`, and nothing else changes; `factsOf(req)` is the same.
 *
 * ROOM=cars ROOM_URL=https://wait.example PUBLIC_URL=https://shop.example GATE_KEYS='[…]' \
 *   npx tsx examples/express-shop/shop.ts
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gateOptionsFrom } from '../../lib/gate/environment.ts'
import { factsOf, gate } from '../../lib/gate/node.ts'

/** Ticket ids of those who have bought: one car to each. */
const sold = new Set<string>()

type Handler = (response: ServerResponse, ticketId: string | undefined) => void

const routes: Readonly<Record<string, Handler>> = {
  'GET /': response =>
    page(response, '<form method="post" action="/buy"><button>Buy</button></form>'),
  'POST /buy': (response, ticketId) => {
    // nobody is known while the gate is open or off
    if (ticketId === undefined) return page(response, 'Each ticket buys one car.', 403)
    sold.add(ticketId)
    response.writeHead(303, { location: '/thank-you' }).end()
  },
  'GET /thank-you': (response, ticketId) =>
    page(response, sold.has(ticketId ?? '') ? 'It is yours.' : 'You have no car yet.'),
  'GET /healthz': response => void response.end('ok'),
}

function shop(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://shop')
  const route = `${request.method} ${pathname}`
  const handler = Object.hasOwn(routes, route) ? routes[route] : undefined
  if (handler === undefined) page(response, 'There is no such page.', 404)
  else handler(response, factsOf(request)?.session?.ticketId)
}

function page(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><title>The shop</title><main>${body}</main>`)
}

const inFront = gate({ ...gateOptionsFrom(process.env), bypass: ['/healthz'] })
const server = createServer((request, response) =>
  inFront(request, response, () => shop(request, response)),
)
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`The shop listens on http://localhost:${(server.address() as AddressInfo).port}/`)
})
