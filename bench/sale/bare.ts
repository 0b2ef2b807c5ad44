/**
 * What the room is measured against: bare Hono on the same adapter, which answers with the very
 * JSON that the room answered with and does nothing else. It does not even read what is posted.
 */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const answers = new Map<string, object>()
const app = new Hono()
app.get('/answers/:name', c => c.json(answers.get(c.req.param('name')) ?? {}))
app.post('/answers/:name', c => c.json(answers.get(c.req.param('name')) ?? {}, 201))

process.on('message', (message: { name: string; answer: object }) => {
  answers.set(message.name, message.answer)
  process.send?.({ kept: message.name })
})
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
