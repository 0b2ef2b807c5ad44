/** Rounds in the order A B A B: what is measured, and bare Hono beside it on the same machine. */

import { median, percentile, processorSeconds } from '../shared/machine.ts'
import { type Answer, type LoadOutcome, runLoad } from './load.ts'

export interface Side {
  readonly port: number
  readonly pid: number
  request(number: number, attempt: number): string
  /** @returns true: the request is sent again. @throws Error for an answer that nobody foresees. */
  onAnswer(answer: Answer): boolean
}

export interface Rounds {
  readonly rounds: number
  readonly requestsPerRound: number
  readonly connections: number
  readonly bare: Side
  readonly room: Side
}

export interface SideFigures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of the server for one request. */
  readonly serverMicroseconds: number
  /** The same of this client. */
  readonly clientMicroseconds: number
  /** The share of the time that this client worked: near 1 it was the client that was measured. */
  readonly clientBusy: number
  readonly repeated: number
}

export interface Compared {
  readonly requests: number
  readonly room: SideFigures
  readonly bare: SideFigures
  /** The room's requests a second to bare Hono's, the median over the rounds. */
  readonly ratio: number
  readonly ratios: readonly number[]
}

interface Round extends LoadOutcome {
  readonly requests: number
  readonly serverSeconds: number
  readonly clientSeconds: number
}

export async function compare(plan: Rounds): Promise<Compared> {
  const bare: Round[] = []
  const room: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    bare.push(await runRound(plan, plan.bare, round))
    room.push(await runRound(plan, plan.room, round))
  }
  const ratios = room.map((one, at) => perSecond(one) / perSecond(bare[at] ?? one))
  return {
    requests: plan.rounds * plan.requestsPerRound,
    room: figures(room),
    bare: figures(bare),
    ratio: median(ratios),
    ratios,
  }
}

/** The client's share of the work of one side's whole run is read from this process. */
async function runRound(plan: Rounds, side: Side, round: number): Promise<Round> {
  const first = round * plan.requestsPerRound
  const serverBefore = processorSeconds(side.pid)
  const clientBefore = process.cpuUsage()
  const outcome = await runLoad({
    port: side.port,
    requests: plan.requestsPerRound,
    connections: plan.connections,
    request: (number, attempt) => side.request(first + number, attempt),
    onAnswer: answer => side.onAnswer({ ...answer, number: first + answer.number }),
  })
  const used = process.cpuUsage(clientBefore)
  return {
    ...outcome,
    requests: plan.requestsPerRound,
    serverSeconds: processorSeconds(side.pid) - serverBefore,
    clientSeconds: (used.user + used.system) / 1e6,
  }
}

function perSecond(round: Round): number {
  return round.requests / round.seconds
}

function figures(rounds: readonly Round[]): SideFigures {
  const sum = (of: (round: Round) => number) => rounds.reduce((total, one) => total + of(one), 0)
  const requests = sum(round => round.requests)
  const middle = (of: (round: Round) => number) => median(rounds.map(of))
  return {
    perSecond: middle(perSecond),
    p50Ms: middle(round => percentile(round.latenciesMs, 0.5)),
    p99Ms: middle(round => percentile(round.latenciesMs, 0.99)),
    serverMicroseconds: (sum(round => round.serverSeconds) * 1e6) / requests,
    clientMicroseconds: (sum(round => round.clientSeconds) * 1e6) / requests,
    clientBusy: sum(round => round.clientSeconds) / sum(round => round.seconds),
    repeated: sum(round => round.repeated),
  }
}
