/** A room's moving state: small, in one item, changed by conditional writes alone. */
import * as z from 'zod/mini'
import { JOIN_COHORTS_MAX, SHARDS } from './limits.ts'
import type { RoomConfig } from './room-config.ts'

const count = z.int().check(z.gte(0))
const instant = z.nullable(z.int())

export const roomStateSchema = z.object({
  /** One more with each write; a write is conditional on it. */
  version: count,
  /** One more each time the room is used for another sale, or made anew. */
  epoch: count,
  /** The first cohort of this epoch: tickets of earlier ones are of an ended sale. */
  firstCohort: count,
  openCohort: count,
  cohortOpenedAtMs: z.int(),
  /** How often the arrival window is doubled, because joins fail. */
  windowDoublings: count,
  /** Counter items of the open cohort. */
  shards: z.int().check(z.gte(1)),
  /** The master key that seeds this epoch's draws: fixed, or a rotation would break commitments. */
  drawKeyId: z.string(),
  openedAtMs: instant,
  pausedAtMs: instant,
  endedAtMs: instant,
  /** Set when nobody is left: ticks stop at this time, and joins since it was set wake the room. */
  sleepsAtMs: instant,
  front: count,
  tail: count,
  /** When the next batch is due; null before the opening. */
  nextBatchAtMs: instant,
  /** What the rate owes beyond whole places, in place-milliseconds: 0 .. 59,999. */
  carry: count,
  /** The front before the oldest batch kept. */
  batchesFrom: count,
  /** The batches whose turns may still run, oldest first: front moved up to `to` at `atMs`. */
  batches: z.array(
    z.object({
      to: count,
      atMs: z.int(),
      /** How long pauses held these turns up; left out where none did. */
      heldMs: z.optional(count),
    }),
  ),
})

export type RoomState = z.infer<typeof roomStateSchema>
export type Batch = RoomState['batches'][number]

/** When the turns of a batch end: a pause does not count. */
export function turnEndsAtMs(batch: Batch, turnSeconds: number): number {
  return batch.atMs + turnSeconds * 1000 + (batch.heldMs ?? 0)
}

/** A room as it is loaded: what the operator set, and where it stands. */
export interface Room {
  readonly id: string
  readonly config: RoomConfig
  /** The version of the configuration; an edit is conditional on it. */
  readonly configVersion: number
  readonly state: RoomState
}

/** The state of a new epoch. Cohort numbers go on over a room's whole life, places start again. */
export function newEpoch(
  previous: Pick<RoomState, 'version' | 'epoch' | 'openCohort'> | undefined,
  drawKeyId: string,
  nowMs: number,
): RoomState {
  const firstCohort = previous === undefined ? 0 : previous.openCohort + JOIN_COHORTS_MAX
  return {
    version: previous === undefined ? 0 : previous.version,
    epoch: previous === undefined ? 0 : previous.epoch + 1,
    firstCohort,
    openCohort: firstCohort,
    cohortOpenedAtMs: nowMs,
    windowDoublings: 0,
    shards: SHARDS,
    drawKeyId,
    openedAtMs: null,
    pausedAtMs: null,
    endedAtMs: null,
    sleepsAtMs: null,
    front: 0,
    tail: 0,
    nextBatchAtMs: null,
    carry: 0,
    batchesFrom: 0,
    batches: [],
  }
}
