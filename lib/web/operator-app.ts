/** The operators' application: the API alone, closed to everybody without the token. */
import { type Context, Hono } from 'hono'
import { parseRoomId } from '../queue/address/room-path.ts'
import { AntichambreError } from '../queue/errors.ts'
import { OPERATOR_BODY_BYTES_MAX } from '../queue/limits.ts'
import { ACTIONS } from '../queue/room/actions.ts'
import { phaseOf } from '../queue/room/phase.ts'
import type { Room } from '../queue/room/state.ts'
import {
  actOnRoom,
  deleteRoom,
  letIn,
  loadRoom,
  type OperateDeps,
  patchRoom,
  putRoom,
  reportHealth,
  roomHistory,
} from '../service/operator/operate.ts'
import { makeInvitations } from '../service/visit/invitations.ts'
import { StoreBusyError } from '../store/port.ts'
import {
  invitationsSchema,
  type ListedPhase,
  letInSchema,
  parseHealth,
} from './contract/schemas.ts'
import { answerError, errorAnswer, jsonBody, limitBody, rawJsonBody } from './request/http.ts'

/** CloudFront's own signature takes `Authorization`: a viewer-request function copies the caller's here. */
const VIEWER_AUTHORIZATION = 'x-viewer-authorization'

const ROOM = '/operator/api/rooms/:room'
/** An invitation is good for a week unless it says otherwise. */
const INVITATION_MS = 7 * 86_400_000

/** What the operators' application needs. */
export interface OperatorDeps extends OperateDeps {
  /** A fresh unguessable id for each invitation. */
  readonly newId: () => string
}

/**
 * Everything under `/operator/api`, as a Hono application. Each request needs the operator's token.
 *
 * @example
 * ```ts
 * import { randomUUID } from 'node:crypto'
 * import { SQSClient } from '@aws-sdk/client-sqs'
 * import { createKeyRing } from '../lib/keys/key-ring.ts'
 * import { createTickQueue } from '../lib/runtime/sqs.ts'
 * import { createDynamoClient, createDynamoStore } from '../lib/store/dynamodb/client.ts'
 * import { operatorApp } from '../lib/web/operator-app.ts'
 *
 * const ticksUrl = 'https://sqs.eu-west-3.amazonaws.com/123456789012/ticks'
 * const keys = createKeyRing(process.env.MASTER_SECRET ?? '')
 * const app = operatorApp({
 *   store: createDynamoStore({ client: createDynamoClient(), table: 'antichambre' }),
 *   ticks: createTickQueue(new SQSClient({}), ticksUrl),
 *   keys,
 *   now: Date.now,
 *   newId: randomUUID,
 * })
 * const answer = await app.request('/operator/api/rooms/demo', {
 *   method: 'PUT',
 *   headers: {
 *     authorization: `Bearer ${keys.operatorToken}`,
 *     'content-type': 'application/json',
 *   },
 *   body: JSON.stringify({ showroomUrl: 'https://shop.example/sale', ratePerMinute: 600 }),
 * })
 * console.log(answer.status, await answer.json())
 * ```
 */
export function operatorApp(deps: OperatorDeps): Hono {
  const app = new Hono()
  app.onError(answerError)
  app.notFound(c =>
    errorAnswer(c, { code: 'not-found', message: 'there is nothing at this address' }),
  )

  app.use('*', async (c, next) => {
    c.header('cache-control', 'no-store')
    const header = c.req.header(VIEWER_AUTHORIZATION) ?? c.req.header('authorization') ?? ''
    const token = /^Bearer ([\x21-\x7e]+)$/i.exec(header)?.[1]
    if (token === undefined || !deps.keys.isOperatorToken(token)) {
      c.header('www-authenticate', 'Bearer realm="antichambre"')
      throw new AntichambreError('unauthorized', "the operator's token is missing or wrong")
    }
    await next()
  })

  app.get('/operator/api/rooms', async c => {
    const listed = await deps.store.listRooms()
    const rooms = await Promise.all(
      listed.map(async ({ room, wakesAtMs }) => {
        const phase = await listedPhase(deps, room)
        return phase === undefined ? [] : [{ room, phase, wakesAtMs }]
      }),
    )
    return c.json({ rooms: rooms.flat() })
  })

  app.get(ROOM, async c =>
    c.json(view(await loadRoom(deps, parseRoomId(c.req.param('room'))), deps)),
  )

  app.put(ROOM, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    const { made, room } = await putRoom(deps, id, await rawJsonBody(c), seenVersion(c))
    return c.json(view(room, deps), made ? 201 : 200)
  })

  app.patch(ROOM, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    return c.json(view(await patchRoom(deps, id, await rawJsonBody(c), seenVersion(c)), deps))
  })

  app.delete(ROOM, async c => {
    await deleteRoom(deps, parseRoomId(c.req.param('room')))
    return c.body(null, 204)
  })

  for (const action of ACTIONS) {
    app.post(`${ROOM}/${action}`, async c =>
      c.json(view(await actOnRoom(deps, parseRoomId(c.req.param('room')), action), deps)),
    )
  }

  app.post(`${ROOM}/let-in`, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    const { places } = await jsonBody(c, letInSchema)
    return c.json(view(await letIn(deps, id, places), deps))
  })

  app.post(`${ROOM}/health`, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    const room = await reportHealth(deps, id, parseHealth(await rawJsonBody(c)))
    return c.json(view(room, deps))
  })

  app.post(`${ROOM}/invitations`, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const room = await loadRoom(deps, parseRoomId(c.req.param('room')))
    const { group, count = 1, expiresAt } = await jsonBody(c, invitationsSchema)
    const expiresAtMs = expiresAt === undefined ? deps.now() + INVITATION_MS : Date.parse(expiresAt)
    const invitations = makeInvitations(deps, room, { group, count, expiresAtMs })
    return c.json({ invitations }, 201)
  })

  app.get(`${ROOM}/history`, async c => {
    const { id } = await loadRoom(deps, parseRoomId(c.req.param('room')))
    return c.json({ entries: await roomHistory(deps, id) })
  })

  return app
}

/** The phase of a room in the list. A room whose stored items cannot be read must not hide the others. */
async function listedPhase(deps: OperatorDeps, id: string): Promise<ListedPhase | undefined> {
  try {
    const room = await deps.store.loadRoom(id)
    return room && phaseOf(room, deps.now())
  } catch (error) {
    if (error instanceof StoreBusyError) throw error
    return 'broken'
  }
}

/**
 * The version that the operator saw, from `If-Match` (RFC 9110 section 13.1.1); the answers of this
 * room carry it as `version`.
 */
function seenVersion(c: Context): number | undefined {
  const header = c.req.header('if-match')
  if (header === undefined || header === '*') return undefined
  const [, version] = /^"?(\d{1,15})"?$/.exec(header) ?? []
  if (version !== undefined) return Number(version)
  throw new AntichambreError('bad-request', 'if-match: a version such as "3" is allowed')
}

function view(room: Room, deps: Pick<OperateDeps, 'now'>) {
  const { id, config, state, configVersion } = room
  return { room: id, phase: phaseOf(room, deps.now()), config, state, version: configVersion }
}
