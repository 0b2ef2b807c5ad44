/** To a ticket: the page joins until it holds one; bots go on asking for more. */
import type { Ticket } from '../../queue/tokens/ticket.ts'
import type { Answer, Instances } from '../cloud/instances.ts'
import type { Laws } from '../measures/laws.ts'
import type { Pages } from './pages.ts'
import { STEP } from './people.ts'
import type { Luck, Walk } from './walk.ts'

export interface JoiningDeps {
  readonly walk: Walk
  readonly pages: Pages
  readonly instances: Instances
  readonly ledger: Laws
}

/** A bot asks for a ticket this often, without cookies, so many times. */
const HAMMER_MS = 200
const HAMMER_TIMES = 100
/** What a busy room asks for in its answer (lib/web/request/http.ts). */
const RETRY_AFTER_MS = 2_000

export function createJoining({ walk, pages, instances, ledger }: JoiningDeps) {
  const { timeline, people, measures } = walk
  const counts = { botTickets: 0, lostAnswers: 0 }

  const join = (visitor: number) => {
    walk.ask(visitor)
    const attempt = (people.attempts[visitor] ?? 0) + 1
    people.attempts[visitor] = Math.min(65_535, attempt)
    const network = walk.luck(visitor)
    if (network === 'unsent') return joinLater(visitor, null)
    walk.cdn().forward(
      environment => {
        walk.reachedFunction(visitor)
        return instances.join(environment, attempt)
      },
      answer => afterJoin(visitor, answer, network),
    )
  }

  const joinLater = (visitor: number, retryAfterMs: number | null) => {
    const pauseMs = walk.pauseAfterFailure(visitor, retryAfterMs)
    people.notBeforeMs[visitor] = timeline.nowMs() + pauseMs
    pages.goOn(visitor)
  }

  const afterJoin = (visitor: number, answer: Answer<Ticket> | undefined, network: Luck) => {
    if (answer?.status !== 'given') {
      const code = answer?.code
      if (code === 'sold-out' || code === 'room-ended') return walk.knowsItIsOver(visitor)
      return joinLater(visitor, answer === undefined ? null : RETRY_AFTER_MS)
    }
    ledger.given(answer.value)
    if (network === 'unanswered') {
      counts.lostAnswers++
      return joinLater(visitor, null)
    }
    hold(visitor, answer.value)
    pages.goOn(visitor)
  }

  const hold = (visitor: number, { cohort, shard, index }: Ticket) => {
    people.cohort[visitor] = cohort
    people.shard[visitor] = shard
    people.index[visitor] = index
    people.failures[visitor] = 0
    people.ticketMs[visitor] = timeline.nowMs()
    measures.count('tickets', timeline.nowMs())
  }

  /** A bot keeps no cookies: each answer is another ticket. */
  const hammer = (visitor: number) => {
    const attempt = (people.attempts[visitor] ?? 0) + 1
    people.attempts[visitor] = attempt
    if (attempt < HAMMER_TIMES) walk.next(visitor, STEP.hammer, HAMMER_MS)
    walk.cdn().forward(
      environment => instances.join(environment, 1),
      answer => {
        if (answer?.status !== 'given') return
        counts.botTickets++
        ledger.given(answer.value)
      },
    )
  }

  return { join, hammer, counts }
}
