/** The visitors' application, as a value: built from what it needs, tested with `app.request`. */
import { Hono } from 'hono'
import { AntichambreError } from '../queue/errors.ts'
import { DEPARTURES_BODY_BYTES_MAX, VISITOR_BODY_BYTES_MAX } from '../queue/limits.ts'
import { parseOrName } from '../queue/room-config.ts'
import { statusOf } from '../queue/status.ts'
import { checkDeparturesSignature, SIGNATURE_HEADER } from '../room/departures.ts'
import { createJoins, type JoinDeps } from '../room/joins.ts'
import { createRooms } from '../room/rooms.ts'
import { findStanding, type TurnDeps, takeTurn } from '../room/turns.ts'
import { type DeparturesQueue, departuresSchema } from '../store/queues.ts'
import { answerError, errorAnswer, jsonBody, limitBody, parseJson, requireJson } from './http.ts'
import { openApiDocument } from './openapi.ts'
import { plainRoutes } from './plain-routes.ts'
import { joinSchema, takeTurnSchema } from './schemas.ts'
import { createTicketDesk } from './ticket-desk.ts'

export interface VisitorDeps extends JoinDeps, Omit<TurnDeps, 'rooms'> {
  readonly departures: DeparturesQueue
  /** Are visitors on https? Then cookies are for https alone. */
  readonly secureCookies: boolean
}

const SHARED_SECOND = 'public, max-age=1'
const IMMUTABLE = 'public, max-age=31536000, immutable'

export function visitorApp(deps: VisitorDeps): Hono {
  const rooms = createRooms(deps.store, deps.now)
  const join = createJoins(deps)
  const turnDeps = { ...deps, rooms }
  const desk = createTicketDesk(deps)
  const app = new Hono()
  app.onError(answerError)
  app.notFound(c => errorAnswer(c, 'not-found', 'there is nothing at this address'))

  app.get('/healthz', c => c.text('ok', 200, { 'cache-control': 'no-store' }))
  app.get('/openapi.json', c =>
    c.json(openApiDocument(), 200, { 'cache-control': 'public, max-age=300' }),
  )

  app.get('/r/:room/status', async c => {
    const room = await rooms.get(c.req.param('room'))
    const status = statusOf(room, await rooms.arrivals(room), deps.now())
    return c.json(status, 200, { 'cache-control': SHARED_SECOND })
  })

  app.get('/r/:room/cohorts/:cohort', async c => {
    const room = await rooms.get(c.req.param('room'))
    const cohort = cohortNumber(c.req.param('cohort'))
    const record = await rooms.record(room, cohort)
    if (record !== undefined) return c.json(record, 200, { 'cache-control': IMMUTABLE })
    if (cohort < room.state.openCohort) return c.notFound()
    return errorAnswer(c, 'cohort-open', 'this cohort is not drawn yet')
  })

  app.get('/r/:room/jwks.json', async c => {
    const room = await rooms.get(c.req.param('room'))
    const keys = deps.keys.publicKeys(room.id)
    return c.json({ keys }, 200, { 'cache-control': 'public, max-age=300' })
  })

  app.use('/r/*', async (c, next) => {
    await next()
    // Everything below is one visitor's own: no cache may keep it (failure mode 38).
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })

  app.post('/r/:room/tickets', limitBody(VISITOR_BODY_BYTES_MAX), async c => {
    const { attempt } = await jsonBody(c, joinSchema, true)
    const room = await rooms.get(c.req.param('room'))
    const held = desk.held(c, room)
    if (held.status === 'held') return c.json(desk.facts(held), 200)
    const given = desk.give(c, await join(room, attempt))
    return c.json(desk.facts(given), 201)
  })

  app.get('/r/:room/ticket', async c => {
    const held = desk.held(c, await rooms.get(c.req.param('room')))
    if (held.status === 'held') return c.json(desk.facts(held))
    return errorAnswer(c, 'no-ticket', 'this browser holds no ticket of this room', {}, 404)
  })

  app.get('/r/:room/place', async c => {
    const room = await rooms.get(c.req.param('room'))
    const { ticket } = desk.require(c, room)
    return c.json(await findStanding(turnDeps, room, ticket))
  })

  app.post('/r/:room/passes', limitBody(VISITOR_BODY_BYTES_MAX), async c => {
    const { nonce, to } = await jsonBody(c, takeTurnSchema, true)
    const room = await rooms.get(c.req.param('room'))
    const { ticket } = desk.require(c, room)
    return c.json(await takeTurn(turnDeps, room, ticket, nonce, to))
  })

  app.post('/r/:room/departures', limitBody(DEPARTURES_BODY_BYTES_MAX), async c => {
    requireJson(c)
    const body = await c.req.text()
    const room = await rooms.get(c.req.param('room'))
    const signature = c.req.header(SIGNATURE_HEADER)
    checkDeparturesSignature(room.id, body, signature, deps.keys.gateKeys(room.id))
    const departures = parseOrName(departuresSchema, parseJson(body))
    await deps.departures.send({ room: room.id, departures })
    return c.json({ accepted: departures.length }, 202)
  })

  app.route('/', plainRoutes({ turnDeps, desk, join }))
  return app
}

function cohortNumber(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new AntichambreError('bad-request', 'a cohort is a whole number')
}
