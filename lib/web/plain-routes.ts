/**
 * The whole way without JavaScript. It joins and takes the turn by GET, because a form's POST cannot
 * carry the body hash that CloudFront's origin access control asks for; so it takes care that only
 * a browser that keeps cookies and is not prefetching gets a ticket, and only one. See
 * docs/decisions/0004-plain-page.md.
 */
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { type PlainView, plainPage } from '../page/plain.ts'
import type { AntichambreError } from '../queue/errors.ts'
import { POLL_SECONDS } from '../queue/limits.ts'
import { phaseOf } from '../queue/phase.ts'
import { nextPollMs } from '../queue/poll-plan.ts'
import { timeMs } from '../queue/room-config.ts'
import type { Standing } from '../queue/standing.ts'
import type { Room } from '../queue/state.ts'
import type { Ticket } from '../queue/ticket.ts'
import type { Join } from '../room/joins.ts'
import { findStanding, type TurnDeps, takeTurn } from '../room/turns.ts'
import { asAntichambreError, NOT_KEPT } from './http.ts'
import { nonceSchema } from './schemas.ts'
import type { TicketDesk } from './ticket-desk.ts'

export interface PlainDeps {
  readonly turnDeps: TurnDeps & { readonly chance: () => number; readonly secureCookies: boolean }
  readonly desk: TicketDesk
  readonly join: Join
}

/** Proves that the browser gives cookies back before it gets a ticket. */
const PROBE_COOKIE = 'antichambre.probe'
const PROBE_PARAMETER = 'probed'

export function plainRoutes(deps: PlainDeps): Hono {
  const app = new Hono()
  app.get('/r/:room/plain', async c => {
    const id = c.req.param('room')
    c.header('cache-control', NOT_KEPT)
    if (isOnlyLooking(c)) return c.body(null, 204)
    let message: string | null = null
    try {
      const room = await deps.turnDeps.rooms.get(id)
      message = room.config.message
      return await walk(c, deps, room)
    } catch (error) {
      const known = asAntichambreError(error)
      if (known === undefined) throw error
      return c.html(plainPage(problemView(id, message, known)), known.status)
    }
  })
  return app
}

/** A HEAD, a prefetch or a preview must change nothing (failure mode 41). */
function isOnlyLooking(c: Context): boolean {
  const purpose = `${c.req.header('sec-purpose') ?? ''} ${c.req.header('purpose') ?? ''}`
  return c.req.raw.method === 'HEAD' || /prefetch|preview|prerender/i.test(purpose)
}

async function walk(c: Context, deps: PlainDeps, room: Room): Promise<Response> {
  const held = deps.desk.held(c, room)
  if (held.status === 'held') return show(c, deps, room, held.ticket)
  if (getCookie(c, PROBE_COOKIE) === undefined) return probe(c, deps, room)
  const given = deps.desk.give(await deps.join(room))
  c.header('set-cookie', given.cookie, { append: true })
  return show(c, deps, room, given.ticket)
}

/** Sets a cookie and comes back once to see it. */
function probe(c: Context, deps: PlainDeps, room: Room): Response | Promise<Response> {
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
  setCookie(c, PROBE_COOKIE, '1', {
    path: `/r/${room.id}`,
    httpOnly: true,
    sameSite: 'Lax',
    secure: deps.turnDeps.secureCookies,
  })
  return c.redirect(url.pathname + url.search, 302)
}

async function show(c: Context, deps: PlainDeps, room: Room, ticket: Ticket): Promise<Response> {
  const standing = await findStanding(deps.turnDeps, room, ticket)
  if (standing.status === 'admitted') {
    const nonce = nonceSchema.safeParse(c.req.query('nonce'))
    const taken = await takeTurn(
      deps.turnDeps,
      room,
      ticket,
      nonce.success ? nonce.data : undefined,
      c.req.query('to'),
    )
    return c.redirect(taken.location, 302)
  }
  const nowMs = deps.turnDeps.now()
  const opensAtMs = room.state.openedAtMs === null ? timeMs(room.config.opensAt) : null
  const isGathering = standing.status === 'drawing' && phaseOf(room, nowMs) === 'gathering'
  return c.html(
    plainPage({
      room: room.id,
      refreshSeconds: refreshSeconds(standing, opensAtMs, nowMs, deps.turnDeps.chance()),
      message: room.config.message,
      standing: isGathering ? { status: 'gathering', opensAtMs } : standing,
    }),
  )
}

function refreshSeconds(
  standing: Standing,
  opensAtMs: number | null,
  nowMs: number,
  chance: number,
): number | null {
  if (standing.status === 'ended' || standing.status === 'missed') return null
  const waitSeconds = standing.status === 'waiting' ? standing.waitSeconds : null
  const untilTurnMs = standing.status === 'drawing' && opensAtMs === null ? 0 : null
  return Math.ceil(
    nextPollMs({
      untilOpeningMs: opensAtMs === null ? null : Math.max(0, opensAtMs - nowMs),
      untilTurnMs: waitSeconds === null ? untilTurnMs : waitSeconds * 1000,
      untilSoldOutMs: null,
      pollSecondsMin: POLL_SECONDS.min,
      pollSecondsMax: POLL_SECONDS.max,
      chance,
    }) / 1000,
  )
}

function problemView(room: string, message: string | null, error: AntichambreError): PlainView {
  const view = { room, message }
  switch (error.code) {
    case 'sold-out':
      return { ...view, refreshSeconds: POLL_SECONDS.max, standing: { status: 'sold-out' } }
    case 'room-ended':
      return { ...view, refreshSeconds: null, standing: { status: 'ended' } }
    case 'room-paused':
      return { ...view, refreshSeconds: POLL_SECONDS.max, standing: { status: 'paused' } }
    case 'doors-closed':
      return {
        ...view,
        refreshSeconds: POLL_SECONDS.max / 2,
        standing: { status: 'doors-closed', opensAtMs: null },
      }
    case 'try-again':
    case 'not-yet':
      return { ...view, refreshSeconds: POLL_SECONDS.min * 2, standing: { status: 'try-again' } }
    default: {
      const { code, message: text } = error
      return { ...view, refreshSeconds: null, standing: { status: 'problem', code, message: text } }
    }
  }
}
