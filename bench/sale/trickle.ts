/** A room where somebody comes now and then. */
import { setTimeout as pause } from 'node:timers/promises'
import { ask, httpRequest } from './load.ts'
import { FAST_PER_MINUTE, JOIN_BODY, type Parts, type Writes } from './parts.ts'
import { createVisitors } from './visitors.ts'
import { checkWhole } from './whole.ts'

export interface TrickleFigures {
  readonly joins: number
  readonly everyMs: number
  readonly writes: Writes
  readonly ghosts: number
}

export async function trickle(
  { server, client, ...parts }: Parts,
  { joins, everyMs }: { joins: number; everyMs: number },
): Promise<{ figures: TrickleFigures; broken: readonly string[] }> {
  const room = `trickle-${everyMs}`
  await client.putRoom(room, { ratePerMinute: FAST_PER_MINUTE, batchSeconds: 1 })
  await client.act(room, 'open')
  const visitors = createVisitors(joins)
  const request = httpRequest('POST', `/r/${room}/tickets`, { body: JOIN_BODY })
  const { writes } = await parts.writesOf(joins, async () => {
    for (let count = 0; count < joins; count++) {
      const { body } = await ask(server.port, request)
      visitors.joined(body, visitors.latestCohort)
      await pause(everyMs)
    }
  })
  const end = await client.until(room, one => one.waiting === 0 && one.tail >= joins)
  const whole = checkWhole(visitors.tickets(), await parts.records(room, end))
  return {
    figures: { joins, everyMs, writes, ghosts: whole.ghosts },
    broken: [...visitors.broken(), ...whole.broken],
  }
}
