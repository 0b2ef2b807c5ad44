/** Batches: from what the rate owes a line to the places let in. */
import { turnStretchMs } from '../house/slots.ts'
import { BATCH_SECONDS, BATCHES_MAX, CARRY_MS_MAX, PLACE_ROUNDING } from '../limits.ts'
import type { RoomConfig } from '../room/config.ts'
import type { Batch, Line } from '../room/line.ts'
import { isLongSilence } from '../room/opening.ts'
import type { Policy } from '../room/state.ts'
import type { Allowance } from './policies.ts'

/** A rate of one a minute earns one place in this many milliseconds. */
export const PLACE_MS = 60_000
/**
 * A next batch farther away than this was written by a clock that was wrong: twice the longest
 * distance that a configuration can ask for.
 */
const REANCHOR_MS = 2 * BATCH_SECONDS.max * 1000

/** What a line may be given. */
export interface Budget {
  /** The line's rate at a time; how many people are to enter in a minute. */
  readonly ratePerMinute: (atMs: number) => number
  readonly ratePolicy: Policy
  /** What seats and stock leave. */
  readonly allowance: Allowance
  /** The share of turns that are used: so many more places are let in. */
  readonly showUp: number
  /** Entries beyond what was expected, which are taken off. Below 0: entries short of it, which are made up for. */
  readonly entriesAboveForecast: number
  /** How long nobody stood in line before these batches. What the rate would have let in then pays off debts, no more. */
  readonly idleBeforeBatchMs: number
  /** Places that an operator lets in by hand, besides the rate. */
  readonly manual: number
}

export interface BatchOutcome {
  readonly line: Line
  /** Places that the rate let in, and places let in by hand. */
  readonly byRate: number
  readonly byHand: number
  /** The policy that bound; null when everybody was let in; undefined when no batch was due. */
  readonly binding: Policy | null | undefined
}

/** Lets in what the batches since the last one owe, as far as there are people, seats and goods. */
export function withBatches(
  line: Line,
  config: RoomConfig,
  budget: Budget,
  nowMs: number,
): BatchOutcome {
  const waiting = line.tail - line.front
  const nothing = { line, byRate: 0, byHand: 0, binding: undefined }
  // With nobody in line nothing is owed. The next batch stays due, so the next visitor is let in at once.
  if (waiting === 0) return nothing
  const byHand = Math.min(budget.manual, waiting, budget.allowance.places)
  const dueAtMs = line.nextBatchAtMs ?? nowMs
  if (dueAtMs - nowMs > REANCHOR_MS) {
    const anchored = { ...line, nextBatchAtMs: nowMs + config.batchSeconds * 1000 }
    return { ...letIn(anchored, { byRate: 0, byHand }, config, nowMs), binding: undefined }
  }
  if (nowMs >= dueAtMs) return withDueBatches(line, config, budget, { dueAtMs, byHand, nowMs })
  if (byHand === 0) return nothing
  return { ...letIn(line, { byRate: 0, byHand }, config, nowMs), binding: undefined }
}

/** At least one batch is due: its places are let in, together with those let in by hand. */
function withDueBatches(
  line: Line,
  config: RoomConfig,
  budget: Budget,
  { dueAtMs, byHand, nowMs }: Record<'dueAtMs' | 'byHand' | 'nowMs', number>,
): BatchOutcome {
  const batchMs = config.batchSeconds * 1000
  const isSilence = isLongSilence(dueAtMs, nowMs)
  const fromMs = isSilence ? nowMs : dueAtMs
  const elapsed = Math.floor((nowMs - fromMs) / batchMs) + 1
  const { showUp } = budget
  const wanted = line.tail - line.front - byHand
  const start = {
    fromMs,
    batchMs,
    credit: openingCredit(budget, isSilence ? 0 : line.carry, fromMs),
  }
  const earned = earnedBatches(budget, start, {
    batches: elapsed,
    credit: wanted * showUp * PLACE_MS,
  })
  // Overbooking and making up for no-shows at most double what the rate lets in.
  const doubled = line.doubleCarry + 2 * earned.batchCredits
  const most = Math.floor(doubled / PLACE_MS + PLACE_ROUNDING)
  const byCredit = Math.max(0, Math.floor(earned.credit / (PLACE_MS * showUp) + PLACE_ROUNDING))
  const owed = Math.min(wanted, byCredit, most)
  const byRate = Math.min(owed, budget.allowance.places - byHand)
  const lacksRoom = byRate < owed
  const isRateless = earned.batchCredits === 0
  const moved = {
    ...line,
    nextBatchAtMs: fromMs + batchMs * (lacksRoom || isRateless ? elapsed : earned.batches),
    // Credit that nobody could use is given up; a debt stays.
    carry: carried({
      rest: earned.credit - byRate * showUp * PLACE_MS,
      isGivenUp: lacksRoom || byRate === wanted,
      credits: earned.batchCredits,
      durationMs: earned.batches * batchMs,
    }),
    doubleCarry: Math.min(PLACE_MS - 1, Math.max(0, Math.round(doubled - byRate * PLACE_MS))),
  }
  const binding = lacksRoom ? budget.allowance.policy : byRate < wanted ? budget.ratePolicy : null
  return { ...letIn(moved, { byRate, byHand }, config, nowMs), binding }
}

/**
 * What is owed before the first of these batches, in place-milliseconds: what was left of the last one, less the
 * entries above the forecast. A debt is paid off by the time in which nobody stood in line.
 */
function openingCredit(budget: Budget, carry: number, fromMs: number): number {
  const credit = carry - budget.entriesAboveForecast * PLACE_MS
  if (credit >= 0) return credit
  return Math.min(0, credit + budget.ratePerMinute(fromMs) * budget.idleBeforeBatchMs)
}

/**
 * What the rate earns, batch by batch, by the rate that was in force at each. After the batch that empties the line
 * no further one is owed.
 * @param most so many batches are due, and so much credit lets everybody in who waits.
 */
function earnedBatches(
  { ratePerMinute }: Budget,
  start: Record<'fromMs' | 'batchMs' | 'credit', number>,
  most: Record<'batches' | 'credit', number>,
) {
  let [batches, batchCredits, credit] = [0, 0, start.credit]
  while (batches < most.batches && (batches === 0 || credit < most.credit)) {
    const batchCredit = ratePerMinute(start.fromMs + batches * start.batchMs) * start.batchMs
    batchCredits += batchCredit
    credit += batchCredit
    batches++
  }
  return { batches, batchCredits, credit }
}

/** The credit that goes on to the next batch. It is bounded, and a whole number. */
function carried({
  rest,
  isGivenUp,
  credits,
  durationMs,
}: {
  readonly rest: number
  readonly isGivenUp: boolean
  readonly credits: number
  readonly durationMs: number
}): number {
  const most = credits * Math.max(2, CARRY_MS_MAX / durationMs)
  const bounded = Math.max(-most, Math.min(rest, most + PLACE_MS))
  const kept = isGivenUp ? Math.min(0, bounded) : bounded
  const rounded = Math.round(kept)
  return rounded === 0 ? 0 : rounded
}

/** Moves the front by a batch, and keeps the batch for its turns. */
function letIn(
  line: Line,
  { byRate, byHand }: { readonly byRate: number; readonly byHand: number },
  config: RoomConfig,
  nowMs: number,
) {
  const places = byRate + byHand
  if (places === 0) return { line, byRate, byHand }
  const front = line.front + places
  const atMs = Math.max(nowMs, line.batches.at(-1)?.atMs ?? 0)
  const batches = merged([...line.batches, { to: front, atMs }], config)
  return { line: { ...line, front, batches }, byRate, byHand }
}

/**
 * Merges batches, so that at most `BATCHES_MAX` are kept. All batches of one stretch (a turn has 299) become one
 * with the time of the last: so a turn never gets shorter, and longer by less than a stretch. If there are more all
 * the same, the oldest join the batch after them.
 */
function merged(batches: readonly Batch[], config: RoomConfig): Batch[] {
  const stretchMs = turnStretchMs(config.turnSeconds)
  const stretch = (batch: Batch) => Math.floor(batch.atMs / stretchMs)
  return batches
    .filter((batch, index) => {
      const later = batches[index + 1]
      return later === undefined || stretch(later) !== stretch(batch)
    })
    .slice(-BATCHES_MAX)
}
