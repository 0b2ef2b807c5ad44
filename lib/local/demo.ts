/** The demonstration: a room, and a showroom with cars behind its real gate. */
import type { ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { patchRoom, putRoom } from '../room/operate.ts'
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
  const stock = await demoStock(local, url)

  const showroom = showroomApp({
    gateConfig: {
      room: DEMO_ROOM,
      roomUrl: local.url,
      keys: () => keys.gateKeys(DEMO_ROOM),
    },
    stock,
    onSold: reportSales(local),
  })
  app.all('*', c => showroom.fetch(c.req.raw))
  const timer = openAfterFirstVisitor(local)
  return { url, server, stop: () => clearInterval(timer) }
}

/** Tells the room of each sale, one after the other, so that the stock never goes up again. */
function reportSales(local: LocalServer): (ticket: string, left: number) => void {
  let last: Promise<unknown> = Promise.resolve()
  return (ticket, left) => {
    last = last
      .then(async () => {
        await local.departures.send({ room: DEMO_ROOM, departures: [{ ticket, reason: 'bought' }] })
        await patchRoom(local.operate, DEMO_ROOM, { stock: left })
      })
      .catch(error =>
        console.error(`a sale was not reported: ${error instanceof Error ? error.name : ''}`),
      )
  }
}

/** What the room of an earlier run still has for sale; a new room otherwise. */
async function demoStock(local: LocalServer, url: string): Promise<number> {
  const showroomUrl = `${url}/`
  const known = await local.operate.store.loadRoom(DEMO_ROOM, { consistent: true })
  if (known?.config.showroomUrl === showroomUrl) return known.config.stock ?? DEMO_STOCK
  await putRoom(local.operate, DEMO_ROOM, {
    showroomUrl,
    // One machine, two names: a visitor returns to the one they came by, where their cookies are.
    allowedOrigins: [url, url.replace('localhost', '127.0.0.1')],
    opensAt: null,
    ratePerMinute: 60,
    stock: DEMO_STOCK,
    turnSeconds: 120,
    sessionSeconds: 300,
    message: 'A demonstration: nothing is really sold here.',
  })
  return DEMO_STOCK
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
