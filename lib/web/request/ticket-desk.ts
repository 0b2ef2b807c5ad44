/** The ticket between browser and room: read from the cookie, given with one. */
import type { Context } from 'hono'
import { generateCookie } from 'hono/cookie'
import type { KeyRing } from '../../keys/key-ring.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { TICKET_SECONDS_MAX } from '../../queue/limits.ts'
import type { Room } from '../../queue/room/state.ts'
import { signTicket, type Ticket, verifyTicket } from '../../queue/tokens/ticket.ts'
import { isOfThisSale } from '../../queue/visitor/ticket-status.ts'
import { cookieValues } from './http.ts'

/** Scoped to the room's path, so rooms of one host do not see each other's. */
export const TICKET_COOKIE = 'antichambre.ticket'

export interface SignedTicket {
  readonly token: string
  readonly ticket: Ticket
}

type KnownTicket =
  | ({ status: 'present' } & SignedTicket)
  /** A ticket of this room, but of an earlier sale. */
  | ({ status: 'of-earlier-sale' } & SignedTicket)
  | { status: 'none' }
  | { status: 'bad' }

export function createTicketDesk(deps: {
  readonly keys: KeyRing
  readonly now: () => number
  readonly secureCookies: boolean
}) {
  /** The ticket in this request's cookie. One good one among bad ones is enough (failure mode 34). */
  const known = (c: Context, room: Room): KnownTicket => {
    const values = cookieValues(c.req.header('cookie'), TICKET_COOKIE)
    for (const token of values) {
      const verifier = { room: room.id, nowMs: deps.now(), keys: deps.keys.ticketKeys }
      const outcome = verifyTicket(token, verifier)
      if (outcome.status === 'invalid') continue
      const { ticket } = outcome
      const status = isOfThisSale(ticket, room.state) ? 'present' : 'of-earlier-sale'
      return { status, token, ticket }
    }
    return { status: values.length === 0 ? 'none' : 'bad' }
  }

  return {
    known,
    /** @throws AntichambreError `no-ticket`, `bad-ticket`, `room-ended` */
    require(c: Context, room: Room): SignedTicket {
      const outcome = known(c, room)
      switch (outcome.status) {
        case 'present':
          return outcome
        case 'of-earlier-sale':
          throw new AntichambreError('room-ended', 'this ticket is of a sale that is over')
        case 'none':
          throw new AntichambreError('no-ticket', 'this browser holds no ticket of this room')
        case 'bad':
          throw new AntichambreError('bad-ticket', 'the ticket of this browser is not good here')
      }
    },
    /**
     * Signs a new ticket. `cookie` is the line that puts it into the browser.
     * @param room as the visitor sees it: a group's line has a path of its own.
     */
    give(room: Room, ticket: Ticket): SignedTicket & { readonly cookie: string } {
      const [key] = deps.keys.ticketKeys
      if (key === undefined) throw new Error('a key ring has at least one ticket key')
      const token = signTicket(ticket, deps.now(), key)
      const cookie = generateCookie(TICKET_COOKIE, token, {
        path: `/r/${roomPath(room.id, room.group)}`,
        httpOnly: true,
        // Lax, not Strict: a link on another site must not lose the place (failure mode 34).
        sameSite: 'Lax',
        secure: deps.secureCookies,
        maxAge: TICKET_SECONDS_MAX,
      })
      return { token, ticket, cookie }
    },
    /** What the body says of a ticket. */
    facts({ token, ticket }: SignedTicket) {
      const { id, cohort, shard, index, commitment } = ticket
      return { ticket: token, id, cohort, shard, index, commitment }
    },
  }
}

export type TicketDesk = ReturnType<typeof createTicketDesk>
