/** How many of those let in use their turn: measured when turns are over. */
import type { House } from '../house/house.ts'
import { turnSlot } from '../house/slots.ts'
import { SHOW_UP_MEMORY, SHOW_UP_MIN, SHOW_UP_TURNS_MIN } from '../limits.ts'
import { type Batch, type Line, turnEndsAtMs } from '../room/line.ts'
import { linesOf } from '../room/lines.ts'
import type { RoomNow, RoomState } from '../room/state.ts'

/** The measured share of turns that are used, bounded; null before enough turns are over. */
export function showUpOf(state: Pick<RoomState, 'showUp'>): number | null {
  const share = usedShare(state)
  return share === null ? null : Math.max(SHOW_UP_MIN, share)
}

/** The same plus one standard error, because few turns say little; 1 before enough turns are over. */
export function showUpMostOf(state: Pick<RoomState, 'showUp'>): number {
  const share = usedShare(state)
  if (share === null) return 1
  const error = Math.sqrt((share * (1 - share)) / state.showUp.turns)
  return Math.min(1, Math.max(SHOW_UP_MIN, share + error))
}

/** The measured share without the lower bound. It says who is expected; how many are let in goes by the bounded one. */
export function usedShare({ showUp }: Pick<RoomState, 'showUp'>): number | null {
  return showUp.turns < SHOW_UP_TURNS_MIN ? null : Math.min(1, showUp.used / showUp.turns)
}

/**
 * Adds the turns that are over to the measure, and forgets their batches. Entries are counted by slot, so a
 * slot is measured as a whole, once the last of its turns is over.
 */
export function withoutSpentTurns(room: RoomNow, house: House, nowMs: number): RoomState {
  const { config, state } = room
  const slots = [...slotsOf(room)].sort(([a], [b]) => a - b)
  const running = slots.findIndex(([, slot]) =>
    slot.batches.some(({ batch }) => nowMs < turnEndsAtMs(batch, config.turnSeconds)),
  )
  const over = running === -1 ? slots : slots.slice(0, running)
  if (over.length === 0) return state
  const spent = new Set(over.map(([number]) => number))
  let { turns, used } = state.showUp
  for (const [number, slot] of over) {
    const kept = SHOW_UP_MEMORY / (SHOW_UP_MEMORY + slot.places)
    turns = turns * kept + slot.places
    used = used * kept + Math.min(slot.places, Math.max(0, house.byTurn.get(number) ?? 0))
  }
  const trimmed = (line: Line): Line => {
    const running = line.batches.filter(
      ({ atMs }) => !spent.has(turnSlot(atMs, config.turnSeconds)),
    )
    const last = line.batches[line.batches.length - running.length - 1]
    return last === undefined ? line : { ...line, batches: running, batchesFrom: last.to }
  }
  const groups = Object.entries(state.groups).map(([name, line]) => [name, trimmed(line)])
  return {
    ...state,
    ...trimmed(state),
    groups: Object.fromEntries(groups),
    showUp: { turns, used },
  }
}

/** The batches that began in one slot, over all lines. */
interface Slot {
  readonly batches: { places: number; batch: Batch }[]
  places: number
}

/** The turns that still count, by the slot in which they began. */
export function slotsOf({ config, state }: RoomNow): Map<number, Slot> {
  const slots = new Map<number, Slot>()
  for (const { line } of linesOf(state)) {
    let from = line.batchesFrom
    for (const batch of line.batches) {
      const number = turnSlot(batch.atMs, config.turnSeconds)
      const slot = slots.get(number) ?? { batches: [], places: 0 }
      slots.set(number, slot)
      slot.batches.push({ places: batch.to - from, batch })
      slot.places += batch.to - from
      from = batch.to
    }
  }
  return slots
}
