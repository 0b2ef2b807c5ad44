/**
 * How long one decision of the gate takes, in this process. `npm run bench -- gate`.
 * A session that is there, no session (away to the room), and a pass (the session begins).
 */
import { createHash, randomBytes } from 'node:crypto'
import { parseGateConfig } from '../lib/gate/config.ts'
import { decide, type GateRequest } from '../lib/gate/decision.ts'
import { signSession } from '../lib/gate/session.ts'
import { passClaims, signPass } from '../lib/queue/pass.ts'
import { median } from './machine.ts'

export interface GateFigures {
  readonly sessionMicroseconds: number
  readonly toRoomMicroseconds: number
  readonly enterMicroseconds: number
}

const RUNS = 9
const CALLS = 5_000
const ROOM = 'demo'

export function gateFigures(): GateFigures {
  const nowMs = 1_790_000_000_000
  const key = { id: 'k1', secret: randomBytes(32) }
  const config = parseGateConfig({ room: ROOM, roomUrl: 'https://wait.example', keys: [key] })
  const endsAtMs = nowMs + 900_000
  const nonce = randomBytes(16).toString('base64url')
  const nonceHash = createHash('sha256').update(nonce).digest('base64url')
  const session = signSession({ ticketId: '0.3.41', endsAtMs }, ROOM, nowMs, key)
  const pass = signPass(
    passClaims({
      room: ROOM,
      ticketId: '0.3.41',
      jti: '7c1ad3f2-9a0e-4b52-8f0a-3f6b1d2e4c55',
      nonce: nonceHash,
      nowMs,
      sessionEndsAtMs: endsAtMs,
    }),
    key,
  )
  const page: GateRequest = {
    method: 'GET',
    url: 'https://shop.example/sale/cars?colour=red',
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    fetchMode: 'navigate',
  }
  const other = 'theme=dark; consent=1'
  const nonceCookie = `antichambre-${ROOM}.nonce-${nonce.slice(0, 4)}=${nonce}`
  const microseconds = (request: GateRequest, status: string) =>
    timed(() => {
      const decision = decide(request, config, nowMs, nonce)
      if (decision.status !== status) throw new Error(`the gate decided ${decision.status}`)
    })
  return {
    sessionMicroseconds: microseconds(
      { ...page, cookie: `${other}; antichambre-${ROOM}=${session}` },
      'through',
    ),
    toRoomMicroseconds: microseconds({ ...page, cookie: other }, 'to-room'),
    enterMicroseconds: microseconds(
      { ...page, url: `${page.url}&antichambre=${pass}`, cookie: `${other}; ${nonceCookie}` },
      'enter',
    ),
  }
}

/** The median over the runs of what one call takes on average; one more run before warms up. */
function timed(call: () => void): number {
  const figures: number[] = []
  for (let run = 0; run <= RUNS; run++) {
    const startedAt = performance.now()
    for (let count = 0; count < CALLS; count++) call()
    figures.push(((performance.now() - startedAt) * 1000) / CALLS)
  }
  return median(figures.slice(1))
}
