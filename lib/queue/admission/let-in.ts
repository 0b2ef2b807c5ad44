/** Lets people in: shares the places that seats and stock leave among the lines, and moves each line's front. */
import { type AllArrivals, arrivalsOf, withArrivals } from '../cohort/arrivals.ts'
import type { House } from '../house/house.ts'
import { FORMER_GROUP_SHARE } from '../limits.ts'
import type { Line } from '../room/line.ts'
import { lineOf, linesOf, MAIN_LINE, withLine } from '../room/lines.ts'
import type { Phase } from '../room/phase.ts'
import type { Policy, RoomNow, RoomState } from '../room/state.ts'
import { type Budget, withBatches } from './batches.ts'
import type { Forecast } from './forecast.ts'
import { bookingNow, entriesAboveForecast, idleBeforeBatchMs, withLetIn } from './overbooking.ts'
import { effectiveRate, placesByCapacity, placesByStock, ratePolicy, smallest } from './policies.ts'

/** The room as of now, before this tick lets anybody in. */
export interface RoomAtTick {
  readonly room: RoomNow
  readonly house: House
  readonly nowMs: number
  /** Does this very tick open the sale? */
  readonly opens: boolean
  readonly phase: Phase
  /** People who may enter in a minute, by plan and health. */
  readonly ratePerMinute: number
  /** Who is still to come of those let in before this tick. */
  readonly forecast: Forecast
}

/** Each line takes its closed cohort. Then the next people of each line are let in, by its share of the places. */
export function withAdmissions(at: RoomAtTick, counts: AllArrivals): RoomState {
  const { nowMs, opens } = at
  const { config } = at.room
  const places = placesToShare(at)
  let state = at.room.state
  // Batches that are due by now belong to those who were in line before these cohorts.
  if (linesOf(state).some(({ name }) => arrivalsOf(counts, name)?.closed !== undefined)) {
    state = admitted({ config, state }, at, places)
  }
  for (const { name, line } of linesOf(state)) {
    const arrivals = arrivalsOf(counts, name)
    if (arrivals === undefined) continue
    state = withLine(state, name, withArrivals({ config, state }, line, { arrivals, opens }, nowMs))
  }
  return admitted({ config, state }, at, places)
}

/** The places of this tick, for all lines together. */
interface TickPlaces {
  /** The policy that leaves the fewest. */
  readonly policy: Policy
  /** How many may still be let in. */
  left: number
  /** How many this tick has let in so far. */
  letIn: number
}

/** Asks every policy that limits places; the smallest answer counts. */
function placesToShare({ room, house, forecast, nowMs }: RoomAtTick): TickPlaces {
  const { policy, places: left } = smallest(
    placesByCapacity(room, house, forecast, nowMs),
    placesByStock(room, house, forecast, nowMs),
  )
  return { policy, left, letIn: 0 }
}

/** Lets people of each line in. Groups come first, each up to its share; the main line gets what they leave. */
function admitted(room: RoomNow, at: RoomAtTick, tickPlaces: TickPlaces): RoomState {
  const { house, phase, nowMs } = at
  const { config, state } = room
  if (phase !== 'open') return state
  // The forecast is from before this tick, so the places that it has let in since are added.
  const booking = bookingNow(room, at, tickPlaces.letIn)
  const shares = lineShares(room)
  const letInBefore = tickPlaces.letIn
  let next = state
  let isDue = false
  for (const { name, line } of linesOf(state).reverse()) {
    const isMain = name === MAIN_LINE
    const share = shares.get(name) ?? 0
    const budget: Budget = {
      ratePerMinute: atMs => effectiveRate(room, atMs) * share,
      ratePolicy: ratePolicy(room, nowMs),
      allowance: {
        policy: tickPlaces.policy,
        places: isMain ? tickPlaces.left : shareOf(tickPlaces.left, share),
      },
      showUp: booking?.showUp ?? 1,
      entriesAboveForecast: isMain ? entriesAboveForecast(room, house, booking, nowMs) : 0,
      idleBeforeBatchMs: isMain ? idleBeforeBatchMs(room) : 0,
      manual: isMain ? next.manual : 0,
    }
    const { byRate, byHand, binding, line: moved } = withBatches(line, config, budget, nowMs)
    tickPlaces.left -= byRate + byHand
    tickPlaces.letIn += byRate + byHand
    next = withLine(next, name, moved)
    if (byHand > 0) next = { ...next, manual: next.manual - byHand }
    if (!isMain || binding === undefined) continue
    isDue = true
    if (binding !== next.binding) next = { ...next, binding }
  }
  const letInNow = tickPlaces.letIn - letInBefore
  // `booking` is from before this call, so the places that the call let in are added.
  if (isDue) return { ...next, booking: withLetIn(booking, letInNow) }
  // No batch of the main line was due. Places let in by hand, or in a group's line, are added to its last booking.
  return letInNow === 0 ? next : { ...next, booking: withLetIn(state.booking, letInNow) }
}

/** The share of the rate that each line has: groups with people in line take theirs. */
export function lineShares({ config, state }: RoomNow): Map<string, number> {
  const shares = new Map<string, number>()
  const isWaiting = (line: Line) => line.tail > line.front
  let taken = 0
  for (const { name, sharePercent } of config.groups) {
    const line = lineOf(state, name)
    if (line === undefined || !isWaiting(line)) continue
    shares.set(name, sharePercent / 100)
    taken += sharePercent / 100
  }
  // People in the line of a group that was taken away since are let in, too, with a small share.
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

/** A line's share of the places that are left, rounded up. Where there is no limit, the share has none either. */
export function shareOf(places: number, share: number): number {
  return Number.isFinite(places) ? Math.ceil(places * share) : places
}
