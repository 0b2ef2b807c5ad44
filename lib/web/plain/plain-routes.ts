/**
 * The whole way without JavaScript. It joins and takes the turn by GET, because a form's POST cannot
 * carry the body hash that CloudFront's origin access control asks for. So only a browser that keeps
 * cookies and is not prefetching gets a ticket, and only one. See docs/decisions/0004-plain-page.md.
 */
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { plainPage } from '../../page/plain.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { ERROR_STATUS } from '../../queue/errors.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import type { Room } from '../../queue/room/state.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'
import { REFUSAL_CODES, type Refusal } from '../../queue/visitor/refusals.ts'
import type { TicketStatus } from '../../queue/visitor/ticket-status.ts'
import { joinByInvitation } from '../../service/visit/invitations.ts'
import type { Join, JoinOutcome } from '../../service/visit/join.ts'
import {
  findTicketStatus,
  isSwitchedOff,
  type TurnDeps,
  takeTurn,
} from '../../service/visit/turn.ts'
import { nonceSchema } from '../contract/schemas.ts'
import { asAntichambreError, isOnlyLooking, NOT_KEPT } from '../request/http.ts'
import { refusalError } from '../request/refusal.ts'
import type { TicketDesk } from '../request/ticket-desk.ts'
import {
  generalAddress,
  groupAddress,
  type PlainArrival,
  plainAddress,
  plainArrival,
} from './arrival.ts'
import { noTicketView, problemState, type Shown, statusView } from './views.ts'

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
/** Set when the visitor met a full house: they go on asking, also after the time of their turn. */
const HOLD_COOKIE = 'antichambre.hold'

/** One request of a browser for the plain page of a room. */
interface Visit {
  readonly c: Context
  readonly room: Room
  readonly arrival: PlainArrival
}

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
      return await walk(deps, { c, room, arrival })
    } catch (error) {
      const known = asAntichambreError(error)
      if (known === undefined) throw error
      const view = { room: path, message: config?.message ?? null }
      const page = plainPage({ ...view, ...problemState(known, generalAddress(path, arrival)) })
      return c.html(page, known.status)
    }
  })
  return app
}

async function walk(deps: PlainDeps, visit: Visit): Promise<Response> {
  const { c, room } = visit
  const known = deps.desk.known(c, room)
  if (known.status === 'present') return goOn(deps, visit, known.ticket)
  const probe = getCookie(c, PROBE_COOKIE)
  if (probe === undefined) return sendProbe(deps, visit)
  const joined = await join(deps, visit, probe)
  if (joined.status !== 'joined') {
    const view = noTicketView(room, joined, deps.turnDeps.chance())
    return c.html(plainPage(view), httpStatusOf(joined))
  }
  const given = deps.desk.give(room, joined.ticket)
  c.header('set-cookie', given.cookie, { append: true })
  return goOn(deps, visit, given.ticket)
}

/** Shows the page. An invitation that was used is taken out of the address first. */
function goOn(deps: PlainDeps, visit: Visit, ticket: Ticket): Response | Promise<Response> {
  const { c, room, arrival } = visit
  if (arrival.invitation === undefined) return show(deps, visit, ticket)
  const path = roomPath(room.id, room.group)
  return c.redirect(plainAddress(path, { ...arrival, invitation: undefined }), 302)
}

function join(
  { turnDeps, join }: PlainDeps,
  { room, arrival: { invitation } }: Visit,
  holder: string,
): Promise<JoinOutcome> {
  if (room.group === undefined) return join(room)
  return joinByInvitation({ ...turnDeps, join }, room, room.group, { invitation, holder })
}

/** Sets a cookie and comes back once to see it. */
function sendProbe(deps: PlainDeps, { c, room }: Visit): Response | Promise<Response> {
  const url = new URL(c.req.url)
  const wasProbed = url.searchParams.has(PROBE_PARAMETER)
  if (wasProbed) {
    url.searchParams.delete(PROBE_PARAMETER)
    const state = { status: 'cookies-needed', retryUrl: url.pathname + url.search } as const
    return c.html(
      plainPage({ room: room.id, refreshSeconds: null, message: room.config.message, state }),
    )
  }
  url.searchParams.set(PROBE_PARAMETER, '1')
  setCookie(c, PROBE_COOKIE, deps.turnDeps.newId(), cookieOptions(deps, room))
  return c.redirect(url.pathname + url.search, 302)
}

function cookieOptions({ turnDeps }: PlainDeps, { id, group }: Room) {
  const { secureCookies: secure } = turnDeps
  return { path: `/r/${roomPath(id, group)}`, httpOnly: true, sameSite: 'Lax', secure } as const
}

/** The page of a ticket, or the way to the showroom with a pass. */
async function show(deps: PlainDeps, visit: Visit, ticket: Ticket): Promise<Response> {
  const { turnDeps } = deps
  const { c, room, arrival } = visit
  const status = await findTicketStatus(turnDeps, room, ticket)
  const view = (shown: Shown) =>
    plainPage(statusView(room, shown, { nowMs: turnDeps.now(), chance: turnDeps.chance() }))
  const isOnHold = getCookie(c, HOLD_COOKIE) !== undefined
  const mayEnter = isSwitchedOff(room, turnDeps.now()) || hasLateChance(status, { isOnHold })
  if (status.status !== 'admitted' && !mayEnter) return c.html(view(status))
  const nonce = nonceSchema.safeParse(arrival.nonce).data
  const turn = await takeTurn(turnDeps, room, ticket, { nonce, to: arrival.to })
  switch (turn.status) {
    case 'taken':
      return c.redirect(turn.location, 302)
    case 'already-entered':
    case 'refused-address':
      throw refusalError(turn, room)
    case 'held':
      setCookie(c, HOLD_COOKIE, '1', cookieOptions(deps, room))
      break
    case 'missed':
      deleteCookie(c, HOLD_COOKIE, cookieOptions(deps, room))
      break
    case 'drawing':
    case 'waiting':
    case 'paused':
    case 'closed':
    case 'sold-out':
    case 'ended':
  }
  return c.html(view(turn), httpStatusOf(turn))
}

/** Is it worth asking for a seat, though the turn is over? */
function hasLateChance(status: TicketStatus, { isOnHold }: { isOnHold: boolean }): boolean {
  return status.status === 'missed' && (isOnHold || status.lateSeats > 0)
}

/** The HTTP status, the same as where the page with JavaScript asks. */
function httpStatusOf({ status }: Refusal) {
  return ERROR_STATUS[REFUSAL_CODES[status]]
}
