/** Before anything is timed, both servers run every route, and bare Hono learns the room's answers. */
import * as z from 'zod/mini'
import { TURN_SECONDS } from '../../lib/queue/limits.ts'
import { ticketSchema } from '../../lib/web/contract/schemas.ts'
import { TICKET_COOKIE } from '../../lib/web/request/ticket-desk.ts'
import { ask, httpRequest } from './load.ts'
import { FAST_PER_MINUTE, JOIN_BODY, type Parts } from './parts.ts'

const ROOM = 'warm-up'
const REQUESTS = 8_000
/** Turns take far longer. */
const TURNS = 300

export async function warmUp({ server, bare, client, ...parts }: Parts): Promise<void> {
  /** Bare Hono keeps the answer to this request; then both answer many times. */
  const warm = async (name: string, request: string, requests = REQUESTS) => {
    const { body } = await ask(server.port, request)
    await bare.keep(name, z.looseObject({}).parse(JSON.parse(body)))
    await parts.compare({
      rounds: 1,
      requestsPerRound: requests,
      bare: parts.bareSide(name, request.startsWith('POST') ? JOIN_BODY : undefined),
      room: parts.roomSide({ request: () => request, onAnswer: ({ status }) => status === 503 }),
    })
    return body
  }
  // On a slow machine the requests before the turn take minutes.
  const turnSeconds = TURN_SECONDS.max
  await client.putRoom(ROOM, { ratePerMinute: FAST_PER_MINUTE, batchSeconds: 1, turnSeconds })
  const joined = await warm(
    'ticket',
    httpRequest('POST', `/r/${ROOM}/tickets`, { body: JOIN_BODY }),
  )
  await warm('status', httpRequest('GET', `/r/${ROOM}/status`))
  await client.act(ROOM, 'open')
  const opened = await client.until(ROOM, one => one.waiting === 0 && one.tail > 0)
  await warm('record', httpRequest('GET', `/r/${ROOM}/cohorts/${opened.openCohort - 1}`))
  const cookie = `${TICKET_COOKIE}=${ticketSchema.parse(JSON.parse(joined)).ticket}`
  await warm('pass', httpRequest('POST', `/r/${ROOM}/passes`, { body: '{}', cookie }), TURNS)
}
