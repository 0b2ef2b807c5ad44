/** What the visitors do, step by step: the page loads, joins, waits by the poll plan, walks in. */
import type { CdnAnswers } from '../cloud/cdn.ts'
import type { Instances } from '../cloud/instances.ts'
import type { Laws } from '../measures/laws.ts'
import { createClaims, type Seated } from './claims.ts'
import { createJoining } from './joining.ts'
import { createPages } from './pages.ts'
import { STEP } from './people.ts'
import { createRecords } from './records.ts'
import { createWalk, type WalkDeps } from './walk.ts'

export interface CrowdDeps extends WalkDeps {
  readonly ledger: Laws
  readonly instances: Instances
  /** Somebody is in the showroom. */
  readonly entered: (ticketId: string) => void
  /** Visitors who ask for a seat are counted from this time on. */
  readonly seatedFromMs: number
}

export interface Crowd extends CdnAnswers {
  step(visitor: number): void
  readonly joins: {
    /** Tickets that bots got. */
    readonly botTickets: number
    /** Tickets whose answer was lost on the way: the visitor asked for another one. */
    readonly lostAnswers: number
  }
  readonly seated: Seated
}

export function createCrowd(deps: CrowdDeps): Crowd {
  const { timeline, people } = deps
  const walk = createWalk(deps)
  const claims = createClaims({ ...deps, walk })
  const pages = createPages(walk, claims)
  const joining = createJoining({ ...deps, walk, pages })
  const records = createRecords({ ...deps, walk, pages })

  return {
    status: pages.afterStatus,
    record: records.afterRecord,
    joins: joining.counts,
    seated: claims.seated,
    step(visitor) {
      if (timeline.nowMs() >= (people.leaveMs[visitor] ?? 0)) return walk.leave(visitor)
      switch (people.step[visitor]) {
        case STEP.load:
          return pages.load(visitor)
        case STEP.look:
          return pages.look(visitor)
        case STEP.join:
          return joining.join(visitor)
        case STEP.record:
          return records.read(visitor)
        case STEP.pass:
          return claims.claim(visitor)
        case STEP.hammer:
          return joining.hammer(visitor)
      }
    },
  }
}
