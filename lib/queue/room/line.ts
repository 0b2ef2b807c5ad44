/** One line: a room's main one, or a group's. */
import * as z from 'zod/mini'

const count = z.int().check(z.gte(0))
const instant = z.nullable(z.int())

export const lineFields = {
  /** The first cohort of this epoch: tickets of earlier ones are of an ended sale. */
  firstCohort: count,
  openCohort: count,
  cohortOpenedAtMs: z.int(),
  /** How often the arrival window is doubled, because joins fail. */
  windowDoublings: count,
  front: count,
  tail: count,
  /** When the next batch is due; null before the opening. */
  nextBatchAtMs: instant,
  /**
   * What the rate owes beyond the places let in, in place-milliseconds; below 0 where more people
   * came than were expected.
   */
  carry: z.number(),
  /** The same for twice the rate, the most that over-booking lets in. Always less than one place. */
  doubleCarry: z._default(z.number(), 0),
  /** The front before the oldest batch kept. */
  batchesFrom: count,
  /** The batches whose turns may still run, oldest first: front moved up to `to` at `atMs`. */
  batches: z.array(
    z.object({
      to: count,
      atMs: z.int(),
      /** How long these turns stood still, in a pause or with nothing left; left out where they did not. */
      heldMs: z.optional(count),
    }),
  ),
}

export const lineSchema = z.object(lineFields)
export type Line = z.infer<typeof lineSchema>
export type Batch = Line['batches'][number]

/** A line that nobody stands in. */
export function newLine(firstCohort: number, nowMs: number): Line {
  return {
    firstCohort,
    openCohort: firstCohort,
    cohortOpenedAtMs: nowMs,
    windowDoublings: 0,
    front: 0,
    tail: 0,
    nextBatchAtMs: null,
    carry: 0,
    doubleCarry: 0,
    batchesFrom: 0,
    batches: [],
  }
}

/** When the turns of a batch end: time in which they stood still does not count. */
export function turnEndsAtMs(batch: Batch, turnSeconds: number): number {
  return batch.atMs + turnSeconds * 1000 + (batch.heldMs ?? 0)
}
