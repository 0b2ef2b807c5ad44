/** Laws that hold in every rehearsal. They are checked while it runs, and a broken one ends it. */
import { type CohortRecord, cohortSize } from '../../queue/cohort/place.ts'
import type { RoomState } from '../../queue/room/state.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'

/** A law was broken: the code under rehearsal has a fault. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw'
}

/** What the room has counted of people. */
export interface Counted {
  readonly entered: number
  readonly bought: number
  readonly left: number
}

/** What the showroom reported of them. */
export interface Reported {
  readonly reportedBought: number
  readonly reportedLeft: number
}

export interface Laws {
  /** A ticket was given. */
  given(ticket: Ticket): void
  /** A visitor computed their place. */
  placed(record: CohortRecord, shard: number, index: number, place: number): void
  /** Somebody walked in, and so many are inside now. */
  entered(ticketId: string, inside: number): void
  /** Each second: the state as it is stored, what the room counted, and what was reported to it. */
  watched(state: RoomState, counted: Counted, reported: Reported): void
  /** At the end: the records of the cohorts. */
  closed(records: readonly CohortRecord[], state: RoomState): void
  /** How many indexes were given out. */
  readonly givenCount: () => number
  givenIn(cohort: number): number
}

export interface LedgerBounds {
  readonly capacity: number | null
  readonly ratePerMinute: number
  /** People of one batch. */
  readonly batch: number
  /** Clocks are at most this far apart: the fastest of them may let in so much earlier. */
  readonly spreadMs: number
}

const MINUTE_SECONDS = 60

export function createLaws(bounds: LedgerBounds): Laws {
  const indexes = new Map<string, Marks>()
  const places = createMarks()
  const perCohort = new Map<number, number>()
  const inside = new Set<string>()
  /** How many had entered, at each second of the last minute. */
  const enteredBy: number[] = []
  let total = 0
  let last: RoomState | undefined

  return {
    given({ cohort, shard, index, id }) {
      const name = `${cohort}.${shard}`
      const marks = indexes.get(name) ?? createMarks()
      indexes.set(name, marks)
      if (!marks.set(index)) throw new BrokenLaw(`ticket ${id} was given twice`)
      perCohort.set(cohort, (perCohort.get(cohort) ?? 0) + 1)
      total++
    },
    placed({ cohort, base, sizes }, shard, index, place) {
      if (index >= (sizes[shard] ?? 0)) {
        throw new BrokenLaw(`ticket ${cohort}.${shard}.${index} is not in the record of its cohort`)
      }
      if (!(place > base && place <= base + cohortSize(sizes))) {
        throw new BrokenLaw(`place ${place} lies outside of cohort ${cohort}`)
      }
      if (!places.set(place)) throw new BrokenLaw(`place ${place} was given twice`)
    },
    entered(ticketId, people) {
      if (inside.has(ticketId)) throw new BrokenLaw(`ticket ${ticketId} entered twice`)
      inside.add(ticketId)
      if (bounds.capacity === null || people <= bounds.capacity) return
      throw new BrokenLaw(`${people} are inside where the capacity is ${bounds.capacity}`)
    },
    watched(state, counted, reported) {
      const { front, tail } = state
      if (front > tail) throw new BrokenLaw(`the front ${front} passed the tail ${tail}`)
      if (last !== undefined && front < last.front) {
        throw new BrokenLaw(`the front went back from ${last.front} to ${front}`)
      }
      if (last !== undefined && state.openCohort < last.openCohort) {
        throw new BrokenLaw(`cohort ${last.openCohort} opened before cohort ${state.openCohort}`)
      }
      last = state
      if (counted.bought > reported.reportedBought || counted.left > reported.reportedLeft) {
        const came = `${counted.bought} bought and ${counted.left} left were counted`
        throw new BrokenLaw(
          `${came}, ${reported.reportedBought} and ${reported.reportedLeft} were reported`,
        )
      }
      enteredBy.push(counted.entered)
      const before = enteredBy.length > MINUTE_SECONDS ? (enteredBy.shift() ?? 0) : 0
      const spread = (bounds.ratePerMinute * bounds.spreadMs) / 60_000
      const most = Math.ceil(bounds.ratePerMinute + spread) + bounds.batch
      if (counted.entered - before > most) {
        const came = `${counted.entered - before} entered within a minute`
        throw new BrokenLaw(`${came} where rate and batch allow ${most}`)
      }
    },
    closed(records, state) {
      let tail = 0
      for (const record of [...records].sort((a, b) => a.cohort - b.cohort)) {
        if (record.cohort >= state.openCohort) continue
        if (record.base !== tail) {
          throw new BrokenLaw(`cohort ${record.cohort} begins at ${record.base}, not at ${tail}`)
        }
        tail += cohortSize(record.sizes)
        record.sizes.forEach((size, shard) => {
          const most = indexes.get(`${record.cohort}.${shard}`)?.highest() ?? -1
          if (most < size) return
          throw new BrokenLaw(`ticket ${record.cohort}.${shard}.${most} was lost by the close`)
        })
      }
      if (tail !== state.tail) throw new BrokenLaw(`the tail is ${state.tail}, not ${tail}`)
    },
    givenCount: () => total,
    givenIn: cohort => perCohort.get(cohort) ?? 0,
  }
}

type Marks = ReturnType<typeof createMarks>

/** A set of small numbers. */
function createMarks() {
  let marks = new Uint8Array(256)
  let most = -1
  return {
    highest: () => most,
    /** False when it was set already. */
    set(number: number): boolean {
      if (number >= marks.length) {
        const wider = new Uint8Array(Math.max(number + 1, 2 * marks.length))
        wider.set(marks)
        marks = wider
      }
      most = Math.max(most, number)
      if (marks[number] === 1) return false
      marks[number] = 1
      return true
    },
  }
}
