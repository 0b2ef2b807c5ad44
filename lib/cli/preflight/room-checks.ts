/** Checks of a room's configuration before a sale. Pure: from the operator's answer alone. */
import * as z from 'zod/mini'
import { type RoomConfig, rateAt, roomConfigSchema } from '../../queue/room/config.ts'
import { printable, timeText } from '../shared/text.ts'
import { type Check, failed, look, ok } from './check.ts'

/** Entries a minute that one room bears: docs/admission.md. */
const ENTRIES_PER_MINUTE = 25_000

/** As much of a room's answer as is looked at. */
export const preflightRoomSchema = z.object({
  room: z.string(),
  phase: z.string(),
  // A newer server may say more.
  config: z.object(roomConfigSchema.shape),
})
type RoomAnswer = z.infer<typeof preflightRoomSchema>

/** @param visitors how many are expected. */
export function roomChecks(answer: RoomAnswer, visitors: number, nowMs: number): Check[] {
  const { config } = answer
  return [
    openingCheck(answer, nowMs),
    rateCheck(config, visitors, nowMs),
    insideCheck(config, nowMs),
    stockCheck(answer),
  ]
}

function openingCheck({ room: id, phase, config }: RoomAnswer, nowMs: number): Check {
  const name = 'opening'
  const room = printable(id)
  const set = (pair: string) => `room set ${room} ${pair}`
  if (phase === 'ended')
    return failed(name, 'the sale is over', `room put ${room} FILE begins another`)
  if (phase === 'closed')
    return failed(name, 'the room is closed for maintenance', set('mode=line'))
  if (phase === 'paused')
    return look(name, 'the room is paused', `room resume ${room}, when it is time`)
  if (config.mode === 'off') {
    return look(name, 'mode off: everybody goes straight through, uncounted', set('mode=line'))
  }
  if (phase === 'open' || phase === 'soldOut') return ok(name, 'the sale is open')
  if (config.opensAt === null) {
    return look(
      name,
      'the sale opens when you say so',
      `room open ${room}, or ${set('opensAt=TIME')}`,
    )
  }
  const { doorsAt, opensAt, closesAt } = config
  const doors = doorsAt === null || Date.parse(doorsAt) <= nowMs ? 'now' : shownTime(doorsAt)
  const ends = closesAt === null ? 'when you end it' : `at ${shownTime(closesAt)}`
  return ok(name, `doors open ${doors}, the sale at ${shownTime(opensAt)}, and it closes ${ends}`)
}

function rateCheck(config: RoomConfig, visitors: number, nowMs: number): Check {
  const name = 'rate'
  const startsAtMs = Math.max(nowMs, config.opensAt === null ? nowMs : Date.parse(config.opensAt))
  const rate = rateAt(config, startsAtMs)
  if (rate === 0) {
    const todo = 'set ratePerMinute, or an entry of ratePlan that has begun by the opening'
    return failed(name, 'at the opening the rate is 0: nobody is let in', todo)
  }
  if (rate > ENTRIES_PER_MINUTE) {
    const says = `${rate} a minute: one room bears about ${ENTRIES_PER_MINUTE} entries a minute`
    return failed(name, says, `ratePerMinute=${ENTRIES_PER_MINUTE}, or several rooms`)
  }
  const minutes = Math.ceil(visitors / rate)
  return ok(name, `${rate} a minute let ${visitors} visitors in within ${minutes} minutes`)
}

/** How many will be inside at this rate, and whether the capacity is below that. */
function insideCheck(config: RoomConfig, nowMs: number): Check {
  const name = 'inside'
  const { capacity, stock, sessionSeconds, batchSeconds } = config
  const rate = rateAt(config, nowMs) || config.ratePerMinute
  const steady = Math.ceil((rate * sessionSeconds) / 60)
  if (capacity === null) {
    const says = `no capacity is set: up to ${steady} may be inside (rate times session)`
    return stock === null
      ? look(name, says, `can the showroom bear ${steady} at once? If not, set capacity`)
      : ok(name, says)
  }
  const batch = Math.ceil((rate * batchSeconds) / 60)
  if (batch > capacity) {
    const says = `one batch of ${batch} is more than the capacity of ${capacity}`
    return look(name, says, 'a lower ratePerMinute, or batchSeconds, makes the flow even')
  }
  if (steady <= capacity) {
    return ok(
      name,
      `the capacity of ${capacity} is not reached: at most ${steady} are inside at this rate`,
    )
  }
  const fullSeconds = Math.ceil((capacity * 60) / rate)
  const rest = Math.floor((capacity * 60) / sessionSeconds)
  return ok(
    name,
    `the house of ${capacity} may be full after ${fullSeconds} s; then as many come in as leave, ${rest} a minute if everybody stays ${sessionSeconds} s`,
  )
}

function stockCheck({ room, phase, config }: RoomAnswer): Check {
  const name = 'stock'
  const { stock, stockLeft } = config
  if (stock === null) {
    const todo = `room set ${printable(room)} stock=N, and let the showroom tell of departures`
    return look(name, 'not counted: those who wait are not told when all is sold', todo)
  }
  if (phase === 'soldOut' || stock === 0 || stockLeft === 0) {
    return failed(name, 'nothing is left to sell', `room set ${printable(room)} stock=N`)
  }
  const told = stockLeft === null ? '' : `; ${stockLeft} left, as you or the showroom said last`
  return ok(name, `${stock} to sell${told}`)
}

function shownTime(time: string): string {
  return printable(timeText(Date.parse(time)))
}
