/** The showroom: people look around, buy while there is something, and leave. */

import type { Environment } from '../cloud/functions.ts'
import type { Answer, Instances } from '../cloud/instances.ts'
import type { Queues } from '../cloud/queues.ts'
import type { Laws } from '../measures/laws.ts'
import type { Plan } from '../plan/options.ts'
import { between, type Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'

export interface ShowroomDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly plan: Plan
  readonly instances: Instances
  readonly queues: Queues
  readonly ledger: Laws
  /** Tells the room that nothing is left, as its operator does. */
  readonly sellOut: () => void
}

/** What is so in the showroom, whatever the room knows of it. */
export interface ShowroomCounts {
  /** People in it. */
  inside: number
  insideMost: number
  /** Everybody who ever walked in. */
  entered: number
  sold: number
  /** When the last of the stock was sold. */
  soldOutMs: number | null
  /** Departures that were reported to the room. */
  reportedBought: number
  reportedLeft: number
}

export interface Showroom {
  enter(ticketId: string): void
  /** The operator says that nothing is left. */
  close(): void
  readonly counts: ShowroomCounts
}

export function createShowroom(deps: ShowroomDeps): Showroom {
  const { timeline, chance, plan, instances, queues } = deps
  const counts: ShowroomCounts = {
    inside: 0,
    insideMost: 0,
    entered: 0,
    sold: 0,
    soldOutMs: null,
    reportedBought: 0,
    reportedLeft: 0,
  }

  const report = (ticketId: string, reason: 'bought' | 'left') => {
    if (reason === 'bought') counts.reportedBought++
    else counts.reportedLeft++
    const work = (environment: Environment): Promise<Answer<object>> =>
      instances.depart(environment, ticketId, reason)
    queues.deliver('departures', work)
  }
  const decide = (ticketId: string) => {
    counts.inside--
    const buys = counts.soldOutMs === null && chance() < plan.buyers
    if (!buys) {
      // A visitor who just closes the tab is not reported: the seat is taken until the session ends.
      if (chance() < plan.told) report(ticketId, 'left')
      return
    }
    counts.sold++
    if (plan.stock !== null && counts.sold >= plan.stock) counts.soldOutMs = timeline.nowMs()
    report(ticketId, 'bought')
  }
  return {
    counts,
    close() {
      if (counts.soldOutMs !== null) return
      counts.soldOutMs = timeline.nowMs()
      deps.sellOut()
    },
    enter(ticketId) {
      counts.inside++
      counts.entered++
      counts.insideMost = Math.max(counts.insideMost, counts.inside)
      deps.ledger.entered(ticketId, counts.inside)
      const stayMs = between(chance, plan.stayMs.min, plan.stayMs.max)
      timeline.after(stayMs, () => decide(ticketId))
    },
  }
}
