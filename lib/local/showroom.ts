/**
 * The demonstration showroom: a small shop behind the real gate. It sells one car to each ticket
 * until there are none left. What it sold lives in the app value, so each app is a shop of its own.
 */
import { type Context, Hono } from 'hono'
import { isFromElsewhere } from '../gate/goodbye/origin.ts'
import { type GateEnv, gate, type HonoGateOptions } from '../gate/hono.ts'
import * as pages from './showroom-page.ts'

export interface ShowroomDeps {
  readonly gateConfig: HonoGateOptions
  /** All cars there were to sell; 0 and more. */
  readonly stock: number
  /**
   * How many of them an earlier run sold.
   * @default 0
   */
  readonly soldBefore?: number | undefined
  /** Told of each sale, once for each ticket, after it is done. Must not throw. */
  readonly onSold?: ((ticketId: string, left: number) => void) | undefined
  /** Told of each visitor who closed the last page of the shop and did not come back. */
  readonly onLeft?: ((ticketId: string) => void) | undefined
  /** @default Date.now */
  readonly now?: (() => number) | undefined
}

export function showroomApp(deps: ShowroomDeps) {
  const { gateConfig, stock, soldBefore = 0, onSold, onLeft, now = Date.now } = deps
  /** Ticket id to the number of its car. */
  const sold = new Map<string, number>()
  const left = () => stock - soldBefore - sold.size
  const beacon = { onDeparture: ({ ticket }: { ticket: string }) => onLeft?.(ticket) }
  const app = new Hono<GateEnv>()

  app.use(async (c, next) => {
    await next()
    c.header('content-security-policy', pages.POLICY)
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'same-origin')
  })
  app.use(gate({ beacon, ...gateConfig, now: gateConfig.now ?? now }))

  app.get('/', c => {
    const stay = stayOf(c, now())
    if (sold.has(stay.ticketId ?? '')) return c.redirect('/thank-you', 303)
    return c.html(left() > 0 ? pages.saleroom({ left: left(), stock, ...stay }) : pages.soldOut())
  })

  app.post('/buy', c => {
    if (isForeign(c, gateConfig.publicUrl)) return c.html(pages.foreignForm(), 403)
    const { ticketId } = stayOf(c, now())
    if (ticketId === undefined) return c.html(pages.noTicket(), 403)
    if (sold.has(ticketId)) return c.redirect('/thank-you', 303)
    if (left() <= 0) return c.html(pages.soldOut(), 409)
    sold.set(ticketId, soldBefore + sold.size + 1)
    onSold?.(ticketId, left())
    return c.redirect('/thank-you', 303)
  })

  app.get('/thank-you', c => {
    const { ticketId } = stayOf(c, now())
    const car = sold.get(ticketId ?? '')
    if (car === undefined) return c.redirect('/', 303)
    return c.html(pages.thankYou({ car, stock, ticketId: ticketId ?? '' }))
  })

  app.notFound(c => c.html(pages.notFound(), 404))
  return app
}

/** Who is here, and for how long; nobody that is known while the gate is open or off. */
function stayOf(c: Context<GateEnv>, nowMs: number) {
  const session = c.get('antichambre').session
  return {
    ticketId: session?.ticketId,
    minutesLeft: session && Math.max(1, Math.ceil((session.endsAtMs - nowMs) / 60_000)),
  }
}

/** Did another site send this form? */
function isForeign(c: Context, publicUrl: string | undefined): boolean {
  const headers = { site: c.req.header('sec-fetch-site'), origin: c.req.header('origin') }
  return isFromElsewhere(headers, new URL(publicUrl ?? c.req.url).origin)
}
