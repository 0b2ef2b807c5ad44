/** The operators' application: the API alone, closed to everybody without the token. */
import { Hono } from 'hono'
import { AntichambreError } from '../queue/errors.ts'
import { OPERATOR_BODY_BYTES_MAX } from '../queue/limits.ts'
import { ACTIONS } from '../queue/operate.ts'
import { phaseOf } from '../queue/phase.ts'
import { parseRoomId } from '../queue/room-config.ts'
import type { Room } from '../queue/state.ts'
import {
  actOnRoom,
  deleteRoom,
  loadRoom,
  type OperateDeps,
  patchRoom,
  putRoom,
  roomHistory,
} from '../room/operate.ts'
import { answerError, errorAnswer, limitBody, rawJsonBody } from './http.ts'

/** CloudFront's own signature takes `Authorization`: a viewer-request function copies the caller's here. */
export const VIEWER_AUTHORIZATION = 'x-viewer-authorization'

const ROOM = '/operator/api/rooms/:room'

export function operatorApp(deps: OperateDeps): Hono {
  const app = new Hono()
  app.onError(answerError)
  app.notFound(c => errorAnswer(c, 'not-found', 'there is nothing at this address'))

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
      listed.map(async ({ room: id, wakesAtMs }) => {
        const room = await deps.store.loadRoom(id)
        return room === undefined ? [] : [{ room: id, phase: phaseOf(room, deps.now()), wakesAtMs }]
      }),
    )
    return c.json({ rooms: rooms.flat() })
  })

  app.get(ROOM, async c =>
    c.json(view(await loadRoom(deps, parseRoomId(c.req.param('room'))), deps)),
  )

  app.put(ROOM, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    const { made, room } = await putRoom(deps, id, await rawJsonBody(c))
    return c.json(view(room, deps), made ? 201 : 200)
  })

  app.patch(ROOM, limitBody(OPERATOR_BODY_BYTES_MAX), async c => {
    const id = parseRoomId(c.req.param('room'))
    return c.json(view(await patchRoom(deps, id, await rawJsonBody(c)), deps))
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

  app.get(`${ROOM}/history`, async c => {
    const { id } = await loadRoom(deps, parseRoomId(c.req.param('room')))
    return c.json({ entries: await roomHistory(deps, id) })
  })

  return app
}

function view(room: Room, deps: Pick<OperateDeps, 'now'>) {
  const { id, config, state, configVersion } = room
  return { room: id, phase: phaseOf(room, deps.now()), config, state, version: configVersion }
}
