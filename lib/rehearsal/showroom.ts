/** The showroom: people look around, buy while there is something, and leave. */
import type { RoomConfig } from '../queue/room-config.ts'
import { between, type Chance } from './chance.ts'
import type { Environment } from './functions.ts'
import type { Answer, Instances } from './instances.ts'
import type { Measures } from './measures.ts'
import type { Plan } from './options.ts'
import type { Queues } from './ticks.ts'
import type { Timeline } from './timeline.ts'

export interface ShowroomDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly plan: Plan
  readonly config: RoomConfig
  readonly instances: Instances
  readonly queues: Queues
  readonly measures: Measures
  /** Tells the room that nothing is left, as its operator does. */
  readonly sellOut: () => void
}

export interface Showroom {
  enter(visitor: number, ticketId: string): void
  soldOut(): void
  readonly counts: { inside: number; insideMost: number; sold: number; soldOutMs: number | null }
}

/** From walking in to paying, or to leaving. Assumed. */
const STAY_MS = { min: 4_000, max: 40_000 }
/** Of those who walk in, this share buys while there is something. Assumed. */
const BUYERS = 0.8
/** A showroom that says nothing lets the session run out; this share of departures is told. */
const TOLD = 0.9

export function createShowroom(deps: ShowroomDeps): Showroom {
  const { timeline, chance, plan, config, instances, queues } = deps
  const counts = { inside: 0, insideMost: 0, sold: 0, soldOutMs: null as number | null }

  const soldOut = () => {
    if (counts.soldOutMs !== null) return
    counts.soldOutMs = timeline.nowMs()
    deps.sellOut()
  }
  const depart = (ticketId: string, reason: 'bought' | 'left') => {
    const work = (environment: Environment): Promise<Answer<object>> =>
      instances.depart(environment, ticketId, reason)
    queues.deliver('departures', work)
  }
  return {
    counts,
    soldOut,
    enter(_visitor, ticketId) {
      counts.inside++
      counts.insideMost = Math.max(counts.insideMost, counts.inside)
      const stayMs = between(chance, STAY_MS.min, STAY_MS.max)
      const isTold = chance() < TOLD
      timeline.at(timeline.nowMs() + stayMs, () => {
        const hasStock = counts.soldOutMs === null && chance() < BUYERS
        const reason = hasStock ? 'bought' : 'left'
        if (hasStock) counts.sold++
        if (plan.stock !== null && counts.sold >= plan.stock) soldOut()
        if (!isTold) return
        counts.inside--
        depart(ticketId, reason)
      })
      if (isTold) return
      timeline.at(timeline.nowMs() + config.sessionSeconds * 1000, () => {
        counts.inside--
      })
    },
  }
}
