/** What every part of a run is made of: the processes, both sides of a comparison, counted writes. */
import { type CohortRecord, cohortRecordSchema } from '../../lib/queue/cohort/place.ts'
import type { Status } from '../../lib/queue/visitor/room-status.ts'
import type { Processes, WriteCounts } from '../shared/processes.ts'
import { createClient } from './client.ts'
import { httpRequest } from './load.ts'
import { type Compared, compare, type Rounds, type Side } from './rounds.ts'

export interface Writes {
  /** Leases, refused ones too, and indexes given back: what joining costs. */
  readonly perJoin: number
  /** Every write of that time, those of the ticks among them. */
  readonly all: WriteCounts
}

/** The highest rate that a room may have: everybody is let in at once. */
export const FAST_PER_MINUTE = 1_000_000
export const JOIN_BODY = JSON.stringify({ attempt: 1 })

export type Parts = ReturnType<typeof createParts>

export function createParts(processes: Processes, connections: number) {
  const { room: server, bare, database } = processes
  const client = createClient(server)
  return {
    server,
    bare,
    client,
    compare: (plan: Omit<Rounds, 'connections'>): Promise<Compared> =>
      compare({ ...plan, connections }),
    /** Bare Hono; with a body it is posted to. */
    bareSide(name: string, body?: string): Side {
      const method = body === undefined ? 'GET' : 'POST'
      const request = httpRequest(method, `/answers/${name}`, body === undefined ? {} : { body })
      return {
        port: bare.port,
        pid: bare.pid,
        request: () => request,
        onAnswer(answer) {
          JSON.parse(answer.body)
          return false
        },
      }
    },
    roomSide: (side: Pick<Side, 'request' | 'onAnswer'>): Side => ({
      port: server.port,
      pid: server.pid,
      ...side,
    }),
    /** What the database was asked to write meanwhile. */
    async writesOf<Result>(
      joins: number,
      work: () => Promise<Result>,
    ): Promise<{ result: Result; writes: Writes }> {
      const before = await database.counts()
      const result = await work()
      const all = difference(before, await database.counts())
      const joining = (all.lease ?? 0) + (all['lease-refused'] ?? 0) + (all['give-back'] ?? 0)
      return { result, writes: { perJoin: joining / joins, all } }
    },
    /** Every record of a room. */
    async records(name: string, at: Status): Promise<CohortRecord[]> {
      const found: CohortRecord[] = []
      for (let cohort = 0; cohort < at.openCohort; cohort++) {
        const answer = await client.get(`/r/${name}/cohorts/${cohort}`)
        found.push(cohortRecordSchema.parse(JSON.parse(answer.body)))
      }
      return found
    },
  }
}

function difference(before: WriteCounts, after: WriteCounts): WriteCounts {
  const earlier = new Map(Object.entries(before))
  return Object.fromEntries(
    Object.entries(after).map(([kind, count]) => [kind, count - (earlier.get(kind) ?? 0)]),
  )
}
