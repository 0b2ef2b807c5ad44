/** The demonstration: a room, and a showroom with cars behind its real gate. */
import type { ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { createDepartures } from '../gate/departures.ts'
import type { WordOutcome } from '../gate/goodbye/signed-post.ts'
import { stockLeftOf } from '../queue/room/phase.ts'
import type { SigningKey } from '../queue/tokens/token.ts'
import { patchRoom, putRoom } from '../service/operator/operate.ts'
import { type LocalServer, listen, portOf } from './server.ts'
import { showroomApp } from './showroom.ts'

export const DEMO_ROOM = 'demo'
/** Cars for sale. */
export const DEMO_STOCK = 97
/** The sale opens by itself this long after the first visitor came. */
export const DEMO_OPENS_AFTER_SECONDS = 15

const LOOK_MS = 500

export interface Demo {
  readonly url: string
  readonly server: ServerType
  stop(): void
}

/** Starts the showroom and makes the room unless an earlier run left it. */
export async function startDemo(local: LocalServer, port: number): Promise<Demo> {
  const { keys } = local
  const app = new Hono()
  const server = await listen(app, port)
  const url = `http://localhost:${portOf(server)}`
  const { stock, soldBefore } = await demoStock(local, url)
  const departures = createDepartures({ roomUrl: local.url, room: DEMO_ROOM, key: gateKey(local) })

  const showroom = showroomApp({
    gateConfig: {
      room: DEMO_ROOM,
      roomUrl: local.url,
      keys: () => keys.gateKeys(DEMO_ROOM),
    },
    stock,
    soldBefore,
    // The room counts by itself what was bought.
    onSold: ticketId => void departures.bought(ticketId).then(complain),
    onLeft: ticketId => void departures.left(ticketId).then(complain),
  })
  app.all('*', c => showroom.fetch(c.req.raw))
  const timer = openAfterFirstVisitor(local)
  return { url, server, stop: () => clearInterval(timer) }
}

/** A function, for the key of this moment. */
function gateKey({ keys }: LocalServer): () => SigningKey {
  return () => {
    const [key] = keys.gateKeys(DEMO_ROOM)
    if (key === undefined) throw new Error('a key ring has at least one gate key')
    return key
  }
}

function complain(outcome: WordOutcome): void {
  if (outcome.status === 'accepted') return
  console.error(`the room was not told of a departure: ${outcome.status}`)
}

/** What there was to sell and what an earlier run sold of it; a new room where there was none. */
async function demoStock(
  local: LocalServer,
  url: string,
): Promise<{ stock: number; soldBefore: number }> {
  const showroomUrl = `${url}/`
  const known = await local.operate.store.loadRoom(DEMO_ROOM, { consistent: true })
  if (known?.config.showroomUrl === showroomUrl) {
    const { stock } = known.config
    const left = stockLeftOf(known)
    if (stock === null || left === null) return { stock: DEMO_STOCK, soldBefore: 0 }
    return { stock, soldBefore: stock - left }
  }
  await putRoom(local.operate, DEMO_ROOM, {
    showroomUrl,
    // This machine has two names (localhost and 127.0.0.1). A visitor returns to the one they came by: it has their cookies.
    allowedOrigins: [url, url.replace('localhost', '127.0.0.1')],
    opensAt: null,
    ratePerMinute: 60,
    stock: DEMO_STOCK,
    turnSeconds: 120,
    sessionSeconds: 300,
    message: 'A demonstration: nothing is really sold here.',
  })
  return { stock: DEMO_STOCK, soldBefore: 0 }
}

/** Looks for the first visitor, and tells everybody when the sale opens. */
function openAfterFirstVisitor(local: LocalServer): NodeJS.Timeout {
  const look = async () => {
    const room = await local.rooms.get(DEMO_ROOM)
    if (room.state.openedAtMs !== null || room.config.opensAt !== null) return true
    if ((await local.rooms.arrivals(room)) === 0) return false
    const opensAtMs = local.operate.now() + DEMO_OPENS_AFTER_SECONDS * 1000
    await patchRoom(local.operate, DEMO_ROOM, { opensAt: new Date(opensAtMs).toISOString() })
    return true
  }
  const timer = setInterval(async () => {
    const isSet = await look().catch(() => false)
    if (isSet) clearInterval(timer)
  }, LOOK_MS)
  return timer
}
