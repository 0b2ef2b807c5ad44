/**
 * The open way: one redirect to the room and one back. It takes a seat by GET, because a redirect can do
 * nothing else. So a HEAD, a prefetch or a preview gets nothing (failure mode 41). A visitor for whom there
 * is no pass is sent on to the page, which joins by POST.
 */
import { Hono } from 'hono'
import { TRIED_PARAMETER } from '../queue/address/query.ts'
import { roomPath } from '../queue/address/room-path.ts'
import type { OpenWay } from '../service/visit/open-way.ts'
import type { Rooms } from '../service/visit/room-cache.ts'
import { nonceSchema } from './contract/schemas.ts'
import { asAntichambreError, isOnlyLooking, NOT_KEPT } from './request/http.ts'

export function openWayRoute(rooms: Rooms, openWay: OpenWay): Hono {
  const app = new Hono()
  app.get('/r/:room/through', async c => {
    c.header('cache-control', NOT_KEPT)
    if (isOnlyLooking(c)) return c.body(null, 204)
    const room = await rooms.get(c.req.param('room'))
    const nonce = nonceSchema.safeParse(c.req.query('nonce'))
    const location = await unlessBusy(openWay(room, { nonce: nonce.data, to: c.req.query('to') }))
    if (location !== undefined) return c.redirect(location, 302)
    const { search } = new URL(c.req.url)
    const page = `/r/${roomPath(room.id, room.group)}${search}`
    return c.redirect(`${page}${search === '' ? '?' : '&'}${TRIED_PARAMETER}=1`, 302)
  })
  return app
}

/** While the database is busy the visitor is sent to the page, which can try again; a redirect cannot. */
async function unlessBusy(location: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await location
  } catch (error) {
    if (asAntichambreError(error)?.code === 'try-again') return undefined
    throw error
  }
}
