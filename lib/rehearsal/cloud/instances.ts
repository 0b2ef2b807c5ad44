/** The real code in each environment: its own leases, its own memory, its own clock. */

import type { KeyRing } from '../../keys/key-ring.ts'
import type { CohortRecord } from '../../queue/cohort/place.ts'
import { AntichambreError } from '../../queue/errors.ts'
import type { Ticket } from '../../queue/tokens/ticket.ts'
import { REFUSAL_CODES, type Refusal } from '../../queue/visitor/refusals.ts'
import { type Status, statusOf } from '../../queue/visitor/room-status.ts'
import type { TickQueue } from '../../runtime/queues.ts'
import { admit } from '../../service/admission/admit.ts'
import { sendDueTicks } from '../../service/admission/clock.ts'
import { countDepartures } from '../../service/departures.ts'
import { createJoins, type Join } from '../../service/visit/join.ts'
import { createRooms, type Rooms } from '../../service/visit/room-cache.ts'
import { takeTurn } from '../../service/visit/turn.ts'
import { type DepartureReason, type Store, StoreBusyError } from '../../store/port.ts'
import type { Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Database } from './database.ts'
import { die, type Environment } from './functions.ts'
import { createRehearsalStore, type Parsed } from './store.ts'
import type { MemoryTable } from './table.ts'

/** Virtual time 0, on the clocks that are right. */
export const EPOCH_MS = Date.UTC(2026, 11, 1, 6)
export const ROOM = 'rehearsal'

export type Answer<Value> =
  | { status: 'given'; value: Value }
  /** The stable code of the refusal. */
  | { status: 'refused'; code: string; facts: Readonly<Record<string, unknown>> }

export interface InstanceDeps {
  readonly timeline: Timeline
  readonly database: Database
  readonly table: MemoryTable
  readonly parsed: Parsed
  readonly keys: KeyRing
  readonly ticks: TickQueue
  readonly chance: Chance
}

export interface Instances {
  /** The store as this environment sees it. */
  storeOf(environment: Environment): Store
  join(environment: Environment, attempt: number): Promise<Answer<Ticket>>
  status(environment: Environment): Promise<Answer<Status>>
  record(environment: Environment, cohort: number): Promise<Answer<CohortRecord>>
  takeTurn(environment: Environment, ticket: Ticket, nonce: string): Promise<Answer<string>>
  admit(environment: Environment): Promise<Answer<void>>
  clock(environment: Environment): Promise<Answer<number>>
  depart(environment: Environment, ticket: string, reason: DepartureReason): Promise<Answer<object>>
}

interface Instance {
  readonly store: Store
  readonly now: () => number
  readonly rooms: Rooms
  readonly join: Join
}

export function createInstances(deps: InstanceDeps): Instances {
  const { timeline, database, table, parsed, keys, ticks, chance } = deps
  const instances = new WeakMap<Environment, Instance>()
  let ids = 0

  const instanceOf = (environment: Environment): Instance => {
    const known = instances.get(environment)
    if (known !== undefined) return known
    const afterWrite = () => {
      environment.writesLeft--
      if (environment.writesLeft <= 0) die(timeline, environment)
    }
    const connection = database.connect(() => !environment.isDead, afterWrite)
    const store = createRehearsalStore(table.itemsOver(connection), parsed)
    const now = () => EPOCH_MS + timeline.nowMs() + environment.skewMs
    const rooms = createRooms(store, now)
    const join = createJoins({ store, keys, ticks, now, chance })
    const made = { store, now, rooms, join }
    instances.set(environment, made)
    return made
  }

  return {
    storeOf: environment => instanceOf(environment).store,
    join: (environment, attempt) =>
      answered(async () => {
        const { rooms, join } = instanceOf(environment)
        const joined = await join(await rooms.get(ROOM), attempt)
        if (joined.status !== 'joined') throw refused(joined)
        return joined.ticket
      }),
    status: environment =>
      answered(async () => {
        const { rooms, now } = instanceOf(environment)
        const { room, arrivals } = await rooms.read(ROOM)
        return statusOf(room, arrivals, now())
      }),
    record: (environment, cohort) =>
      answered(async () => {
        const { rooms } = instanceOf(environment)
        const record = await rooms.record(await rooms.get(ROOM), cohort)
        if (record === undefined) throw new AntichambreError('cohort-open', 'not drawn yet')
        return record
      }),
    takeTurn: (environment, ticket, nonce) =>
      answered(async () => {
        const { rooms, store, now } = instanceOf(environment)
        const newId = () => `pass-${ids++}`
        const room = await rooms.get(ROOM)
        const turn = await takeTurn({ store, keys, rooms, ticks, now, newId }, room, ticket, {
          nonce,
        })
        if (turn.status !== 'taken') throw refused(turn)
        return turn.location
      }),
    admit: environment =>
      answered(async () => {
        const { store, now } = instanceOf(environment)
        await admit({ store, keys, ticks, now }, ROOM)
      }),
    clock: environment =>
      answered(async () => {
        const { store, now } = instanceOf(environment)
        return sendDueTicks({ store, ticks }, now())
      }),
    depart: (environment, ticket, reason) =>
      answered(async () => {
        const { store, now } = instanceOf(environment)
        return countDepartures(
          { store, ticks, now },
          { room: ROOM, departures: [{ ticket, reason }] },
        )
      }),
  }
}

function refused({ status }: Refusal): AntichambreError {
  return new AntichambreError(REFUSAL_CODES[status], status)
}

/** What the app would answer. @throws whatever is no refusal that it foresees: a fault of the code */
export async function answered<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { status: 'given', value: await work() }
  } catch (error) {
    if (error instanceof AntichambreError) {
      return { status: 'refused', code: error.code, facts: error.facts }
    }
    if (error instanceof StoreBusyError) return { status: 'refused', code: 'try-again', facts: {} }
    throw error
  }
}
