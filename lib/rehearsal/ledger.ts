/** The laws that hold in every run, checked while it runs: a broken one ends it. */
import { type CohortRecord, cohortSize } from '../queue/place.ts'
import type { RoomConfig } from '../queue/room-config.ts'
import type { RoomState } from '../queue/state.ts'
import type { Ticket } from '../queue/ticket.ts'

/** A law was broken: the code under rehearsal has a fault. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw'
}

export interface Ledger {
  /** A ticket was given. */
  given(ticket: Ticket, nowMs: number): void
  /** A visitor computed their place. */
  placed(record: CohortRecord, shard: number, index: number, place: number): void
  /** The state as it is kept, each second. @param nowMs the right time. */
  watched(state: RoomState, config: RoomConfig, nowMs: number): void
  /** At the end: the records that were kept. */
  closed(records: readonly CohortRecord[], state: RoomState): void
  /** Indexes given to anybody. */
  readonly givenCount: () => number
  givenIn(cohort: number): number
}

/** @param spreadMs clocks are at most this far apart: a rate is kept by the fastest of them. */
export function createLedger(spreadMs: number): Ledger {
  const indexes = new Map<string, Marks>()
  const places = createMarks()
  const perCohort = new Map<number, number>()
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
    watched(state, config, nowMs) {
      const { front, tail, openedAtMs } = state
      if (front > tail) throw new BrokenLaw(`the front ${front} passed the tail ${tail}`)
      if (last !== undefined && front < last.front) {
        throw new BrokenLaw(`the front went back from ${last.front} to ${front}`)
      }
      if (last !== undefined && state.openCohort < last.openCohort) {
        throw new BrokenLaw(`cohort ${last.openCohort} opened before cohort ${state.openCohort}`)
      }
      last = state
      if (openedAtMs === null) return
      const sinceMs = nowMs - openedAtMs + config.batchSeconds * 1000 + spreadMs
      const most = Math.floor((config.ratePerMinute * Math.max(0, sinceMs)) / 60_000) + 1
      if (front > most) {
        throw new BrokenLaw(`the front is ${front} where the rate allows ${most}`)
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
    /** False when it was there. */
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
