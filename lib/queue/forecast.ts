/** Who is still to come: open turns, and how many of them will be used, as far as that is measured. */
import { ageCurve, meanAgeSeconds } from './ages.ts'
import { type House, heldOf, turnSlot } from './house.ts'
import {
  HOPE_MS,
  LATE_MARGIN,
  LIKELY_SHOW_UP_MS,
  SHOW_UP_MEMORY,
  SHOW_UP_MIN,
  SHOW_UP_TURNS_MIN,
} from './limits.ts'
import { type Batch, type Line, turnEndsAtMs } from './line.ts'
import type { RoomConfig } from './room-config.ts'
import { linesOf, type RoomState } from './state.ts'

export interface Forecast {
  /** Places let in whose turns run and who have not walked in. */
  readonly openTurns: number
  /** How many of them are expected to come, those on hold included. */
  readonly expected: number
  /**
   * How many of them are likely to come before long: whoever is later than all others were so far
   * does not count, measured or not. For what may be let in too much without harm.
   */
  readonly hoping: number
  /**
   * How many more are late: fewer have come than the age of their turns says, by more than chance. A
   * line that moved on all at once is slow to notice.
   */
  readonly late: number
  /** The share of turns that are used, `SHOW_UP_MIN` .. 1; null while it is not measured. */
  readonly showUp: number | null
  /** The same, a standard error higher: of few turns little is known. 1 while it is not measured. */
  readonly showUpMost: number
  /**
   * For the rate, where a wrong guess costs seconds: how many use their turn, and how many of them are
   * still due. Null while too few turns are even a minute old.
   */
  readonly likely: { readonly showUp: number; readonly due: number } | null
  /** How long it takes from being let in to walking in, on average; 0 while that is not known. */
  readonly walkInSeconds: number
}

/**
 * Before show-up is measured every open turn may be used. Afterwards a turn of an age counts by the
 * chance that it is used and was not yet: the measured share, without what came by that age.
 */
export function forecastOf(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): Forecast {
  const share = usedShare(state)
  const slots = agedSlots(state, config, house, nowMs)
  const cameBy = ageCurve(house.ages, config.turnSeconds)
  // At first those who came soon are all who could have come: they say nothing of the others.
  const counts = countsOf(slots, share ?? 1, age =>
    share === null && age < HOPE_MS ? 0 : cameBy(age),
  )
  const { due, owed, came, variance } = counts
  const openTurns = counts.unused
  // Whoever stands on hold comes, even where the turn is over by now.
  const hoping = due + heldOf(house)
  const late = Math.min(openTurns - due, owed - came - LATE_MARGIN * Math.sqrt(variance))
  return {
    openTurns,
    expected: share === null ? openTurns : hoping,
    hoping,
    late: share === null ? 0 : Math.max(0, late),
    showUp: showUpOf(state),
    showUpMost: showUpMostOf(state),
    likely: likelyOf(slots, share, cameBy),
    walkInSeconds: meanAgeSeconds(house.ages, config.turnSeconds),
  }
}

/** By the measure, or else by the turns that are old enough for a guess. */
function likelyOf(
  slots: readonly AgedSlot[],
  measured: number | null,
  cameBy: (ageMs: number) => number,
): Forecast['likely'] {
  const share = measured ?? earlyShare(slots, cameBy)
  if (share === null) return null
  return { showUp: Math.max(SHOW_UP_MIN, share), due: countsOf(slots, share, cameBy).due }
}

/**
 * Who came beside who could have: all of the turns that are a minute old, and of younger ones those
 * who are as quick as the quick ones were. Null while few are as old as that.
 */
function earlyShare(slots: readonly AgedSlot[], cameBy: (ageMs: number) => number): number | null {
  let [old, could, came] = [0, 0, 0]
  for (const slot of slots) {
    came += slot.places - slot.unused
    for (const { places, ageMs } of slot.batches) {
      const isOld = ageMs >= LIKELY_SHOW_UP_MS
      if (isOld) old += places
      could += places * (isOld ? 1 : cameBy(ageMs))
    }
  }
  return old < SHOW_UP_TURNS_MIN ? null : Math.min(1, came / could)
}

/**
 * How many turns are not used, and how many of them are still due; and how many should have come by
 * now (`owed`), how many have, and by how much chance alone moves that.
 */
function countsOf(slots: readonly AgedSlot[], share: number, cameBy: (ageMs: number) => number) {
  const counts = { unused: 0, due: 0, owed: 0, came: 0, variance: 0 }
  for (const slot of slots) {
    let dueOfSlot = 0
    for (const { places, ageMs, isRunning } of slot.batches) {
      const by = share * cameBy(ageMs)
      counts.owed += places * by
      counts.variance += places * by * (1 - by)
      if (isRunning) dueOfSlot += places * (share - by)
    }
    counts.unused += slot.unused
    counts.came += slot.places - slot.unused
    counts.due += Math.min(slot.unused, dueOfSlot)
  }
  return counts
}

/** The measured share of turns that are used, bounded; null before enough turns are over. */
export function showUpOf(state: Pick<RoomState, 'showUp'>): number | null {
  const share = usedShare(state)
  return share === null ? null : Math.max(SHOW_UP_MIN, share)
}

function showUpMostOf(state: Pick<RoomState, 'showUp'>): number {
  const share = usedShare(state)
  if (share === null) return 1
  const error = Math.sqrt((share * (1 - share)) / state.showUp.turns)
  return Math.min(1, Math.max(SHOW_UP_MIN, share + error))
}

/** Without the bound: for what is expected, not for what is let in. */
function usedShare({ showUp }: Pick<RoomState, 'showUp'>): number | null {
  return showUp.turns < SHOW_UP_TURNS_MIN ? null : Math.min(1, showUp.used / showUp.turns)
}

/**
 * Measures the slots whose turns are all over, and forgets their batches. A slot is measured as a
 * whole because entries are counted by it.
 */
export function withoutSpentTurns(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): RoomState {
  const slots = [...slotsOf(state, config)].sort(([a], [b]) => a - b)
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

function slotsOf(state: RoomState, config: RoomConfig): Map<number, Slot> {
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

/** A slot as of now. */
interface AgedSlot {
  readonly places: number
  /** Of them, those who have not come. */
  readonly unused: number
  readonly batches: readonly {
    readonly places: number
    readonly ageMs: number
    readonly isRunning: boolean
  }[]
}

function agedSlots(
  state: RoomState,
  config: RoomConfig,
  house: House,
  nowMs: number,
): readonly AgedSlot[] {
  // A pause stops the clock of every turn.
  const atMs = state.pausedAtMs ?? state.soldOutAtMs ?? nowMs
  return [...slotsOf(state, config)].map(([number, { places, batches }]) => ({
    places,
    unused: Math.max(0, places - (house.byTurn.get(number) ?? 0)),
    batches: batches.map(({ places, batch }) => ({
      places,
      ageMs: atMs - batch.atMs - (batch.heldMs ?? 0),
      isRunning: atMs < turnEndsAtMs(batch, config.turnSeconds),
    })),
  }))
}
