/**
 * One sale through the running server: everybody joins before the opening or in a spike after it,
 * reads status and record, and some take their turn. Beside each part, bare Hono.
 */

import { TURN_SECONDS } from '../../lib/queue/limits.ts'
import { memoryMegabytes } from '../shared/machine.ts'
import type { Processes } from '../shared/processes.ts'
import { httpRequest } from './load.ts'
import { createParts, FAST_PER_MINUTE, JOIN_BODY, type Parts, type Writes } from './parts.ts'
import type { Compared } from './rounds.ts'
import { type TrickleFigures, trickle } from './trickle.ts'
import { takeTurns } from './turns.ts'
import { createVisitors, type Visitors } from './visitors.ts'
import { warmUp } from './warm-up.ts'
import { checkWhole } from './whole.ts'

export interface SaleOptions {
  readonly visitors: number
  /** How many of them take their turn. */
  readonly turns: number
  readonly rounds: number
  readonly connections: number
  say(text: string): void
}

export interface JoinFigures extends Compared {
  readonly writes: Writes
  readonly ghostsShare: number
}

export interface SaleFigures {
  readonly gathering: JoinFigures
  readonly spike: JoinFigures
  readonly trickles: readonly TrickleFigures[]
  readonly status: Compared & { readonly bytes: number }
  readonly record: Compared & { readonly bytes: number }
  readonly turns: Compared & { readonly writesPerTurn: number }
  /** Resident memory of the server when so many had joined. */
  readonly memory: readonly { readonly visitors: number; readonly megabytes: number }[]
  readonly memoryMostMegabytes: number
  readonly cohorts: number
  /** What is wrong with the result; empty when everything holds. */
  readonly broken: readonly string[]
}

const ROOM = 'bench'
const READS_PER_ROUND = 8_000
/** So many rounds of a spike for one of the gathering. */
const SPIKE_SHARE = 0.4
const TRICKLES = [
  { joins: 6, everyMs: 2_000 },
  { joins: 12, everyMs: 600 },
]
const MEMORY_AT = [10_000, 100_000, 300_000]

export async function runSale(processes: Processes, options: SaleOptions): Promise<SaleFigures> {
  const { say, rounds } = options
  const parts = createParts(processes, options.connections)
  const { client, server } = parts
  const visitors = createVisitors(options.visitors)
  const memory = watchMemory(server.pid, visitors)
  const join = createJoin(parts, visitors, memory.look)

  say('warming up')
  await warmUp(parts)

  await client.putRoom(ROOM, { ratePerMinute: 0, batchSeconds: 1, turnSeconds: TURN_SECONDS.max })
  const spikeRounds = Math.max(1, Math.round(rounds * SPIKE_SHARE))
  const perRound = Math.floor(options.visitors / (rounds + spikeRounds))
  say(`gathering: ${perRound * rounds} join before the opening`)
  const gathering = await parts.writesOf(perRound * rounds, () => join(rounds, perRound))

  say('reading the status')
  const status = await read(parts, 'status', `/r/${ROOM}/status`, rounds)

  await client.act(ROOM, 'open')
  await client.until(ROOM, one => one.openCohort > 0)
  const late = options.visitors - visitors.count
  say(`open: ${late} more join in a spike`)
  const spike = await parts.writesOf(late, async () => {
    const compared = await join(spikeRounds, Math.floor(late / spikeRounds))
    const rest = options.visitors - visitors.count
    if (rest > 0) await join(1, rest)
    return compared
  })

  say('reading the record of the gathering')
  const record = await read(parts, 'record', `/r/${ROOM}/cohorts/0`, rounds)

  say('letting everybody in')
  await client.patchRoom(ROOM, { ratePerMinute: FAST_PER_MINUTE })
  const end = await client.until(ROOM, one => one.waiting === 0 && one.tail >= visitors.count)

  say('checking every ticket against the records')
  const records = await parts.records(ROOM, end)
  const whole = checkWhole(visitors.tickets(), records)
  const ghosts = visitors.ghosts(records)

  const chosen = visitors.chosen(options.turns - (options.turns % rounds))
  say(`${chosen.length} take their turn`)
  const turns = await takeTurns(parts, ROOM, chosen, rounds)

  say('visitors who come one by one')
  const trickles: Awaited<ReturnType<typeof trickle>>[] = []
  for (const one of TRICKLES) trickles.push(await trickle(parts, one))

  return {
    gathering: {
      ...gathering.result,
      writes: gathering.writes,
      ghostsShare: ghosts.gathering,
    },
    spike: { ...spike.result, writes: spike.writes, ghostsShare: ghosts.later },
    trickles: trickles.map(one => one.figures),
    status,
    record,
    turns: turns.figures,
    memory: memory.seen,
    memoryMostMegabytes: memoryMegabytes(server.pid).most,
    cohorts: end.openCohort,
    broken: [
      ...visitors.broken(),
      ...whole.broken,
      ...turns.broken,
      ...trickles.flatMap(one => one.broken),
    ],
  }
}

/** Some join, and bare Hono is posted to as often. */
function createJoin(parts: Parts, visitors: Visitors, afterJoin: () => void) {
  const cohortsMin = new Map<number, number>()
  const side = parts.roomSide({
    request(number, attempt) {
      cohortsMin.set(number, visitors.latestCohort)
      const body = attempt === 1 ? JOIN_BODY : JSON.stringify({ attempt })
      return httpRequest('POST', `/r/${ROOM}/tickets`, { body })
    },
    onAnswer(answer) {
      if (answer.status === 503) return true
      if (answer.status !== 201) throw new Error(`a join was answered ${answer.status}`)
      visitors.joined(answer.body, cohortsMin.get(answer.number) ?? 0)
      afterJoin()
      return false
    },
  })
  return (rounds: number, requestsPerRound: number) =>
    parts.compare({
      rounds,
      requestsPerRound,
      bare: parts.bareSide('ticket', JOIN_BODY),
      room: side,
    })
}

async function read(parts: Parts, name: string, path: string, rounds: number) {
  const bytes = Buffer.byteLength((await parts.client.get(path)).body)
  const request = httpRequest('GET', path)
  const compared = await parts.compare({
    rounds,
    requestsPerRound: READS_PER_ROUND,
    bare: parts.bareSide(name),
    room: parts.roomSide({
      request: () => request,
      onAnswer({ status, body }) {
        if (status !== 200) throw new Error(`${path} was answered ${status}`)
        JSON.parse(body)
        return false
      },
    }),
  })
  return { ...compared, bytes }
}

function watchMemory(pid: number, visitors: Visitors) {
  const seen: { visitors: number; megabytes: number }[] = []
  return {
    seen,
    look(): void {
      if (!MEMORY_AT.includes(visitors.count)) return
      seen.push({ visitors: visitors.count, megabytes: memoryMegabytes(pid).now })
    },
  }
}
