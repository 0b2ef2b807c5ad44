/** The laws: what must hold after every step, whatever happened. */
import type { CohortRecord } from '../../../lib/queue/cohort/place.ts'
import type { RoomState } from '../../../lib/queue/room/state.ts'
import type { Ticket } from '../../../lib/queue/tokens/ticket.ts'
import type { Answer, Call } from '../calls.ts'
import type { HouseFacts } from '../truth.ts'

/** Each by the name under which docs/testing.md says which guard trips it. */
export const LAWS = [
  'front-moves-on',
  'front-within-tail',
  'cohorts-follow',
  'one-ticket-each',
  'one-place-each',
  'place-kept',
  'turn-comes-first',
  'capacity',
  'booked-within-capacity',
  'held-come-first',
  'hold-kept',
  'house-adds-up',
  'pace',
  'hope',
  'enters-once',
  'every-pass-counted',
  'departed-stay-out',
  'departure-counts-once',
  'closed-means-closed',
  'earlier-sale',
  'open-way',
  'no-stall',
  'wakes-up',
  'seats-come-free',
  'everybody-in',
  'no-crash',
] as const
export type LawName = (typeof LAWS)[number]

/** A law that did not hold: what was expected, and what was there. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw'
  readonly law: LawName

  constructor(law: LawName, message: string) {
    super(message)
    this.law = law
  }
}

export function must(law: LawName, holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new BrokenLaw(law, message())
}

/** A pass as its visitor got it. */
export interface GivenPass {
  /** The ticket in it; a number of the open way has none. */
  readonly ticketId: string
  readonly ticket: Ticket | undefined
  readonly passId: string
  /** When the session ends that it opens, on the clock that is right, virtual time. */
  readonly sessionEndsMs: number
}

/** What a law hears of, after the truth has learned it. */
export interface Law {
  state?(before: RoomState | undefined, after: RoomState, call: Call): void
  record?(before: CohortRecord | undefined, after: CohortRecord): void
  /** A counter was written. */
  counter?(before: CounterFacts, after: CounterFacts): void
  house?(before: HouseFacts, after: HouseFacts, call: Call): void
  /** A claim is stored. */
  entered?(ticketId: string, passId: string, call: Call): void
  /** The house was read by a tick. */
  houseRead?(call: Call): void
  ticket?(ticket: Ticket, holder: string): void
  pass?(pass: GivenPass, call: Call): void
  /** A ticket asked for its turn and was told this code. */
  refused?(ticket: Ticket, code: string): void
  /** A place that an answer told a visitor. */
  placeTold?(ticket: Ticket, place: number): void
  stepDone?(call: Call, answer: Answer<void>): void
  eachSecond?(): void
}

export interface CounterFacts {
  readonly name: string
  readonly cohort: number
  readonly shard: number
  readonly leased: number
  readonly isClosed: boolean
}
