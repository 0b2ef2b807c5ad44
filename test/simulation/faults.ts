/** What goes wrong, by the seed: requests to the table, messages in queues, instances, the clock. */
import { between, type Chance } from '../../lib/rehearsal/time/chance.ts'

/** What becomes of one request; times count from its sending. */
export type Fate =
  | { status: 'served'; reachesMs: number; answersMs: number }
  /** Throttled: nothing is written. */
  | { status: 'refused'; answersMs: number }
  /** The caller hears of trouble; the request reaches the table all the same, before or after that. */
  | { status: 'lost'; reachesMs: number; answersMs: number }
  /** Its answer is lost, and the SDK sends it again. */
  | { status: 'repeated'; reachesMs: number; againMs: number; answersMs: number }
  /** The instance dies while it waits; null: before the request has left. */
  | { status: 'fatal'; reachesMs: number | null; diesMs: number }

/** Shares, 0 .. 1, of requests or messages that meet each trouble. */
export interface Weather {
  readonly refused: number
  readonly lost: number
  readonly repeated: number
  readonly fatal: number
  readonly slow: number
  /** Reads that may be old and are. */
  readonly stale: number
  readonly tickLost: number
  readonly tickDoubled: number
  readonly late: number
  readonly wordDoubled: number
  readonly queueAway: number
}

export const CLEAR: Weather = {
  refused: 0,
  lost: 0,
  repeated: 0,
  fatal: 0,
  slow: 0,
  stale: 0,
  tickLost: 0,
  tickDoubled: 0,
  late: 0,
  wordDoubled: 0,
  queueAway: 0,
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export type FaultName =
  | Exclude<keyof Weather, 'late'>
  | 'tickLate'
  | 'wordLate'
  | 'outage'
  | 'storm'

export interface Faults {
  fateOf(request: { readonly isWrite: boolean; readonly atMostOnce: boolean }): Fate
  /** How old the answer of a read is that need not be consistent. */
  ageMs(): number
  /** Delays of the deliveries of a message: none for one that is lost, two for one that is doubled. */
  deliveries(what: 'tick' | 'word', dueMs: number): number[]
  isQueueAway(): boolean
  /** Do ticks stand still at this time? Until when? */
  outageUntilMs(atMs: number): number | undefined
  /** From here on nothing goes wrong. */
  end(): void
  /** How often each happened. */
  readonly counts: Map<FaultName, number>
}

/** A busy answer takes a few milliseconds; the store gives up after two seconds (lib/store/dynamodb/client.ts). */
const ANSWER_MS = 6
export const SLOW_MS = 3_000
/** How old a read may be that need not be consistent (lib/store/port.ts). */
const STALE_MS = 1_000
/** The latest message that still comes. */
export const LATE_MS = 25_000

/**
 * @param outages while these last no tick is delivered.
 * @param storms while these last most requests are throttled.
 */
export function createFaults(
  chance: Chance,
  nowMs: () => number,
  weather: Weather,
  outages: readonly Span[],
  storms: readonly Span[],
): Faults {
  const counts = new Map<FaultName, number>()
  let [now, isOver] = [weather, false]
  const happens = (name: FaultName, share: number) => {
    if (share === 0 || chance() >= share) return false
    counts.set(name, (counts.get(name) ?? 0) + 1)
    return true
  }
  const within = (spans: readonly Span[], atMs: number) =>
    isOver ? undefined : spans.find(span => atMs >= span.fromMs && atMs < span.toMs)

  return {
    counts,
    fateOf({ isWrite, atMostOnce }) {
      const reachesMs = 1 + Math.floor(chance() * ANSWER_MS)
      const answersMs = reachesMs + 1 + Math.floor(chance() * ANSWER_MS)
      const storm = within(storms, nowMs())
      if (storm !== undefined && happens('storm', 0.6)) return { status: 'refused', answersMs }
      if (happens('refused', now.refused)) return { status: 'refused', answersMs: answersMs + 500 }
      if (happens('fatal', now.fatal)) {
        const hasLeft = chance() < 0.5
        return { status: 'fatal', reachesMs: hasLeft ? reachesMs : null, diesMs: answersMs }
      }
      if (isWrite && happens('lost', now.lost)) {
        // Half of the lost ones reach the table only when nobody waits for them any more.
        const isLate = chance() < 0.5
        return { status: 'lost', reachesMs: isLate ? answersMs + chance() * SLOW_MS : 1, answersMs }
      }
      if (isWrite && !atMostOnce && happens('repeated', now.repeated)) {
        const againMs = reachesMs + between(chance, 1, 1_000)
        return { status: 'repeated', reachesMs, againMs, answersMs: againMs + ANSWER_MS }
      }
      if (happens('slow', now.slow)) {
        const slowMs = chance() * SLOW_MS
        return {
          status: 'served',
          reachesMs: slowMs,
          answersMs: slowMs + ANSWER_MS + chance() * 500,
        }
      }
      return { status: 'served', reachesMs, answersMs }
    },
    ageMs: () => (happens('stale', now.stale) ? chance() * STALE_MS : 0),
    deliveries(what, dueMs) {
      const outage = what === 'tick' ? within(outages, nowMs() + dueMs) : undefined
      if (outage !== undefined && happens('outage', 1)) return []
      if (what === 'tick' && happens('tickLost', now.tickLost)) return []
      const isDoubled =
        what === 'tick'
          ? happens('tickDoubled', now.tickDoubled)
          : happens('wordDoubled', now.wordDoubled)
      return Array.from({ length: isDoubled ? 2 : 1 }, (_, copy) => {
        const isLate = happens(what === 'tick' ? 'tickLate' : 'wordLate', now.late)
        // A word that comes again may come long after the first.
        const isAgain = what === 'word' && copy > 0
        return dueMs + chance() * (isLate || isAgain ? LATE_MS : 50)
      })
    },
    isQueueAway: () => happens('queueAway', now.queueAway),
    outageUntilMs: atMs => within(outages, atMs)?.toMs,
    end() {
      ;[now, isOver] = [CLEAR, true]
    },
  }
}
