/** A room server of a few lines, whose answers a test writes as it goes. The page's files are the real ones. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pageFiles } from '../../lib/page/build/build.ts'
import { placeIn } from '../../lib/queue/cohort/place.ts'
import { cohortRecord, cohortSeed, commitmentOf } from '../../lib/queue/cohort/record.ts'
import type { Status } from '../../lib/queue/visitor/room-status.ts'

export const ROOM = 'autumn-sale'
const CSP =
  "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
/** The room's path, its group's with the separator, and what is asked of it. */
const PATH = new RegExp(`^(/r/${ROOM}(~[a-z]+)?)(?:/(.+))?$`)
const SEED = cohortSeed(Buffer.alloc(32, 7), ROOM, 3)
const COOKIE = 'antichambre.ticket=3.1.5'

export interface FakeRoom {
  readonly url: string
  /** The place of the one ticket this room gives. */
  readonly place: number
  /** What was asked so far, `POST tickets` and the like, of a group `POST ~members/tickets`, oldest first. */
  readonly asked: string[]
  /** Bodies of posts, oldest first. */
  readonly posted: unknown[]
  /** Changes what the status says. */
  say(change: Partial<Status>): void
  /** Connections are cut from now on, or no more. */
  isDown: boolean
  /** The answer to a post instead of the usual one: its HTTP status and code. */
  refuses: { readonly pass?: readonly [number, string]; readonly join?: readonly [number, string] }
  /** Does the open way lead to the showroom? */
  isWayOpen: boolean
  /** A seed that does not fit the ticket's promise. */
  isForged: boolean
  close(): Promise<void>
}

export async function startFakeRoom(): Promise<FakeRoom> {
  const files = pageFiles()
  const record = cohortRecord({
    cohort: 3,
    base: 40,
    sizes: [9, 12, 10],
    seed: SEED,
    closedAtMs: Date.now(),
  })
  const place = placeIn(record, 1, 5)
  let status: Omit<Status, 'nowMs'> = {
    room: ROOM,
    phase: 'gathering',
    mode: 'line',
    opensAtMs: Date.now() + 750_000,
    closesAtMs: null,
    openCohort: 3,
    front: 0,
    tail: 40,
    waiting: 12_402,
    ratePerMinute: 60,
    binding: null,
    arrivalWindowSeconds: 5,
    nextBatchAtMs: null,
    pollSecondsMin: 1,
    pollSecondsMax: 2,
    message: null,
    stock: null,
    soldOutAtMs: null,
    odds: null,
    lateSeats: 0,
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const room: FakeRoom = {
    url: '',
    place,
    asked: [],
    posted: [],
    isDown: false,
    refuses: {},
    isWayOpen: false,
    isForged: false,
    say(change) {
      status = { ...status, ...change }
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/showroom')
      return send(response, 200, '<title>Showroom</title>In.', 'text/html')
    if (pathname.startsWith('/assets/')) return sendFile(response, pathname.slice(1))
    const [, path = '', group = '', name] = PATH.exec(pathname) ?? []
    if (path === '') return refuse(response, 404, 'not-found')
    if (name === undefined) return sendFile(response, 'page.html')
    if (room.isDown) {
      request.socket.destroy()
      return
    }
    room.asked.push(`${request.method} ${group === '' ? '' : `${group}/`}${name}`)
    const body = await bodyOf(request)
    if (request.method === 'POST') {
      const hash = createHash('sha256').update(body).digest('hex')
      if (request.headers['x-amz-content-sha256'] !== hash) {
        return refuse(response, 403, 'forbidden')
      }
      room.posted.push(JSON.parse(body))
    }
    if (name === 'status') return json(response, 200, { ...status, nowMs: Date.now() })
    if (name === `cohorts/${record.cohort}`) {
      const seed = room.isForged ? Buffer.alloc(32, 9).toString('base64url') : record.seed
      return json(response, 200, { ...record, seed })
    }
    if (name === 'through') {
      const page = `${path}${search}${search === '' ? '?' : '&'}tried=1`
      const location = room.isWayOpen ? '/showroom?pass=1' : page
      return void response.writeHead(302, { location }).end()
    }
    if (name === 'tickets') {
      if (room.refuses.join !== undefined) return refuse(response, ...room.refuses.join)
      const held = request.headers.cookie?.includes(COOKIE) === true
      const ticket = { ticket: 'x', id: '3.1.5', cohort: 3, shard: 1, index: 5 }
      return json(
        response,
        held ? 200 : 201,
        { ...ticket, commitment: commitmentOf(SEED) },
        { 'set-cookie': `${COOKIE}; Path=${path}; HttpOnly` },
      )
    }
    if (name === 'passes') {
      if (request.headers.cookie?.includes(COOKIE) !== true) {
        return refuse(response, 401, 'no-ticket')
      }
      if (room.refuses.pass !== undefined) return refuse(response, ...room.refuses.pass)
      const location = `${room.url}/showroom?pass=1`
      return json(response, 200, { location, expiresAtMs: Date.now() + 60_000 })
    }
    refuse(response, 404, 'not-found')
  }

  function sendFile(response: ServerResponse, path: string): void {
    const file = files.get(path)
    response.setHeader('content-security-policy', CSP)
    if (file === undefined) refuse(response, 404, 'not-found')
    else send(response, 200, file.body, file.type)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a server on a port has one
  return Object.assign(room, { url: `http://127.0.0.1:${port}` })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, code: string): void {
  json(response, status, { error: { code, message: code } })
}
