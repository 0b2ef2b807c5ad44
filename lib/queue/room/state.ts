/** A room's moving state: small, in one item, changed by conditional writes alone. */
import * as z from 'zod/mini'
import { JOIN_COHORTS_MAX, SHARDS } from '../limits.ts'
import type { RoomConfig } from './config.ts'
import { lineFields, lineSchema, newLine } from './line.ts'

const count = z.int().check(z.gte(0))
const instant = z.nullable(z.int())

/** What keeps the next places from being let in. */
export const POLICIES = ['rate', 'plan', 'health', 'capacity', 'stock', 'pause'] as const
export type Policy = (typeof POLICIES)[number]

export const roomStateSchema = z.object({
  ...lineFields,
  /** One more with each write; a write is conditional on it. */
  version: count,
  /** One more each time the room is used for another sale, or made anew. */
  epoch: count,
  /** Counter items of the open cohort. */
  shards: z.int().check(z.gte(1)),
  /** The master key that seeds this epoch's draws: fixed, or a rotation would break commitments. */
  drawKeyId: z.string(),
  openedAtMs: instant,
  pausedAtMs: instant,
  endedAtMs: instant,
  /** Set when nobody is left: ticks stop at this time, and a join after it was set wakes the room. */
  sleepsAtMs: instant,
  /** Since when all is sold, or the room is closed; turns do not run meanwhile. */
  soldOutAtMs: z._default(instant, null),
  /** Lines of the groups, by name. A group that was taken away keeps its line, so that its people still walk in. */
  groups: z._default(z.record(z.string(), lineSchema), {}),
  /** Places that an operator let in by hand and that are still owed. */
  manual: z._default(count, 0),
  /** The policy that bound the last batch; null when everybody in line was let in. */
  binding: z._default(z.nullable(z.enum(POLICIES)), null),
  /** Turns that are over, and how many of them were used. Older ones count less (`SHOW_UP_MEMORY`). */
  showUp: z._default(z.object({ turns: z.number(), used: z.number() }), { turns: 0, used: 0 }),
  /** What was expected at the last batch; null until it is known, or guessed, how many use their turn. See `../admission/overbooking.ts`. */
  booking: z._default(
    z.nullable(
      z.object({
        /** When the last batch was due. */
        atMs: z.int(),
        /** Entries made and expected then, without the people who are always on their way. */
        people: z.number(),
        onTheWay: z.number(),
        showUp: z.number(),
      }),
    ),
    null,
  ),
  /** What the rate allowed, and how many had entered, over the last minute; oldest first. */
  pace: z._default(
    z.array(
      z.object({
        atMs: z.int(),
        allowed: z.number(),
        entered: count,
        /** How many had left. */
        gone: z.optional(count),
      }),
    ),
    [],
  ),
  /** The rate when the last of these points was noted; null while there is none. */
  pacedRate: z._default(z.nullable(z.number()), null),
  /** Bought and left in this sale, as far as they were told, and when the first purchase was noted. */
  bought: z._default(count, 0),
  left: z._default(count, 0),
  /** Of the others, visits that count as decided: see `../stock/decided-visits.ts`. */
  settled: z._default(count, 0),
  firstBoughtAtMs: z._default(instant, null),
  lastBoughtAtMs: z._default(instant, null),
  /** As of the last tick: seats of the late lane, and people inside or expected who may still buy. */
  lateSeats: z._default(count, 0),
  hopeful: z._default(count, 0),
  /** How far the showroom's health slows admission down; null while it never did. */
  health: z._default(
    z.nullable(
      z.object({
        /** 0 .. 1: the share of the rate that is let in. */
        share: z.number(),
        changedAtMs: z.int(),
        /** Did the last report say that the showroom suffers? */
        isBad: z.boolean(),
        /** When it came; null: an alarm, which lasts until it is taken back. */
        reportedAtMs: instant,
        /** When the alarm changed last, by its own clock; left out where none ever did. */
        alarmAtMs: z.optional(z.int()),
      }),
    ),
    null,
  ),
})

export type RoomState = z.infer<typeof roomStateSchema>

/** A room as it is loaded: what the operator set, and where it stands. */
export interface Room {
  readonly id: string
  readonly config: RoomConfig
  /** The group whose line this is; left out for the main line. */
  readonly group?: string
  /** The version of the configuration; an edit is conditional on it. */
  readonly configVersion: number
  readonly state: RoomState
}

/** What every rule goes by: what the operator set, and where the room stands. */
export type RoomNow = Pick<Room, 'config' | 'state'>

type Previous = Pick<RoomState, 'version' | 'epoch' | 'openCohort' | 'groups'>

/** The state of a new epoch. Cohort numbers go on over a room's whole life, places start again. */
export function newEpoch(
  previous: Previous | undefined,
  drawKeyId: string,
  nowMs: number,
): RoomState {
  const groups = Object.entries(previous?.groups ?? {}).map(([name, line]) => [
    name,
    newLine(line.openCohort + JOIN_COHORTS_MAX, nowMs),
  ])
  return {
    ...newLine(previous === undefined ? 0 : previous.openCohort + JOIN_COHORTS_MAX, nowMs),
    version: previous === undefined ? 0 : previous.version,
    epoch: previous === undefined ? 0 : previous.epoch + 1,
    shards: SHARDS,
    drawKeyId,
    openedAtMs: null,
    pausedAtMs: null,
    endedAtMs: null,
    sleepsAtMs: null,
    soldOutAtMs: null,
    groups: Object.fromEntries(groups),
    manual: 0,
    binding: null,
    showUp: { turns: 0, used: 0 },
    booking: null,
    pace: [],
    pacedRate: null,
    bought: 0,
    left: 0,
    settled: 0,
    firstBoughtAtMs: null,
    lastBoughtAtMs: null,
    lateSeats: 0,
    hopeful: 0,
    health: null,
  }
}
