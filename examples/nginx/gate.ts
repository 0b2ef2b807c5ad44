/**
 * The service that nginx asks: `showroom.conf` beside it.
 *
 * ROOM=cars ROOM_URL=https://wait.example PUBLIC_URL=https://shop.example GATE_KEYS='[…]' \
 *   npx tsx examples/nginx/gate.ts
 */
import { createServer } from 'node:http'
import { authRequestGate } from '../../lib/gate/auth-request.ts'
import { gateOptionsFrom } from '../../lib/gate/environment.ts'

const { publicUrl, ...options } = gateOptionsFrom(process.env)
if (publicUrl === undefined) throw new Error('PUBLIC_URL: not set')
const port = Number(process.env.GATE_PORT ?? 9000)
// Reached from this machine alone: another one could ask in the name of any visitor.
createServer(authRequestGate({ ...options, publicUrl })).listen(port, '127.0.0.1', () => {
  console.log(`The gate of ${options.room} listens on 127.0.0.1:${port}.`)
})
