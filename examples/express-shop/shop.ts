/**
 * An existing shop on Express, and the gate in front of it: one line before every route, and nothing
 * else changes. On plain `http` it is `createServer((req, res) => inFront(req, res, () => shop(req, res)))`.
 *
 * ROOM=cars ROOM_URL=https://wait.example PUBLIC_URL=https://shop.example GATE_KEYS='[…]' \
 *   npx tsx examples/express-shop/shop.ts
 */
import type { AddressInfo } from 'node:net'
import express, { type Response } from 'express'
import { gateOptionsFrom } from '../../lib/gate/environment.ts'
import { factsOf, gate } from '../../lib/gate/node.ts'

/** Ticket ids of those who have bought: one car to each. */
const sold = new Set<string>()

const app = express()
app.use(gate({ ...gateOptionsFrom(process.env), bypass: ['/healthz'] }))

app.get('/', (_, response) =>
  page(response, '<form method="post" action="/buy"><button>Buy</button></form>'),
)

app.post('/buy', (request, response) => {
  const ticketId = factsOf(request)?.session?.ticketId
  // nobody is known while the gate is open or off
  if (ticketId === undefined) return page(response.status(403), 'Each ticket buys one car.')
  sold.add(ticketId)
  response.redirect(303, '/thank-you')
})

app.get('/thank-you', (request, response) => {
  const ticketId = factsOf(request)?.session?.ticketId ?? ''
  page(response, sold.has(ticketId) ? 'It is yours.' : 'You have no car yet.')
})

app.get('/healthz', (_, response) => void response.send('ok'))

function page(response: Response, body: string): void {
  response.send(`<!doctype html><title>The shop</title><main>${body}</main>`)
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`The shop listens on http://localhost:${(server.address() as AddressInfo).port}/`)
})
