/**
 * Admission: one pure step. Everything is computed from elapsed time and carries its remainder, so
 * a late, early or doubled tick lets the same people in.
 */
import {
  BATCHES_MAX,
  CATCH_UP_SECONDS_MAX,
  QUIET_WINDOW_SECONDS,
  SLEEP_NOTICE_SECONDS,
} from './limits.ts'
import { phaseOf, windowMs } from './phase.ts'
import { type CohortRecord, cohortSize } from './place.ts'
import { type RoomConfig, timeMs } from './room-config.ts'
import type { RoomState } from './state.ts'

/** What a tick is told besides state and configuration. */
export interface Counts {
  /** People in the showroom. */
  readonly inside: number
  /** Places let in whose turns still run and who have not walked in. */
  readonly openTurns: number
  /** The record of the open cohort, when it has just been closed. */
  readonly closed: CohortRecord | undefined
  /** Has nobody leased in the open cohort? */
  readonly openCohortEmpty: boolean
}

const PLACE_MS = 60_000
/** A next batch farther away than this was written by a clock that was wrong, or before an edit. */
const REANCHOR_MS = 60_000

/**
 * When the open cohort is due to close; null before the opening. A gathering that is over is due
 * at the opening.
 */
export function closeDueAtMs(config: RoomConfig, state: RoomState): number | null {
  if (state.openedAtMs === null) return null
  const from = Math.max(state.cohortOpenedAtMs, state.openedAtMs)
  return from + windowMs({ config, state }, QUIET_WINDOW_SECONDS)
}

/** Is the sale to be opened now? A pause holds the opening. */
export function openingDue(config: RoomConfig, state: RoomState, nowMs: number): boolean {
  const opensAtMs = timeMs(config.opensAt)
  if (state.openedAtMs !== null || state.pausedAtMs !== null || state.endedAtMs !== null)
    return false
  return opensAtMs !== null && nowMs >= opensAtMs
}

/** The state with the sale open since its scheduled time (or, after a long silence, since just now). */
export function opened(config: RoomConfig, state: RoomState, nowMs: number): RoomState {
  const scheduledMs = timeMs(config.opensAt) ?? nowMs
  const openedAtMs = Math.max(
    Math.min(scheduledMs, nowMs),
    nowMs - CATCH_UP_SECONDS_MAX * 1000,
    state.cohortOpenedAtMs,
  )
  return { ...state, openedAtMs, nextBatchAtMs: openedAtMs, sleepsAtMs: null }
}

/** The admission step. Returns the very state that came when nothing changes. */
export function tick(
  state: RoomState,
  config: RoomConfig,
  counts: Counts,
  nowMs: number,
): RoomState {
  if (phaseOf({ config, state }, nowMs) === 'ended') return state
  let next = openingDue(config, state, nowMs) ? opened(config, state, nowMs) : state
  if (counts.closed !== undefined) next = withCohort(next, counts.closed, nowMs)
  if (next.openedAtMs === null) return next
  if (phaseOf({ config, state: next }, nowMs) === 'open')
    next = withBatch(next, config, counts, nowMs)
  next = withoutSpentTurns(next, config, nowMs)
  return withSleep(next, counts, nowMs)
}

/** The line grows by a drawn cohort, and the next one opens. A record of another cohort is no news. */
function withCohort(state: RoomState, record: CohortRecord, nowMs: number): RoomState {
  if (record.cohort !== state.openCohort) return state
  return {
    ...state,
    openCohort: record.cohort + 1,
    cohortOpenedAtMs: Math.max(nowMs, state.cohortOpenedAtMs, state.openedAtMs ?? 0),
    tail: record.base + cohortSize(record.sizes),
  }
}

/** Lets in what the batches since the last one owe, as far as there are people and seats. */
function withBatch(state: RoomState, config: RoomConfig, counts: Counts, nowMs: number): RoomState {
  const batchMs = config.batchSeconds * 1000
  const dueAtMs = state.nextBatchAtMs ?? nowMs
  if (dueAtMs - nowMs > REANCHOR_MS) return { ...state, nextBatchAtMs: nowMs + batchMs }
  if (nowMs < dueAtMs) return state

  const elapsed = Math.floor((nowMs - dueAtMs) / batchMs) + 1
  const caughtUp = Math.min(
    elapsed,
    Math.max(1, Math.ceil((CATCH_UP_SECONDS_MAX * 1000) / batchMs)),
  )
  const credit = state.carry + config.ratePerMinute * batchMs * caughtUp
  const owed = Math.floor(credit / PLACE_MS)
  const seats =
    config.capacity === null
      ? Number.POSITIVE_INFINITY
      : Math.max(0, config.capacity - counts.inside - counts.openTurns)
  const places = Math.min(owed, seats, state.tail - state.front)
  const moved = {
    ...state,
    nextBatchAtMs: dueAtMs + elapsed * batchMs,
    // Credit that nobody could use is gone: a quiet hour lets no rush in afterwards.
    carry: places < owed || state.tail === state.front ? 0 : credit % PLACE_MS,
  }
  return places === 0 ? moved : letIn(moved, places, config, nowMs)
}

/** Front moves on by a batch. */
function letIn(state: RoomState, places: number, config: RoomConfig, nowMs: number): RoomState {
  const front = state.front + places
  const last = state.batches.at(-1)
  const atMs = Math.max(nowMs, last?.atMs ?? 0)
  const earlier = state.batches.at(-2)
  const grainMs = (config.turnSeconds * 1000) / BATCHES_MAX
  // Batches nearer than the grain become one, dated by the later: a turn only gets longer by it.
  const merges = last !== undefined && earlier !== undefined && atMs - earlier.atMs <= grainMs
  const kept = merges ? state.batches.slice(0, -1) : state.batches
  return { ...state, front, batches: [...kept, { to: front, atMs }] }
}

/** Forgets batches whose turns are over. */
function withoutSpentTurns(state: RoomState, config: RoomConfig, nowMs: number): RoomState {
  const running = state.batches.findIndex(batch => nowMs < batch.atMs + config.turnSeconds * 1000)
  const spent = running === -1 ? state.batches.length : running
  const lastSpent = state.batches[spent - 1]
  if (lastSpent === undefined) return state
  return { ...state, batchesFrom: lastSpent.to, batches: state.batches.slice(spent) }
}

/** A room without anybody announces that its ticks will stop; one with somebody takes that back. */
function withSleep(state: RoomState, counts: Counts, nowMs: number): RoomState {
  const idle = state.tail === state.front && counts.openCohortEmpty
  if (!idle) return state.sleepsAtMs === null ? state : { ...state, sleepsAtMs: null }
  if (state.sleepsAtMs !== null) return state
  return { ...state, sleepsAtMs: nowMs + SLEEP_NOTICE_SECONDS * 1000 }
}
