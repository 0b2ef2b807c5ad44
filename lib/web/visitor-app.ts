/** The visitors' application, as a value: built from what it needs, tested with `app.request`. */
import { type Context, Hono } from 'hono'
import type { KeyRing } from '../keys/key-ring.ts'
import { AntichambreError } from '../queue/errors.ts'
import { DEPARTURES_BODY_BYTES_MAX, VISITOR_BODY_BYTES_MAX } from '../queue/limits.ts'
import { parseOrName } from '../queue/parse.ts'
import { SIGNATURE_HEADER, type Signed } from '../queue/tokens/showroom-signature.ts'
import { statusOf } from '../queue/visitor/room-status.ts'
import { type DeparturesQueue, departuresSchema } from '../runtime/queues.ts'
import { checkSignature } from '../service/departures.ts'
import { joinByInvitation } from '../service/visit/invitations.ts'
import { createJoins, type JoinDeps } from '../service/visit/join.ts'
import { createOpenWay } from '../service/visit/open-way.ts'
import { createRooms, type KnownRoom, type Rooms } from '../service/visit/room-cache.ts'
import { findTicketStatus, isUsedUp, type TurnDeps, takeTurn } from '../service/visit/turn.ts'
import { openApiDocument } from './contract/openapi.ts'
import { joinSchema, stockWordInputSchema, takeTurnSchema } from './contract/schemas.ts'
import { openWayRoute } from './open-way-route.ts'
import { plainRoutes } from './plain/plain-routes.ts'
import {
  answerError,
  errorAnswer,
  jsonAnswer,
  jsonTextAnswer,
  limitBody,
  NOT_KEPT,
  optionalJsonBody,
  parseJson,
  requireJson,
} from './request/http.ts'
import { refusalError } from './request/refusal.ts'
import { createTicketDesk } from './request/ticket-desk.ts'

/** What the visitors' application needs. AWS is only in what is given here. */
export interface VisitorDeps extends JoinDeps, Omit<TurnDeps, 'rooms'> {
  readonly departures: DeparturesQueue
  /** Are visitors on https? Then cookies are for https alone. */
  readonly secureCookies: boolean
}

const SHARED_SECOND = 'public, max-age=1'
/** Public, the same for all, and read by the script gate from the showroom's own pages. */
const FOR_ALL_SITES = { 'access-control-allow-origin': '*' }
const FIVE_MINUTES = 'public, max-age=300'
const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * Everything under `/r/ROOM`, `/healthz` and `/openapi.json`, as a Hono application. It remembers rooms for a
 * second and keeps leases of indexes, so make it once in a process, not for each request.
 *
 * @example
 * ```ts
 * import { randomUUID } from 'node:crypto'
 * import { SQSClient } from '@aws-sdk/client-sqs'
 * import { createKeyRing } from '../lib/keys/key-ring.ts'
 * import { createDeparturesQueue, createTickQueue } from '../lib/runtime/sqs.ts'
 * import { createDynamoClient, createDynamoStore } from '../lib/store/dynamodb/client.ts'
 * import { visitorApp } from '../lib/web/visitor-app.ts'
 *
 * const queues = 'https://sqs.eu-west-3.amazonaws.com/123456789012'
 * const sqs = new SQSClient({})
 * const app = visitorApp({
 *   store: createDynamoStore({ client: createDynamoClient(), table: 'antichambre' }),
 *   ticks: createTickQueue(sqs, `${queues}/ticks`),
 *   departures: createDeparturesQueue(sqs, `${queues}/departures`),
 *   keys: createKeyRing(process.env.MASTER_SECRET ?? ''),
 *   secureCookies: true,
 *   now: Date.now,
 *   chance: Math.random,
 *   newId: randomUUID,
 * })
 * const answer = await app.request('/r/demo/status')
 * console.log(answer.status, await answer.json())
 * ```
 */
export function visitorApp(deps: VisitorDeps): Hono {
  const rooms = createRooms(deps.store, deps.now)
  const join = createJoins(deps)
  const turnDeps = { ...deps, rooms }
  const desk = createTicketDesk(deps)
  const app = new Hono()
  app.onError(answerError)
  app.notFound(c =>
    errorAnswer(c, {
      code: 'not-found',
      message: 'there is nothing at this address; a room is at /r/ROOM',
    }),
  )

  app.get('/healthz', c => c.text('ok', 200, { 'cache-control': 'no-store' }))
  app.get('/openapi.json', () => jsonAnswer(openApiDocument(), FIVE_MINUTES))

  const statusText = createStatusText(deps.now)
  const answerStatus = (known: KnownRoom) =>
    jsonTextAnswer(statusText(known), SHARED_SECOND, 200, FOR_ALL_SITES)
  app.get('/r/:room/status', (c): Response | Promise<Response> => {
    const id = c.req.param('room')
    // Most times the room is in memory. An answer without a promise then costs less.
    const known = rooms.known(id)
    return known === undefined ? rooms.read(id).then(answerStatus) : answerStatus(known)
  })

  app.get('/r/:room/cohorts/:cohort', async c => {
    const room = await rooms.get(c.req.param('room'))
    const cohort = cohortNumber(c.req.param('cohort'))
    const record = await rooms.record(room, cohort)
    if (record !== undefined) return jsonAnswer(record, IMMUTABLE)
    if (cohort < room.state.openCohort) return c.notFound()
    return errorAnswer(c, { code: 'cohort-open', message: 'this cohort is not drawn yet' })
  })

  app.get('/r/:room/jwks.json', async c => {
    const room = await rooms.get(c.req.param('room'))
    return jsonAnswer({ keys: deps.keys.publicKeys(room.id) }, FIVE_MINUTES, 200, FOR_ALL_SITES)
  })

  // Everything below is one visitor's own: no cache may keep it (failure mode 38).
  app.post('/r/:room/tickets', limitBody(VISITOR_BODY_BYTES_MAX), async c => {
    const guest = await optionalJsonBody(c, joinSchema)
    const room = await rooms.get(c.req.param('room'))
    const known = desk.known(c, room)
    if (known.status === 'present' && !(await isUsedUp(turnDeps, room, known.ticket))) {
      return jsonAnswer(desk.facts(known), NOT_KEPT)
    }
    const joined =
      room.group === undefined
        ? await join(room, guest.attempt)
        : await joinByInvitation({ ...deps, join }, room, room.group, guest)
    if (joined.status !== 'joined') throw refusalError(joined, room)
    const given = desk.give(room, joined.ticket)
    return jsonAnswer(desk.facts(given), NOT_KEPT, 201, { 'set-cookie': given.cookie })
  })

  app.get('/r/:room/ticket', async c => {
    const known = desk.known(c, await rooms.get(c.req.param('room')))
    if (known.status === 'present') return jsonAnswer(desk.facts(known), NOT_KEPT)
    const message = 'this browser holds no ticket of this room'
    return errorAnswer(c, { code: 'no-ticket', message, status: 404 })
  })

  app.get('/r/:room/place', async c => {
    const room = await rooms.get(c.req.param('room'))
    const { ticket } = desk.require(c, room)
    return jsonAnswer(await findTicketStatus(turnDeps, room, ticket), NOT_KEPT)
  })

  app.post('/r/:room/passes', limitBody(VISITOR_BODY_BYTES_MAX), async c => {
    const from = await optionalJsonBody(c, takeTurnSchema)
    const room = await rooms.get(c.req.param('room'))
    const { ticket } = desk.require(c, room)
    const turn = await takeTurn(turnDeps, room, ticket, from)
    if (turn.status !== 'taken') throw refusalError(turn, room)
    const { location, expiresAtMs } = turn
    return jsonAnswer({ location, expiresAtMs }, NOT_KEPT)
  })

  app.post('/r/:room/departures', limitBody(DEPARTURES_BODY_BYTES_MAX), async c => {
    const { room, body } = await signedBody(c, rooms, deps.keys, 'departures')
    const departures = parseOrName(departuresSchema, body)
    await deps.departures.send({ room, departures })
    return jsonAnswer({ accepted: departures.length }, NOT_KEPT, 202)
  })

  app.post('/r/:room/stock', limitBody(VISITOR_BODY_BYTES_MAX), async c => {
    const { room, body } = await signedBody(c, rooms, deps.keys, 'stock')
    const { left, at } = parseOrName(stockWordInputSchema, body)
    await deps.departures.send({ room, stockLeft: left, atMs: Date.parse(at) })
    return jsonAnswer({ accepted: 1 }, NOT_KEPT, 202)
  })

  app.route('/', openWayRoute(rooms, createOpenWay(turnDeps)))
  app.route('/', plainRoutes({ turnDeps, desk, join }))
  return app
}

/** Within one millisecond a room's status is one text: in a rush, many answers share it. */
function createStatusText(now: () => number): (known: KnownRoom) => string {
  let last: (KnownRoom & { nowMs: number; text: string }) | undefined
  return ({ room, arrivals }) => {
    const nowMs = now()
    if (last?.room !== room || last.arrivals !== arrivals || last.nowMs !== nowMs) {
      const text = JSON.stringify(statusOf(room, arrivals, nowMs))
      last = { room, arrivals, nowMs, text }
    }
    return last.text
  }
}

/** A body that the showroom signed. Nothing of it is parsed before its signature is checked. */
async function signedBody(c: Context, rooms: Rooms, keys: KeyRing, what: Signed) {
  requireJson(c)
  const body = await c.req.text()
  const { id: room } = await rooms.get(c.req.param('room') ?? '')
  const signature = c.req.header(SIGNATURE_HEADER)
  checkSignature({ what, room, body, signature }, keys.gateKeys(room))
  return { room, body: parseJson(body) }
}

function cohortNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new AntichambreError('bad-request', 'a cohort is a whole number')
}
