/** Admission: what the policies leave goes to the lines, and moves their fronts. */
import { arrivalsOf, type Counts, withArrivals } from '../cohort/arrivals.ts'
import type { House } from '../house/house.ts'
import { FORMER_GROUP_SHARE } from '../limits.ts'
import type { Line } from '../room/line.ts'
import { lineOf, linesOf, MAIN_LINE, withLine } from '../room/lines.ts'
import type { Phase } from '../room/phase.ts'
import type { Policy, RoomNow, RoomState } from '../room/state.ts'
import { type Budget, withBatches } from './batches.ts'
import type { Forecast } from './forecast.ts'
import { bookingNow, entriesAboveForecast, idleBeforeBatchMs, withLetIn } from './overbooking.ts'
import { effectiveRate, hopesLeft, ratePolicy, seatsLeft, smallest } from './policies.ts'

/** What letting in goes by: the room as of now, before anybody is let in. */
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

/** Each line takes its closed cohort, and is let in by its share of what the policies leave. */
export function withAdmissions(at: RoomAtTick, counts: Counts): RoomState {
  const { nowMs, opens } = at
  const { config } = at.room
  const given = nothingGiven(at)
  let state = at.room.state
  // Batches that are due by now belong to those who have been in line.
  if (linesOf(state).some(({ name }) => arrivalsOf(counts, name)?.closed !== undefined)) {
    state = admitted({ config, state }, at, given)
  }
  for (const { name, line } of linesOf(state)) {
    const arrivals = arrivalsOf(counts, name)
    if (arrivals === undefined) continue
    state = withLine(state, name, withArrivals({ config, state }, line, { arrivals, opens }, nowMs))
  }
  return admitted({ config, state }, at, given)
}

/** What this tick has left to give, and has given. */
interface Given {
  readonly policy: Policy
  placesLeft: number
  placesGiven: number
}

function nothingGiven({ room, house, forecast, nowMs }: RoomAtTick): Given {
  const { policy, places } = smallest(
    seatsLeft(room, house, forecast, nowMs),
    hopesLeft(room, house, forecast, nowMs),
  )
  return { policy, placesLeft: places, placesGiven: 0 }
}

/** Groups first: their share is theirs; what they leave is everybody's. */
function admitted(room: RoomNow, at: RoomAtTick, given: Given): RoomState {
  const { house, phase, nowMs } = at
  const { config, state } = room
  if (phase !== 'open') return state
  // Only what was let in in this very tick is expected besides.
  const booking = bookingNow(room, at, given.placesGiven)
  const shares = lineShares(room)
  const givenBefore = given.placesGiven
  let next = state
  let isDue = false
  for (const { name, line } of linesOf(state).reverse()) {
    const isMain = name === MAIN_LINE
    const share = shares.get(name) ?? 0
    const budget: Budget = {
      ratePerMinute: atMs => effectiveRate(room, atMs) * share,
      ratePolicy: ratePolicy(room, nowMs),
      allowance: {
        policy: given.policy,
        places: isMain ? given.placesLeft : shareOf(given.placesLeft, share),
      },
      showUp: booking?.showUp ?? 1,
      entriesAboveForecast: isMain ? entriesAboveForecast(room, house, booking, nowMs) : 0,
      idleBeforeBatchMs: isMain ? idleBeforeBatchMs(room) : 0,
      manual: isMain ? next.manual : 0,
    }
    const { byRate, byHand, binding, line: moved } = withBatches(line, config, budget, nowMs)
    given.placesLeft -= byRate + byHand
    given.placesGiven += byRate + byHand
    next = withLine(next, name, moved)
    if (byHand > 0) next = { ...next, manual: next.manual - byHand }
    if (!isMain || binding === undefined) continue
    isDue = true
    if (binding !== next.binding) next = { ...next, binding }
  }
  const givenNow = given.placesGiven - givenBefore
  // Its people are those before this call: what it let in comes on top.
  if (isDue) return { ...next, booking: withLetIn(booking, givenNow) }
  // By hand, or in a group's line, between two batches of the main one.
  return givenNow === 0 ? next : { ...next, booking: withLetIn(state.booking, givenNow) }
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

/** Part of the places that are left, at least one of them; no limit stays none. */
export function shareOf(places: number, share: number): number {
  return Number.isFinite(places) ? Math.ceil(places * share) : places
}
