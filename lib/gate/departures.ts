/** What a showroom reports to its room by HTTP: who left, who bought, and how much is left to sell. */
import { AntichambreError } from '../queue/errors.ts'
import { DEPARTURES_MAX, STOCK, TICKET_ID } from '../queue/limits.ts'
import {
  createSignedPost,
  type SignedPostOptions,
  type WordOutcome,
} from './goodbye/signed-post.ts'
import { roomComplaints } from './options/complaints.ts'
import { WORDS_WAITING_MAX } from './options/limits.ts'

export interface DeparturesOptions extends SignedPostOptions {
  /** @default Date.now */
  readonly now?: (() => number) | undefined
}

/** Each may be called without waiting for its outcome: no promise of these ever rejects. */
export interface Departures {
  /**
   * The session of a ticket ended without a purchase: its seat is free. Counts once, however often it is
   * reported.
   */
  left(ticketId: string): Promise<WordOutcome>
  /** The session of a ticket ended with a purchase, which also counts against the room's stock. */
  bought(ticketId: string): Promise<WordOutcome>
  /**
   * This many are left to sell now. From the first report on, the room goes by the last one and no
   * longer by its own count of purchases. Of two reports the later one counts, in whatever order they
   * arrive.
   * @param left 0 .. `STOCK.max`, whole.
   */
  stock(left: number): Promise<WordOutcome>
}

/**
 * Departures that are reported while a request is under way travel together in the next, at most
 * `DEPARTURES_MAX`, so that a rush out of the showroom is a few requests.
 * @throws AntichambreError `bad-request`, at once, naming every option that is wrong.
 * @example After a checkout:
 * ```ts
 * import { createDepartures } from '../lib/gate/departures.ts'
 * import { factsOf } from '../lib/gate/fetch.ts'
 *
 * const secret = Buffer.from(process.env.GATE_KEY ?? '', 'base64url')
 * const key = { id: 'k1', secret }
 * const departures = createDepartures({ room: 'cars', roomUrl: 'https://wait.example', key })
 *
 * export async function paid(request: Request, left: number): Promise<void> {
 *   const ticketId = factsOf(request)?.session?.ticketId
 *   if (ticketId !== undefined) await departures.bought(ticketId)
 *   await departures.stock(left)
 * }
 * ```
 */
export function createDepartures(options: DeparturesOptions): Departures {
  const complaints = roomComplaints(options.room, options.roomUrl)
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  const post = createSignedPost(options)
  const tell = oneAtATime<Departure>(DEPARTURES_MAX, WORDS_WAITING_MAX, departures =>
    post('departures', departures),
  )
  // Only the last report counts, so the others need not travel.
  const tellStock = oneAtATime<StockWord>(WORDS_WAITING_MAX, WORDS_WAITING_MAX, words =>
    post('stock', words.at(-1)),
  )
  const depart = (ticket: string, reason: Departure['reason']) =>
    TICKET_ID.test(ticket) ? tell({ ticket, reason }) : NEVER_TAKEN
  const nextTime = increasing(options.now ?? Date.now)
  return {
    left: ticketId => depart(ticketId, 'left'),
    bought: ticketId => depart(ticketId, 'bought'),
    stock: left =>
      Number.isInteger(left) && left >= STOCK.min && left <= STOCK.max
        ? tellStock({ left, at: new Date(nextTime()).toISOString() })
        : NEVER_TAKEN,
  }
}

interface Departure {
  readonly ticket: string
  readonly reason: 'bought' | 'left'
}

interface StockWord {
  readonly left: number
  readonly at: string
}

/** The room would refuse a whole batch for one report that it cannot read: such a one is not sent. */
const NEVER_TAKEN: Promise<WordOutcome> = Promise.resolve({ status: 'refused', httpStatus: 400 })

/** The room ignores a report that is not later than the last: two of one millisecond must differ. */
function increasing(now: () => number): () => number {
  let lastMs = 0
  return () => {
    lastMs = Math.max(now(), lastMs + 1)
    return lastMs
  }
}

/** Sends words in batches, each when the one before has its outcome. */
function oneAtATime<Word>(
  batchMax: number,
  waitingMax: number,
  send: (batch: readonly Word[]) => Promise<WordOutcome>,
): (word: Word) => Promise<WordOutcome> {
  const waiting: { readonly word: Word; readonly settle: (outcome: WordOutcome) => void }[] = []
  let isSending = false
  const sendAll = async () => {
    isSending = true
    // Words of one moment travel together, in the first batch too.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchMax)
      const outcome = await send(batch.map(({ word }) => word))
      for (const { settle } of batch) settle(outcome)
    }
    isSending = false
  }
  return word => {
    if (waiting.length >= waitingMax) return Promise.resolve({ status: 'given-up' })
    return new Promise(settle => {
      waiting.push({ word, settle })
      if (!isSending) void sendAll()
    })
  }
}
