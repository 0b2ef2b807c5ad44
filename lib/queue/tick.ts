/**
 * Admission: one pure step. Everything is computed from elapsed time and carries its remainder, so
 * a late, early or doubled tick lets the same people in.
 */
import {
  BATCH_SECONDS,
  BATCHES_MAX,
  CATCH_UP_SECONDS_MAX,
  QUIET_WINDOW_SECONDS,
  SLEEP_NOTICE_SECONDS,
} from './limits.ts'
import { nextDoublings, phaseOf, windowMs } from './phase.ts'
import { type CohortRecord, cohortSize } from './place.ts'
import { type RoomConfig, timeMs } from './room-config.ts'
import { type Batch, type RoomState, turnEndsAtMs } from './state.ts'

/** What a tick is told besides state and configuration. */
export interface Counts {
  /** People in the showroom. */
  readonly inside: number
  /** Places let in whose turns still run and who have not walked in. */
  readonly openTurns: number
  /** The record of the open cohort, when it has just been closed. */
  readonly closed: CohortRecord | undefined
  /** How many of its joins told of an earlier attempt that failed. */
  readonly retried: number
  /** Has nobody leased in the open cohort? */
  readonly openCohortEmpty: boolean
}

/** A rate of one a minute earns one place in this many milliseconds. */
const PLACE_MS = 60_000
/**
 * A next batch farther away than this was written by a clock that was wrong: twice the longest
 * distance that a configuration can ask for.
 */
const REANCHOR_MS = 2 * BATCH_SECONDS.max * 1000

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
  const scheduledMs = Math.min(timeMs(config.opensAt) ?? nowMs, nowMs)
  const fromMs = isLongSilence(scheduledMs, nowMs) ? nowMs : scheduledMs
  const openedAtMs = Math.max(fromMs, state.cohortOpenedAtMs)
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
  const opens = openingDue(config, state, nowMs)
  const frontMax = state.front + seats(config, counts)
  // A pause stops the clock of every turn: resuming moves them on, so none is spent meanwhile.
  let next = state.pausedAtMs === null ? withoutSpentTurns(state, config, nowMs) : state
  if (opens) next = opened(config, next, nowMs)
  if (counts.closed !== undefined) {
    // Batches that are due by now belong to those who have been in line.
    next = withBatches(next, config, frontMax, nowMs)
    const windowDoublings = nextDoublings(
      { config, state: next },
      cohortSize(counts.closed.sizes),
      counts.retried,
    )
    next = withCohort(next, counts.closed, nowMs, opens ? next.openedAtMs : nowMs)
    if (next.openCohort !== state.openCohort) next = { ...next, windowDoublings }
  }
  if (next.openedAtMs === null) return next
  next = withoutDoublings(next, counts)
  next = withBatches(next, config, frontMax, nowMs)
  return withSleep(next, config, counts, nowMs)
}

/** With nobody in line and nobody coming the overload is over: the next visitor waits a second. */
function withoutDoublings(state: RoomState, counts: Counts): RoomState {
  const isOver = state.windowDoublings > 0 && state.tail === state.front && counts.openCohortEmpty
  return isOver ? { ...state, windowDoublings: 0 } : state
}

/**
 * The line grows by a drawn cohort, and the next one opens. A record of another cohort is no news.
 * @param joinedAtMs since when these people stand in line; a batch that nobody was there for is
 *   theirs from then on, and not one more: a quiet hour lets no rush in afterwards.
 */
function withCohort(
  state: RoomState,
  record: CohortRecord,
  nowMs: number,
  joinedAtMs: number | null,
): RoomState {
  if (record.cohort !== state.openCohort) return state
  const { nextBatchAtMs } = state
  const waits = state.tail > state.front || nextBatchAtMs === null || joinedAtMs === null
  return {
    ...state,
    openCohort: record.cohort + 1,
    cohortOpenedAtMs: Math.max(nowMs, state.cohortOpenedAtMs, state.openedAtMs ?? 0),
    tail: record.base + cohortSize(record.sizes),
    nextBatchAtMs: waits ? nextBatchAtMs : Math.max(nextBatchAtMs, joinedAtMs),
  }
}

/** Lets in what the batches since the last one owe, as far as there are people and seats. */
function withBatches(
  state: RoomState,
  config: RoomConfig,
  frontMax: number,
  nowMs: number,
): RoomState {
  const line = state.tail - state.front
  // With nobody in line nothing is owed and nothing is written: the next batch stands ready.
  if (line === 0 || phaseOf({ config, state }, nowMs) !== 'open') return state
  const batchMs = config.batchSeconds * 1000
  const dueAtMs = state.nextBatchAtMs ?? nowMs
  if (dueAtMs - nowMs > REANCHOR_MS) return { ...state, nextBatchAtMs: nowMs + batchMs }
  if (nowMs < dueAtMs) return state

  const silence = isLongSilence(dueAtMs, nowMs)
  const fromMs = silence ? nowMs : dueAtMs
  const carry = silence ? 0 : state.carry
  const batchCredit = config.ratePerMinute * batchMs
  const elapsed = Math.floor((nowMs - fromMs) / batchMs) + 1
  // The batch that empties the line is the last one owed.
  const emptying = batchCredit > 0 ? Math.ceil((line * PLACE_MS - carry) / batchCredit) : elapsed
  const credit = carry + batchCredit * Math.min(elapsed, emptying)
  const owed = Math.min(line, Math.floor(credit / PLACE_MS))
  const places = Math.min(owed, Math.max(0, frontMax - state.front))
  const lacksSeats = places < owed
  const moved = {
    ...state,
    nextBatchAtMs: fromMs + batchMs * (lacksSeats ? elapsed : Math.min(elapsed, emptying)),
    // Credit that nobody could use is gone.
    carry: lacksSeats || places === line ? 0 : credit % PLACE_MS,
  }
  return places === 0 ? moved : letIn(moved, places, config, nowMs)
}

/** Is what was missed meanwhile given up? */
function isLongSilence(dueAtMs: number, nowMs: number): boolean {
  return nowMs - dueAtMs > CATCH_UP_SECONDS_MAX * 1000
}

/** How many more the showroom can hold; a turn that still runs may need its seat any moment. */
function seats(config: RoomConfig, counts: Counts): number {
  if (config.capacity === null) return Number.POSITIVE_INFINITY
  return Math.max(0, config.capacity - counts.inside - counts.openTurns)
}

/** Front moves on by a batch. */
function letIn(state: RoomState, places: number, config: RoomConfig, nowMs: number): RoomState {
  const front = state.front + places
  const atMs = Math.max(nowMs, state.batches.at(-1)?.atMs ?? 0)
  return { ...state, front, batches: merged([...state.batches, { to: front, atMs }], config) }
}

/**
 * One batch for each small stretch of a turn, dated by the last one in it: so a turn only gets
 * longer, by less than a stretch. All the batches of a turn are `BATCHES_MAX` at most; more, left
 * over from shorter turns, join the batch after them.
 */
function merged(batches: readonly Batch[], config: RoomConfig): Batch[] {
  const stretchMs = (config.turnSeconds * 1000) / (BATCHES_MAX - 1)
  const stretch = (batch: Batch) => Math.floor(batch.atMs / stretchMs)
  return batches
    .filter((batch, index) => {
      const later = batches[index + 1]
      return later === undefined || stretch(later) !== stretch(batch)
    })
    .slice(-BATCHES_MAX)
}

/** Forgets batches whose turns are over. */
function withoutSpentTurns(state: RoomState, config: RoomConfig, nowMs: number): RoomState {
  const running = state.batches.findIndex(batch => nowMs < turnEndsAtMs(batch, config.turnSeconds))
  const spent = running === -1 ? state.batches.length : running
  const lastSpent = state.batches[spent - 1]
  if (lastSpent === undefined) return state
  return { ...state, batchesFrom: lastSpent.to, batches: state.batches.slice(spent) }
}

/** A room with nobody left, or nothing, announces that its ticks will stop; a visitor, or stock, takes that back. */
function withSleep(state: RoomState, config: RoomConfig, counts: Counts, nowMs: number): RoomState {
  const nobody = state.tail === state.front && counts.openCohortEmpty
  const idle = nobody || phaseOf({ config, state }, nowMs) === 'soldOut'
  if (!idle) return state.sleepsAtMs === null ? state : { ...state, sleepsAtMs: null }
  if (state.sleepsAtMs !== null) return state
  return { ...state, sleepsAtMs: nowMs + SLEEP_NOTICE_SECONDS * 1000 }
}
