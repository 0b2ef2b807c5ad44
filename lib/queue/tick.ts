/**
 * Admission: one pure step. Everything is computed from elapsed time and carries its remainder, so
 * a late, early or doubled tick lets the same people in.
 */
import { type Budget, isLongSilence, withBatches } from './batches.ts'
import { bookingNow, quietMsOf, surpriseOf, withLetIn } from './booking.ts'
import { type Forecast, forecastOf, withoutSpentTurns } from './forecast.ts'
import { withGroupLines } from './groups.ts'
import { withHealth } from './health.ts'
import { type House, heldOf } from './house.ts'
import { FORMER_GROUP_SHARE, QUIET_WINDOW_SECONDS, SLEEP_NOTICE_SECONDS } from './limits.ts'
import { limitOf, pacedAt, withHouse } from './orders.ts'
import { allowedBesides } from './pace.ts'
import { heldUp, nextDoublings, phaseOf, windowMs } from './phase.ts'
import { type CohortRecord, cohortSize } from './place.ts'
import {
  type Allowance,
  effectiveRate,
  hopesLeft,
  ratePolicy,
  seatsLeft,
  smallest,
} from './policies.ts'
import { type RoomConfig, timeMs } from './room-config.ts'
import { type Line, lineOf, linesOf, MAIN_LINE, type RoomState, withLine } from './state.ts'

/** What a tick is told of one line's open cohort. */
export interface Arrivals {
  /** The record of the open cohort, when it has just been closed. */
  readonly closed: CohortRecord | undefined
  /** How many of its joins told of an earlier attempt that failed. */
  readonly retried: number
  /** Has nobody leased in the open cohort? */
  readonly openCohortEmpty: boolean
}

/** What a tick is told besides state and configuration. */
export interface Counts extends Arrivals {
  readonly house: House
  /** The same of each group's line. */
  readonly groups?: Readonly<Record<string, Arrivals>>
}

/**
 * When the open cohort of a line is due to close; null before the opening. A gathering that is over
 * is due at the opening.
 */
export function closeDueAtMs(
  config: RoomConfig,
  state: Line & Pick<RoomState, 'openedAtMs'>,
): number | null {
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
  return openedAt(state, Math.max(fromMs, state.cohortOpenedAtMs))
}

/** The state with the sale open since a time. */
export function openedAt(state: RoomState, openedAtMs: number): RoomState {
  let next: RoomState = { ...state, openedAtMs, sleepsAtMs: null }
  for (const { name, line } of linesOf(next)) {
    next = withLine(next, name, { ...line, nextBatchAtMs: openedAtMs })
  }
  return next
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
  let next = withGroupLines(state, config, nowMs)
  next = withSales(next, config, counts.house, nowMs)
  if (next.pausedAtMs === null && next.soldOutAtMs === null) {
    next = withoutSpentTurns(next, config, counts.house, nowMs)
  }
  if (opens) next = opened(config, next, nowMs)
  next = withHealth(next, config, nowMs)
  next = withAdmissions(next, config, counts, opens, nowMs)
  if (next.openedAtMs === null) return next
  const byHand = state.manual - next.manual
  next = pacedAt(next, config, counts.house, isBatch(state, next) || byHand > 0, nowMs)
  if (byHand > 0) next = { ...next, pace: allowedBesides(next.pace, byHand) }
  next = withHouse(next, config, counts.house, nowMs)
  return withSleep(next, config, counts, nowMs)
}

/** Was a batch due in any line? */
function isBatch(before: RoomState, after: RoomState): boolean {
  return linesOf(after).some(
    ({ name, line }) => lineOf(before, name)?.nextBatchAtMs !== line.nextBatchAtMs,
  )
}

/**
 * What was sold, as far as the departures say. While nothing is left, or the room is closed, the
 * turns stand still.
 */
function withSales(state: RoomState, config: RoomConfig, house: House, nowMs: number): RoomState {
  let next = state
  if (house.bought !== state.bought || house.left !== state.left) {
    const firstBoughtAtMs = state.firstBoughtAtMs ?? (house.bought > 0 ? nowMs : null)
    const lastBoughtAtMs = house.bought > state.bought ? nowMs : state.lastBoughtAtMs
    next = { ...state, bought: house.bought, left: house.left, firstBoughtAtMs, lastBoughtAtMs }
  }
  const stands = ['soldOut', 'closed'].includes(phaseOf({ config, state: next }, nowMs))
  if (stands === (next.soldOutAtMs !== null)) return next
  if (stands) return { ...next, soldOutAtMs: nowMs }
  // From a pause on it is the pause that holds the turns up.
  const untilMs = next.pausedAtMs ?? nowMs
  const heldMs = Math.max(0, untilMs - (next.soldOutAtMs ?? untilMs))
  return { ...heldUp(next, heldMs, nowMs), soldOutAtMs: null }
}

/** Each line takes its closed cohort, and is let in by its share of what the policies leave. */
function withAdmissions(
  state: RoomState,
  config: RoomConfig,
  counts: Counts,
  opens: boolean,
  nowMs: number,
): RoomState {
  let next = state
  const { house } = counts
  const forecast = forecastOf(state, config, house, nowMs)
  const seats = smallest(
    seatsLeft(config, state, house, forecast, nowMs),
    hopesLeft(config, state, house, forecast),
  )
  const admission: Admission = {
    forecast,
    places: seats.places,
    policy: seats.policy,
    let: 0,
    byHand: 0,
  }
  const arrivalsOf = (name: string) => (name === MAIN_LINE ? counts : counts.groups?.[name])
  // Batches that are due by now belong to those who have been in line.
  if (linesOf(next).some(({ name }) => arrivalsOf(name)?.closed !== undefined)) {
    next = admitted(next, config, house, admission, nowMs)
  }
  for (const { name, line } of linesOf(next)) {
    const arrivals = arrivalsOf(name)
    if (arrivals === undefined) continue
    next = withLine(next, name, withArrivals(next, line, config, arrivals, opens, nowMs))
  }
  if (next.openedAtMs === null) return next
  return admitted(next, config, house, admission, nowMs)
}

/** What this tick has left to give, and has given. */
interface Admission {
  readonly forecast: Forecast
  readonly policy: Allowance['policy']
  places: number
  let: number
  byHand: number
}

/** Groups first: their share is theirs; what they leave is everybody's. */
function admitted(
  state: RoomState,
  config: RoomConfig,
  house: House,
  admission: Admission,
  nowMs: number,
): RoomState {
  if (phaseOf({ config, state }, nowMs) !== 'open') return state
  // Only what was let in in this very tick is expected besides.
  const booking = bookingNow(state, config, house, admission, nowMs)
  let next = state
  const lines = linesOf(state).reverse()
  const shares = sharesOf(state, config)
  const letBefore = admission.let
  let isDue = false
  for (const { name, line } of lines) {
    const isMain = name === MAIN_LINE
    const share = shares.get(name) ?? 0
    const budget: Budget = {
      ratePerMinute: atMs => effectiveRate(config, state, atMs) * share,
      ratePolicy: ratePolicy(config, state, nowMs),
      allowance: {
        policy: admission.policy,
        places: isMain ? admission.places : shareOf(admission.places, share),
      },
      showUp: booking?.showUp ?? 1,
      surprise: isMain ? surpriseOf(state, config, house, booking, nowMs) : 0,
      quietMs: isMain ? quietMsOf(state, config) : 0,
      manual: isMain ? next.manual : 0,
    }
    const given = withBatches(line, config, budget, nowMs)
    admission.places -= given.byRate + given.byHand
    admission.let += given.byRate + given.byHand
    if (isMain && given.binding !== undefined) isDue = true
    next = withLine(next, name, given.line)
    if (given.byHand > 0) next = { ...next, manual: next.manual - given.byHand }
    if (isMain && given.binding !== undefined && given.binding !== next.binding) {
      next = { ...next, binding: given.binding }
    }
  }
  const letNow = admission.let - letBefore
  // Its people are those before this call: what it let in comes on top.
  if (isDue) return { ...next, booking: withLetIn(booking, letNow) }
  // By hand, or in a group's line, between two batches of the main one.
  return letNow === 0 ? next : { ...next, booking: withLetIn(state.booking, letNow) }
}

/** Part of the places that are left, at least one of them; no limit stays none. */
function shareOf(places: number, share: number): number {
  return Number.isFinite(places) ? Math.ceil(places * share) : places
}

/** The share of the rate that each line has: groups with people in line take theirs. */
function sharesOf(state: RoomState, config: RoomConfig): Map<string, number> {
  const shares = new Map<string, number>()
  const isWaiting = (line: Line) => line.tail > line.front
  let taken = 0
  for (const { name, sharePercent } of config.groups) {
    const line = lineOf(state, name)
    if (line === undefined || !isWaiting(line)) continue
    shares.set(name, sharePercent / 100)
    taken += sharePercent / 100
  }
  // Who was in the line of a group that was taken away since walks in all the same.
  for (const { name, line } of linesOf(state)) {
    const isKnown = name === MAIN_LINE || config.groups.some(group => group.name === name)
    if (isKnown || !isWaiting(line)) continue
    const share = (1 - taken) * FORMER_GROUP_SHARE
    shares.set(name, share)
    taken += share
  }
  // With nobody in the main line the groups share all of it.
  if (!isWaiting(state) && taken > 0) {
    for (const [name, share] of shares) shares.set(name, share / taken)
  }
  return shares.set(MAIN_LINE, Math.max(0, 1 - taken))
}

function withArrivals(
  state: RoomState,
  line: Line,
  config: RoomConfig,
  arrivals: Arrivals,
  opens: boolean,
  nowMs: number,
): Line {
  let next = line
  const { openedAtMs } = state
  if (arrivals.closed !== undefined) {
    const windowDoublings = nextDoublings(
      { config, state: { ...next, openedAtMs } },
      cohortSize(arrivals.closed.sizes),
      arrivals.retried,
    )
    const joinedAtMs = opens ? openedAtMs : nowMs
    next = withCohort(next, arrivals.closed, openedAtMs ?? 0, nowMs, joinedAtMs)
    if (next.openCohort !== line.openCohort) next = { ...next, windowDoublings }
  }
  // With nobody in line and nobody coming the overload is over: the next visitor waits a second.
  const isOver = next.tail === next.front && arrivals.openCohortEmpty
  return isOver && openedAtMs !== null && next.windowDoublings > 0
    ? { ...next, windowDoublings: 0 }
    : next
}

/**
 * The line grows by a drawn cohort, and the next one opens. A record of another cohort is no news.
 * @param joinedAtMs since when these people stand in line; a batch that nobody was there for is
 *   theirs from then on, and not one more: a quiet hour lets no rush in afterwards.
 */
function withCohort(
  line: Line,
  record: CohortRecord,
  openedAtMs: number,
  nowMs: number,
  joinedAtMs: number | null,
): Line {
  if (record.cohort !== line.openCohort) return line
  const { nextBatchAtMs } = line
  const waits = line.tail > line.front || nextBatchAtMs === null || joinedAtMs === null
  return {
    ...line,
    openCohort: record.cohort + 1,
    cohortOpenedAtMs: Math.max(nowMs, line.cohortOpenedAtMs, openedAtMs),
    tail: record.base + cohortSize(record.sizes),
    nextBatchAtMs: waits ? nextBatchAtMs : Math.max(nextBatchAtMs, joinedAtMs),
  }
}

/**
 * A room with nobody left, or nothing, announces that its ticks will stop; a visitor, or stock,
 * takes that back. It stays awake while somebody might meet a limit that only a tick can move.
 */
function withSleep(state: RoomState, config: RoomConfig, counts: Counts, nowMs: number): RoomState {
  const isEmpty = linesOf(state).every(({ name, line }) => {
    const arrivals = name === MAIN_LINE ? counts : counts.groups?.[name]
    return line.tail === line.front && (arrivals?.openCohortEmpty ?? true)
  })
  const { openTurns } = forecastOf(state, config, counts.house, nowMs)
  const free = limitOf(state, config, counts.house, nowMs) - counts.house.entered
  const isWanted = heldOf(counts.house) > 0 || openTurns > free || isSlowed(state)
  const idle =
    (isEmpty && !isWanted) || ['soldOut', 'closed'].includes(phaseOf({ config, state }, nowMs))
  if (!idle) return state.sleepsAtMs === null ? state : { ...state, sleepsAtMs: null }
  if (state.sleepsAtMs !== null) return state
  return { ...state, sleepsAtMs: nowMs + SLEEP_NOTICE_SECONDS * 1000 }
}

/** Is admission still slowed by health? It grows back by ticks alone. */
function isSlowed({ health }: RoomState): boolean {
  return health !== null && health.share < 1 && !(health.isBad && health.reportedAtMs === null)
}
