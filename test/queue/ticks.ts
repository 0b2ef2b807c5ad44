/** Runs a room through ticks and closes, as admission does, without a store. */

import { type TickFacts, tick } from '../../lib/queue/admission/tick.ts'
import type { CohortRecord } from '../../lib/queue/cohort/place.ts'
import { cohortRecord } from '../../lib/queue/cohort/record.ts'
import { EMPTY_HOUSE, type House } from '../../lib/queue/house/house.ts'
import { turnSlot } from '../../lib/queue/house/slots.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import type { RoomState } from '../../lib/queue/room/state.ts'

/** A tick that closes the open cohort with so many people in it, or, at 0, closes nothing. */
export interface Step {
  readonly atMs: number
  readonly arrivals: number
}

/**
 * The house of a sale in which everybody walks in as soon as they are let in, and leaves at once;
 * besides them some are inside who came another way.
 */
export function houseAfter(state: RoomState, config: RoomConfig, inside = 0): House {
  const byTurn = new Map<number, number>()
  let from = state.batchesFrom
  for (const { to, atMs } of state.batches) {
    const slot = turnSlot(atMs, config.turnSeconds)
    byTurn.set(slot, (byTurn.get(slot) ?? 0) + to - from)
    from = to
  }
  return { ...EMPTY_HOUSE, entered: state.front + inside, gone: state.front, byTurn }
}

/** A house with so many people in it, who all came some other way than by the turns of a test. */
export function houseOf(inside: number, change: Partial<House> = {}): House {
  return { ...EMPTY_HOUSE, entered: inside, ...change }
}

export const nobody: TickFacts = {
  house: EMPTY_HOUSE,
  closed: undefined,
  retried: 0,
  openCohortEmpty: true,
}

export function recordOf(state: RoomState, arrivals: number): CohortRecord {
  return cohortRecord({
    cohort: state.openCohort,
    base: state.tail,
    sizes: [arrivals],
    seed: new Uint8Array(32),
    closedAtMs: 0,
  })
}

/** One tick. */
export function step(
  state: RoomState,
  config: RoomConfig,
  { atMs, arrivals }: Step,
  { inside, ...counts }: Partial<TickFacts> & { inside?: number } = {},
): RoomState {
  const closed = arrivals > 0 ? recordOf(state, arrivals) : undefined
  return tick(
    { config, state },
    { ...nobody, house: houseAfter(state, config, inside), closed, ...counts },
    atMs,
  )
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
