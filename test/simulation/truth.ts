/**
 * The truth: what really happened. The room knows its counters; this knows every single person, from
 * every write to the table and every answer to a visitor. The laws are judged by it.
 */

import { type CohortRecord, placeIn } from '../../lib/queue/cohort/place.ts'
import type { RoomConfig } from '../../lib/queue/room/config.ts'
import { lineNumber } from '../../lib/queue/room/groups.ts'
import type { Line } from '../../lib/queue/room/line.ts'
import { linesOf } from '../../lib/queue/room/lines.ts'
import type { RoomState } from '../../lib/queue/room/state.ts'
import type { Ticket } from '../../lib/queue/tokens/ticket.ts'
import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import type { Counted } from './calls.ts'

/** The house, as its item says. */
export interface HouseFacts {
  readonly entered: number
  readonly gone: number
  readonly limit: number
  readonly seats: number
  readonly kept: number
  readonly spare: number
  readonly unheld: number
  readonly held: number
  readonly through: number
  /** Sums of its counters: people by the slots of their sessions, and holds. */
  readonly inSlots: number
  readonly onHold: number
  /** Entries by whose ages it is known how soon people come. */
  readonly aged: number
  /** The oldest slot with people, seconds; Infinity: none. */
  readonly oldestSlot: number
}

export const EMPTY_HOUSE: HouseFacts = {
  entered: 0,
  gone: 0,
  limit: 0,
  seats: 0,
  kept: 0,
  spare: 0,
  unheld: 0,
  held: 0,
  through: 0,
  inSlots: 0,
  onHold: 0,
  aged: 0,
  oldestSlot: Number.POSITIVE_INFINITY,
}

/** Somebody with a ticket, or with a number of the open way. */
export interface Person {
  readonly id: string
  /** Undefined for a number of the open way. */
  readonly ticket: Ticket | undefined
  /** Entries that are stored, by the id of their pass, and when each departed. */
  readonly entries: Map<string, { departedAtMs: number | undefined }>
  /** When the room was read by the tick whose limit let this person in. */
  limitReadAtMs: number
  /** Inside until then; 0: not inside. */
  insideUntilMs: number
  place: number | undefined
}

/** The room between two writes of it. */
export interface Version {
  readonly fromMs: number
  readonly config: RoomConfig
  readonly state: RoomState
}

export type Truth = ReturnType<typeof createTruth>

export function createTruth(nowMs: () => number) {
  const versions: Version[] = []
  const people = new Map<string, Person>()
  const records = new Map<number, CohortRecord>()
  const insiders = new Set<Person>()
  const room = () => versions.at(-1)
  // The state of a new room is written before its configuration.
  let latest: { config: RoomConfig | undefined; state: RoomState | undefined } = {
    config: undefined,
    state: undefined,
  }

  return {
    nowMs,
    people,
    records,
    house: EMPTY_HOUSE,
    /** When the room was read by the tick that set the limit. */
    limitReadAtMs: 0,
    /** Seats that were counted in the house for claims that are not stored (yet). */
    unclaimed: 0,
    /** Numbers of the open way: their slot, and how they were counted. */
    through: new Map<number, Counted & { readonly slot: number }>(),
    /** Places that operators let in by hand, and when. */
    byHand: [] as { readonly atMs: number; readonly places: number }[],
    room,
    /** What was in force at some time since then, oldest first. */
    since(fromMs: number): readonly Version[] {
      const first = versions.findLastIndex(version => version.fromMs <= fromMs)
      return versions.slice(Math.max(0, first))
    },
    learn(config: RoomConfig | undefined, state: RoomState | undefined): void {
      latest = { config: config ?? latest.config, state: state ?? latest.state }
      if (latest.config === undefined || latest.state === undefined) return
      versions.push({ fromMs: nowMs(), config: latest.config, state: latest.state })
    },
    person(id: string, ticket?: Ticket): Person {
      const known = people.get(id)
      if (known !== undefined) return known
      const made: Person = {
        id,
        ticket,
        entries: new Map(),
        limitReadAtMs: 0,
        insideUntilMs: 0,
        place: undefined,
      }
      people.set(id, made)
      return made
    },
    /** The place of a person; undefined until it is drawn. */
    placeOf(person: Person): number | undefined {
      const { ticket } = person
      const record = ticket && records.get(ticket.cohort)
      if (ticket === undefined || record === undefined) return undefined
      person.place ??= placeIn(record, ticket.shard, ticket.index)
      return person.place
    },
    /** How a number of the open way was counted; undefined when it is none. */
    counted(id: string): Counted | undefined {
      const [slot, , number] = id.split('.').map(Number)
      const found = this.through.get(number ?? -1)
      return found?.slot === slot ? found : undefined
    },
    /** How many people are inside now. */
    inside(): number {
      for (const person of insiders) {
        if (person.insideUntilMs > nowMs()) continue
        insiders.delete(person)
        person.insideUntilMs = 0
      }
      return insiders.size
    },
    enter(person: Person, untilMs: number): void {
      person.insideUntilMs = Math.max(person.insideUntilMs, untilMs)
      insiders.add(person)
    },
    leave(id: string): void {
      const person = people.get(id)
      if (person === undefined) return
      person.insideUntilMs = 0
      insiders.delete(person)
    },
  }
}

interface Named {
  readonly name: string
  readonly line: Line
}

/** The line that a ticket stands in; undefined when it is of an earlier sale. */
export function lineOfTicket(state: RoomState, { cohort }: Ticket): Named | undefined {
  const number = lineNumber(cohort)
  for (const one of linesOf(state)) {
    const { firstCohort } = one.line
    if (lineNumber(firstCohort) === number) return cohort < firstCohort ? undefined : one
  }
  return undefined
}

/** A place that was let in, whose turn runs, and who has not entered: ghosts are among them. */
export interface OpenTurn {
  readonly line: string
  readonly place: number
}

export function openTurns(truth: Truth, state: RoomState): OpenTurn[] {
  const atMs = state.pausedAtMs ?? state.soldOutAtMs ?? EPOCH_MS + truth.nowMs()
  const turnMs = (truth.room()?.config.turnSeconds ?? 0) * 1_000
  const open: OpenTurn[] = []
  for (const { name, line } of linesOf(state)) {
    let from = line.batchesFrom
    for (const { to, atMs: beganMs, heldMs = 0 } of line.batches) {
      const isRunning = atMs < beganMs + turnMs + heldMs
      for (let place = from + 1; isRunning && place <= to; place++) open.push({ line: name, place })
      from = to
    }
  }
  if (open.length === 0) return open
  const entered = new Set<string>()
  for (const person of truth.people.values()) {
    if (person.ticket === undefined || person.entries.size === 0) continue
    const line = lineOfTicket(state, person.ticket)
    if (line !== undefined) entered.add(`${line.name} ${truth.placeOf(person)}`)
  }
  return open.filter(({ line, place }) => !entered.has(`${line} ${place}`))
}
