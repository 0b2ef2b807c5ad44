/** Runs a room through ticks and closes, as admission does, without a store. */
import { cohortRecord } from '../../lib/queue/cohort.ts'
import type { CohortRecord } from '../../lib/queue/place.ts'
import type { RoomConfig } from '../../lib/queue/room-config.ts'
import type { RoomState } from '../../lib/queue/state.ts'
import { type Counts, tick } from '../../lib/queue/tick.ts'

/** A tick that closes the open cohort with so many people in it, or, at 0, closes nothing. */
export interface Step {
  readonly atMs: number
  readonly arrivals: number
}

export const nobody: Counts = {
  inside: 0,
  openTurns: 0,
  closed: undefined,
  retried: 0,
  openCohortEmpty: true,
}

export function recordOf(state: RoomState, arrivals: number): CohortRecord {
  return cohortRecord(state.openCohort, state.tail, [arrivals], new Uint8Array(32), 0)
}

/** One tick. */
export function step(
  state: RoomState,
  config: RoomConfig,
  { atMs, arrivals }: Step,
  counts: Partial<Counts> = {},
): RoomState {
  const closed = arrivals > 0 ? recordOf(state, arrivals) : undefined
  return tick(state, config, { ...nobody, closed, ...counts }, atMs)
}

/** The states after each step, in order. */
export function run(state: RoomState, config: RoomConfig, steps: readonly Step[]): RoomState[] {
  const states: RoomState[] = []
  for (const one of steps) states.push(step(states.at(-1) ?? state, config, one))
  return states
}

/** Ticks from `fromMs` to `untilMs` (inclusive) with a fixed gap. */
export function ticks(fromMs: number, untilMs: number, gapMs = 1_000): Step[] {
  const steps: Step[] = []
  for (let atMs = fromMs; atMs <= untilMs; atMs += gapMs) steps.push({ atMs, arrivals: 0 })
  return steps
}
