/** Runs a room with a main line and groups through ticks: everybody walks in at once, and leaves. */

import { tick } from '../../lib/queue/admission/tick.ts'
import type { Arrivals } from '../../lib/queue/cohort/arrivals.ts'
import { cohortRecord } from '../../lib/queue/cohort/record.ts'
import { EMPTY_HOUSE, type House } from '../../lib/queue/house/house.ts'
import { turnSlot } from '../../lib/queue/house/slots.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import type { Line } from '../../lib/queue/room/line.ts'
import { linesOf, MAIN_LINE } from '../../lib/queue/room/lines.ts'
import type { RoomState } from '../../lib/queue/room/state.ts'
import { ordersOf } from './orders.ts'

/** How many came to each line since the last tick, by the line's name; the main one's is ''. */
export type Came = Readonly<Record<string, number>>

export function tickLines(
  state: RoomState,
  config: RoomConfig,
  came: Came,
  nowMs: number,
): RoomState {
  const arrivals = (name: string, line: Line): Arrivals => {
    const count = came[name] ?? 0
    const seed = new Uint8Array(32)
    const record = cohortRecord({
      cohort: line.openCohort,
      base: line.tail,
      sizes: [count],
      seed,
      closedAtMs: nowMs,
    })
    return { closed: count > 0 ? record : undefined, retried: 0, openCohortEmpty: true }
  }
  const found = linesOf(state).map(({ name, line }) => [name, arrivals(name, line)] as const)
  const groups = Object.fromEntries(found.filter(([name]) => name !== MAIN_LINE))
  const house = houseOf(state, config)
  return tick({ config, state }, { ...arrivals(MAIN_LINE, state), groups, house }, nowMs)
}

/** Everybody whose turn began has walked in and left. */
function houseOf(state: RoomState, config: RoomConfig): House {
  const byTurn = new Map<number, number>()
  let entered = 0
  for (const { line } of linesOf(state)) {
    let from = line.batchesFrom
    for (const { to, atMs } of line.batches) {
      const slot = turnSlot(atMs, config.turnSeconds)
      byTurn.set(slot, (byTurn.get(slot) ?? 0) + to - from)
      from = to
    }
    entered += line.front
  }
  const house = { ...EMPTY_HOUSE, entered, gone: entered, byTurn }
  const { limit = 0 } = ordersOf({ config, state }, house, 0) ?? {}
  return { ...house, limit }
}
