/** Everybody who joined one room, and what they were given. */
import type * as z from 'zod/mini'
import type { CohortRecord } from '../../lib/queue/cohort/place.ts'
import { ticketSchema } from '../../lib/web/contract/schemas.ts'
import type { Tickets } from './whole.ts'

type GivenTicket = z.infer<typeof ticketSchema>

export interface Chosen {
  readonly id: string
  readonly token: string
}

export type Visitors = ReturnType<typeof createVisitors>

export function createVisitors(visitorsMax: number) {
  const cohorts = new Uint32Array(visitorsMax)
  const shards = new Uint8Array(visitorsMax)
  const indexes = new Uint32Array(visitorsMax)
  const tokens: string[] = []
  const commitments = new Map<number, Set<string>>()
  const broken = new Set<string>()
  let count = 0
  let latestCohort = 0

  return {
    get count() {
      return count
    },
    /** The latest cohort that a ticket was given in so far. */
    get latestCohort() {
      return latestCohort
    },
    /**
     * Takes the answer to a join.
     * @param cohortMin `latestCohort` when the join was sent: this visitor came later than those who had a ticket then,
     *   so an earlier cohort is wrong.
     */
    joined(body: string, cohortMin: number): void {
      const ticket: GivenTicket = JSON.parse(body)
      const { id, cohort, shard, index, commitment } = ticket
      if (count === 0) ticketSchema.parse(ticket)
      if (id !== `${cohort}.${shard}.${index}`) broken.add('ticket: an id is not its own')
      if (cohort < cohortMin) broken.add(`order: a late join is in the early cohort ${cohort}`)
      latestCohort = Math.max(latestCohort, cohort)
      cohorts[count] = cohort
      shards[count] = shard
      indexes[count] = index
      tokens.push(ticket.ticket)
      const promised = commitments.get(cohort)
      if (promised === undefined) commitments.set(cohort, new Set([commitment]))
      else promised.add(commitment)
      count++
    },
    broken: () => [...broken],
    tickets: (): Tickets => ({ count, cohorts, shards, indexes, commitments }),
    /** So many of them, evenly from first to last. */
    chosen(wanted: number): Chosen[] {
      if (wanted > count) throw new Error(`${wanted} of ${count} visitors cannot be chosen`)
      return Array.from({ length: wanted }, (_, at) => {
        const one = Math.floor((at * count) / wanted)
        return { id: `${cohorts[one]}.${shards[one]}.${indexes[one]}`, token: tokens[one] ?? '' }
      })
    },
    /** The share of leased indexes that nobody got: of the gathering, and of all later cohorts. */
    ghosts(records: readonly CohortRecord[]): { gathering: number; later: number } {
      const given = new Map<number, number>()
      for (let one = 0; one < count; one++) {
        const cohort = cohorts[one] ?? 0
        given.set(cohort, (given.get(cohort) ?? 0) + 1)
      }
      const share = (wanted: (cohort: number) => boolean) => {
        const chosen = records.filter(record => wanted(record.cohort))
        const leased = chosen.flatMap(record => record.sizes).reduce((sum, size) => sum + size, 0)
        const got = chosen.reduce((sum, record) => sum + (given.get(record.cohort) ?? 0), 0)
        return leased === 0 ? 0 : (leased - got) / leased
      }
      return { gathering: share(cohort => cohort === 0), later: share(cohort => cohort > 0) }
    },
  }
}
