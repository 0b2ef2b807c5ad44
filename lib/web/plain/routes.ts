/**
 * The whole way without JavaScript. It joins and takes the turn by GET, because a form's POST cannot
 * carry the body hash that CloudFront's origin access control asks for; so it takes care that only
 * a browser that keeps cookies and is not prefetching gets a ticket, and only one. See
 * docs/decisions/0004-plain-page.md.
 */
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { plainPage } from '../../page/plain.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'
import type { TicketStatus } from '../../queue/visitor/ticket-status.ts'
import { joinByInvitation } from '../../service/visit/invitations.ts'
import type { Join } from '../../service/visit/join.ts'
import { findTicketStatus, type TurnDeps, takeTurn } from '../../service/visit/turn.ts'
import { nonceSchema } from '../contract/schemas.ts'
import { asAntichambreError, isOnlyLooking, NOT_KEPT } from '../request/http.ts'
import type { TicketDesk } from '../request/ticket-desk.ts'
import {
  generalAddress,
  groupAddress,
  type PlainArrival,
  plainAddress,
  plainArrival,
} from './arrival.ts'
import { problemView, standingView } from './views.ts'

export interface PlainDeps {
  readonly turnDeps: TurnDeps & { readonly chance: () => number; readonly secureCookies: boolean }
  readonly desk: TicketDesk
  readonly join: Join
}

/**
 * Proves that the browser gives cookies back before it gets a ticket; its value is the secret by
 * which an invitation gives the same ticket again.
 */
const PROBE_COOKIE = 'antichambre.probe'
const PROBE_PARAMETER = 'probed'
/** Says that the visitor met a full house: they go on asking, also when their turn's time is over. */
const HOLD_COOKIE = 'antichambre.hold'

export function plainRoutes(deps: PlainDeps): Hono {
  const app = new Hono()
  app.get('/r/:room/plain', async c => {
    const path = c.req.param('room')
    c.header('cache-control', NOT_KEPT)
    if (isOnlyLooking(c)) return c.body(null, 204)
    const arrival = plainArrival(c.req.url)
    let config: RoomConfig | undefined
    try {
      const elsewhere = groupAddress(path, arrival)
      if (elsewhere !== undefined) return c.redirect(elsewhere, 302)
      const room = await deps.turnDeps.rooms.get(path)
      config = room.config
      return await walk(c, deps, room, arrival)
    } catch (error) {
      const known = asAntichambreError(error)
      if (known === undefined) throw error
      if (known.code === 'house-full') setCookie(c, HOLD_COOKIE, '1', cookieOptions(deps, path))
      if (known.code === 'turn-missed') deleteCookie(c, HOLD_COOKIE, cookieOptions(deps, path))
      const chance = deps.turnDeps.chance()
      const view = problemView(path, config, known, generalAddress(path, arrival), chance)
      return c.html(plainPage(view), known.status)
    }
  })
  return app
}

async function walk(
  c: Context,
  deps: PlainDeps,
  room: Room,
  arrival: PlainArrival,
): Promise<Response> {
  const held = deps.desk.held(c, room)
  if (held.status === 'held') return goOn(c, deps, room, arrival, held.ticket)
  const probe = getCookie(c, PROBE_COOKIE)
  if (probe === undefined) return sendProbe(c, deps, room)
  const given = deps.desk.give(room, await joined(deps, room, arrival, probe))
  c.header('set-cookie', given.cookie, { append: true })
  return goOn(c, deps, room, arrival, given.ticket)
}

/** Once it is used an invitation stays in no address. */
function goOn(
  c: Context,
  deps: PlainDeps,
  room: Room,
  arrival: PlainArrival,
  ticket: Ticket,
): Response | Promise<Response> {
  if (arrival.invitation === undefined) return show(c, deps, room, arrival, ticket)
  const path = roomPath(room.id, room.group)
  return c.redirect(plainAddress(path, { ...arrival, invitation: undefined }), 302)
}

function joined(
  { turnDeps, join }: PlainDeps,
  room: Room,
  { invitation }: PlainArrival,
  holder: string,
): Promise<Ticket> {
  if (room.group === undefined) return join(room)
  const deps = { ...turnDeps, join }
  return joinByInvitation(deps, room, room.group, invitation, holder, undefined)
}

/** Sets a cookie and comes back once to see it. */
function sendProbe(c: Context, deps: PlainDeps, room: Room): Response | Promise<Response> {
  const url = new URL(c.req.url)
  const wasProbed = url.searchParams.has(PROBE_PARAMETER)
  if (wasProbed) {
    url.searchParams.delete(PROBE_PARAMETER)
    const standing = { status: 'cookies-needed', retryUrl: url.pathname + url.search } as const
    return c.html(
      plainPage({ room: room.id, refreshSeconds: null, message: room.config.message, standing }),
    )
  }
  url.searchParams.set(PROBE_PARAMETER, '1')
  const options = cookieOptions(deps, roomPath(room.id, room.group))
  setCookie(c, PROBE_COOKIE, deps.turnDeps.newId(), options)
  return c.redirect(url.pathname + url.search, 302)
}

function cookieOptions({ turnDeps }: PlainDeps, path: string) {
  const { secureCookies: secure } = turnDeps
  return { path: `/r/${path}`, httpOnly: true, sameSite: 'Lax', secure } as const
}

async function show(
  c: Context,
  deps: PlainDeps,
  room: Room,
  arrival: PlainArrival,
  ticket: Ticket,
): Promise<Response> {
  const { turnDeps } = deps
  const standing = await findTicketStatus(turnDeps, room, ticket)
  const nowMs = turnDeps.now()
  const isOnHold = getCookie(c, HOLD_COOKIE) !== undefined
  if (standing.status !== 'admitted' && !mayEnter(room, standing, isOnHold, nowMs)) {
    return c.html(plainPage(standingView(room, standing, nowMs, turnDeps.chance())))
  }
  const nonce = nonceSchema.safeParse(arrival.nonce)
  const known = nonce.success ? nonce.data : undefined
  const taken = await takeTurn(turnDeps, room, ticket, known, arrival.to)
  return c.redirect(taken.location, 302)
}

/** Is it worth asking for the pass, though it is not this ticket's turn? */
function mayEnter(room: Room, standing: TicketStatus, isOnHold: boolean, nowMs: number): boolean {
  if (room.config.mode === 'off' && phaseOf(room, nowMs) === 'open') return true
  return standing.status === 'missed' && (isOnHold || standing.lateSeats > 0)
}
