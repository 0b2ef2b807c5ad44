/**
 * Forecast: how many of the people let in are still to come. Some never use their turn; how many that is
 * gets measured once turns are over (`show-up.ts`), and guessed before.
 */
import { type House, heldOf } from '../house/house.ts'
import {
  AGE_SECONDS,
  AGES_MIN,
  EARLY_GUESS_MS,
  LATE_MARGIN,
  SHOW_UP_MIN,
  SHOW_UP_TURNS_MIN,
  UNMEASURED_HOPE_MS,
} from '../limits.ts'
import { turnEndsAtMs } from '../room/line.ts'
import type { RoomNow } from '../room/state.ts'
import { showUpMostOf, showUpOf, slotsOf, usedShare } from './show-up.ts'

export interface Forecast {
  /** Places let in whose turns run and who have not walked in. */
  readonly openTurns: number
  /** How many of them are expected to come, those on hold included. */
  readonly expected: number
  /**
   * The same, but even before show-up is measured without turns that are older than any turn that somebody has
   * used. It is for the stock, where letting in a few too many does no harm.
   */
  readonly expectedSoon: number
  /**
   * How many people are late and still expected, besides `expected`: fewer have come than usually have by that age
   * of their turns, and chance alone does not explain it. It happens when the front moves far at once, and
   * everybody takes a while to notice.
   */
  readonly late: number
  /** The share of turns that are used, `SHOW_UP_MIN` .. 1; null while it is not measured. */
  readonly showUp: number | null
  /** The same plus one standard error, for few turns say little. 1 while it is not measured. */
  readonly showUpMost: number
  /**
   * For the rate, where a wrong guess is put right within seconds: the share of turns that are used, and how many
   * people are still due. Null while fewer than 20 turns (`SHOW_UP_TURNS_MIN`) are a minute old.
   */
  readonly earlyGuess: { readonly showUp: number; readonly due: number } | null
  /** How long it takes from being let in to walking in, on average; 0 while that is not known. */
  readonly walkInSeconds: number
}

/**
 * Before show-up is measured every open turn counts as expected. Afterwards a turn counts by the chance that it is
 * still going to be used: the measured share of turns that are used, less the share that was used by its age.
 */
export function forecastOf(room: RoomNow, house: House, nowMs: number): Forecast {
  const { config, state } = room
  const share = usedShare(state)
  const slots = agedSlots(room, house, nowMs)
  const cameBy = ageCurve(house.ageClasses, config.turnSeconds)
  // Before anything is measured the people who came are the quick ones, and say nothing of the slow ones.
  const counts = countsOf(slots, share ?? 1, age =>
    share === null && age < UNMEASURED_HOPE_MS ? 0 : cameBy(age),
  )
  const { due, owed, came, variance } = counts
  const openTurns = counts.unused
  // People on hold come, even if their turn is over by now.
  const expectedSoon = due + heldOf(house)
  const late = Math.min(openTurns - due, owed - came - LATE_MARGIN * Math.sqrt(variance))
  return {
    openTurns,
    expected: share === null ? openTurns : expectedSoon,
    expectedSoon,
    late: share === null ? 0 : Math.max(0, late),
    showUp: showUpOf(state),
    showUpMost: showUpMostOf(state),
    earlyGuess: earlyGuessOf(slots, share, cameBy),
    walkInSeconds: meanAgeSeconds(house.ageClasses, config.turnSeconds),
  }
}

/** A guess by the measured share. Before anything is measured, by the turns that are a minute old. */
function earlyGuessOf(
  slots: readonly AgedSlot[],
  measured: number | null,
  cameBy: (ageMs: number) => number,
): Forecast['earlyGuess'] {
  const share = measured ?? earlyShare(slots, cameBy)
  if (share === null) return null
  return { showUp: Math.max(SHOW_UP_MIN, share), due: countsOf(slots, share, cameBy).due }
}

/**
 * The people who came, divided by the people who could have come by now: all of the turns that are a minute
 * old, and of younger turns the share that usually comes by that age. Null while few turns are a minute old.
 */
function earlyShare(slots: readonly AgedSlot[], cameBy: (ageMs: number) => number): number | null {
  let [old, could, came] = [0, 0, 0]
  for (const slot of slots) {
    came += slot.places - slot.unused
    for (const { places, ageMs } of slot.batches) {
      const isOld = ageMs >= EARLY_GUESS_MS
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

function agedSlots(room: RoomNow, house: House, nowMs: number): readonly AgedSlot[] {
  const { config, state } = room
  // A pause stops the clock of every turn.
  const atMs = state.pausedAtMs ?? state.soldOutAtMs ?? nowMs
  return [...slotsOf(room)].map(([number, { places, batches }]) => ({
    places,
    unused: Math.max(0, places - (house.byTurn.get(number) ?? 0)),
    batches: batches.map(({ places, batch }) => ({
      places,
      ageMs: atMs - batch.atMs - (batch.heldMs ?? 0),
      isRunning: atMs < turnEndsAtMs(batch, config.turnSeconds),
    })),
  }))
}

/** On average, each in the middle of its class; 0 while too few have come. */
export function meanAgeSeconds(ages: readonly number[], turnSeconds: number): number {
  let [total, seconds] = [0, 0]
  for (const { count, fromSeconds, toSeconds } of ageClasses(ages, turnSeconds)) {
    total += count
    seconds += (count * (fromSeconds + toSeconds)) / 2
  }
  return total < AGES_MIN ? 0 : seconds / total
}

/** The share of those who come that has come by an age, between the measured points in a line. */
export function ageCurve(ages: readonly number[], turnSeconds: number): (ageMs: number) => number {
  const classes = ageClasses(ages, turnSeconds)
  const total = classes.reduce((sum, { count }) => sum + count, 0)
  if (total < AGES_MIN) return () => 0
  return ageMs => {
    const age = ageMs / 1000
    let came = 0
    for (const { count, fromSeconds, toSeconds } of classes) {
      if (age < toSeconds) {
        const part = Math.max(0, age - fromSeconds) / (toSeconds - fromSeconds)
        return (came + count * part) / total
      }
      came += count
    }
    return came / total
  }
}

/** How many came at which age of their turn. Nobody's turn is older than turns are long. */
function ageClasses(ages: readonly number[], turnSeconds: number) {
  const bounds = [0, ...AGE_SECONDS, Number.POSITIVE_INFINITY]
  return bounds.slice(0, -1).map((fromSeconds, index) => ({
    count: Math.max(0, ages[index] ?? 0),
    fromSeconds: Math.min(fromSeconds, turnSeconds),
    toSeconds: Math.min(bounds[index + 1] ?? turnSeconds, turnSeconds),
  }))
}
