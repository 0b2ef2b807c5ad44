/** How the lines of a room share what is let in. */
import { FORMER_GROUP_SHARE } from './limits.ts'
import type { Line } from './line.ts'
import type { RoomConfig } from './room-config.ts'
import { lineOf, linesOf, MAIN_LINE, type RoomState } from './state.ts'

/** The share of the rate that each line has: groups with people in line take theirs. */
export function sharesOf(state: RoomState, config: RoomConfig): Map<string, number> {
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
