/** Who is still to come: open turns, and how many of them will be used, as far as that is measured. */
import { type House, heldOf, turnSlot } from './house.ts'
import {
  AGE_SECONDS,
  AGES_MIN,
  HOPE_MS,
  LATE_MARGIN,
  SHOW_UP_MEMORY,
  SHOW_UP_MIN,
  SHOW_UP_TURNS_MIN,
} from './limits.ts'
import type { RoomConfig } from './room-config.ts'
import { type Batch, type Line, linesOf, type RoomState, turnEndsAtMs } from './state.ts'

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
  /** How long it takes from being let in to walking in, on average; 0 while that is not known. */
  readonly walkInSeconds: number
}

/** The batches that began in one slot, over all lines. */
interface Slot {
  readonly batches: { places: number; batch: Batch }[]
  places: number
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
  const cameBy = ageCurve(house.ages)
  // A pause stops the clock of every turn.
  const atMs = state.pausedAtMs ?? state.soldOutAtMs ?? nowMs
  let [openTurns, due] = [0, 0]
  // How many should have come by now, how many have, and by how much chance alone moves that.
  let [owed, came, variance] = [0, 0, 0]
  for (const [number, slot] of slotsOf(state, config)) {
    const unused = Math.max(0, slot.places - (house.byTurn.get(number) ?? 0))
    openTurns += unused
    came += slot.places - unused
    let dueOfSlot = 0
    for (const { places, batch } of slot.batches) {
      const ageMs = atMs - batch.atMs - (batch.heldMs ?? 0)
      // At first those who came soon are all who could have come: they say nothing of the others.
      const isTooSoon = share === null && ageMs < HOPE_MS
      const by = isTooSoon ? 0 : (share ?? 1) * cameBy(ageMs)
      owed += places * by
      variance += places * by * (1 - by)
      if (atMs < turnEndsAtMs(batch, config.turnSeconds)) dueOfSlot += places * ((share ?? 1) - by)
    }
    due += Math.min(unused, dueOfSlot)
  }
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
    walkInSeconds: meanAgeSeconds(house.ages),
  }
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

/** Each in the middle of its class, the oldest at its begin. */
function meanAgeSeconds(ages: readonly number[]): number {
  let [total, seconds, fromSeconds] = [0, 0, 0]
  for (const [index, toSeconds] of AGE_SECONDS.entries()) {
    const count = Math.max(0, ages[index] ?? 0)
    total += count
    seconds += (count * (fromSeconds + toSeconds)) / 2
    fromSeconds = toSeconds
  }
  const oldest = Math.max(0, ages[AGE_SECONDS.length] ?? 0)
  total += oldest
  return total < AGES_MIN ? 0 : (seconds + oldest * fromSeconds) / total
}

/** The share of those who come that has come by an age, between the measured points in a line. */
function ageCurve(ages: readonly number[]): (ageMs: number) => number {
  const total = ages.reduce((sum, count) => sum + Math.max(0, count), 0)
  if (total < AGES_MIN) return () => 0
  return ageMs => {
    const age = ageMs / 1000
    let [came, fromSeconds] = [0, 0]
    for (const [index, toSeconds] of AGE_SECONDS.entries()) {
      const count = Math.max(0, ages[index] ?? 0)
      if (age < toSeconds) {
        const part = Math.max(0, age - fromSeconds) / (toSeconds - fromSeconds)
        return (came + count * part) / total
      }
      came += count
      fromSeconds = toSeconds
    }
    return came / total
  }
}
