/** Joining: a ticket from a leased block of indexes. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { closeDueAtMs } from '../../queue/cohort/arrival-window.ts'
import { cohortSeed, commitmentOf } from '../../queue/cohort/record.ts'
import { AntichambreError } from '../../queue/errors.ts'
import {
  JOIN_COHORTS_MAX,
  LATE_LEASE_MS,
  LEASE_INDEXES_MAX,
  LEASE_TRIES_MAX,
} from '../../queue/limits.ts'
import { timeMs } from '../../queue/room/config.ts'
import { lineOf, MAIN_LINE } from '../../queue/room/lines.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { type Ticket, ticketId } from '../../queue/tokens/ticket.ts'
import type { NoTicket } from '../../queue/visitor/refusals.ts'
import { type Store, StoreBusyError } from '../../store/port.ts'
import {
  createLeaseDesk,
  type Demand,
  type Lease,
  type LeaseDesk,
  type LeaseDeskDeps,
} from './lease-desk.ts'

export interface JoinDeps extends LeaseDeskDeps {
  readonly store: Store
  readonly keys: KeyRing
  /** 0 .. 1: chooses shards. */
  readonly chance: () => number
}

interface CohortLease extends Lease {
  readonly cohort: number
  readonly shard: number
  readonly commitment: string
  /** When the cohort is due to close: what is left is not given out after that; null: nobody knows. */
  readonly goodUntilMs: number | null
}

/** What one instance knows about one line it gives tickets for. */
interface Line {
  readonly desk: LeaseDesk<CohortLease>
  /** Cohorts below this one are known to be closed. */
  openFrom: number
  /** Joins after a failed attempt that the next lease has to report to the database. */
  retried: number
}

export type JoinOutcome = { readonly status: 'joined'; readonly ticket: Ticket } | NoTicket

/** Gives a ticket. `attempt` is 1 at the first try. A greater one says that the tries before it failed. */
export type Join = (room: Room, attempt?: number) => Promise<JoinOutcome>

/**
 * Gives tickets. Joins that come together share a lease and its renewal; a join that finds its
 * cohort closed goes on in the next one at once.
 * @throws AntichambreError `try-again` when the database is busy: then no ticket was given, and the
 *   visitor comes again.
 */
export function createJoins(deps: JoinDeps): Join {
  const lines = new Map<string, Line>()
  return async (room, attempt = 1) => {
    const refusal = refusalOf(room, deps.now())
    if (refusal !== undefined) return refusal
    const path = roomPath(room.id, room.group)
    const line = lines.get(path) ?? createLine(deps)
    lines.set(path, line)
    if (attempt > 1) line.retried++
    line.openFrom = Math.max(line.openFrom, room.state.openCohort)
    const given = await line.desk.next(room)
    if (given === undefined) throw busy()
    try {
      await line.desk.wake(room)
    } catch {
      throw busy()
    }
    const { cohort, shard, commitment } = given.lease
    const index = given.number
    const id = ticketId(cohort, shard, index)
    return { status: 'joined', ticket: { room: room.id, id, cohort, shard, index, commitment } }
  }
}

/** Why nobody joins now, if nobody does. */
function refusalOf(room: Room, nowMs: number): NoTicket | undefined {
  switch (phaseOf(room, nowMs)) {
    case 'scheduled':
      return { status: 'doors-closed' }
    case 'closed':
      return { status: 'closed' }
    case 'soldOut':
      return { status: 'sold-out' }
    case 'ended':
      return { status: 'ended' }
    case 'gathering':
    case 'open':
    case 'paused':
      return undefined
  }
}

function createLine(deps: JoinDeps): Line {
  const desk = createLeaseDesk<CohortLease>(deps, {
    take: (room, coming) => takeLease(deps, room, line, coming),
    isGood: ({ cohort, goodUntilMs }) =>
      cohort >= line.openFrom && (goodUntilMs === null || deps.now() < goodUntilMs),
    // Each lease serves those who came first, so everybody gets an index in the end.
    renewalsMax: Number.POSITIVE_INFINITY,
    giveBack: ({ cohort, shard, next, end }, room) =>
      deps.store.giveBack(room.id, { cohort, shard, first: next, end }),
  })
  const line: Line = { desk, openFrom: 0, retried: 0 }
  return line
}

/** Takes a lease in the first cohort that is still open. */
async function takeLease(
  deps: JoinDeps,
  room: Room,
  line: Line,
  coming: Promise<Demand>,
): Promise<CohortLease | undefined> {
  const demand = await coming
  await lookAgain(deps, room, line, demand)
  for (let cohorts = 0; cohorts < JOIN_COHORTS_MAX; cohorts++) {
    const cohort = line.openFrom
    const dueAtMs = cohort === room.state.openCohort ? dueOf(room) : null
    const remainingMs = dueAtMs === null ? null : dueAtMs - deps.now()
    const count = demand.leaseSize(remainingMs, LEASE_INDEXES_MAX)
    const { retried } = line
    const taken = await leaseSomewhere(deps, room, { cohort, count, retried })
    if (taken !== undefined) {
      line.retried -= retried
      const { shard, first } = taken
      const seed = cohortSeed(deps.keys.drawKey(room.state.drawKeyId), room.id, cohort)
      const commitment = commitmentOf(seed)
      // The cohort may be past its time, but the lease shows that it is open: those who wait get in.
      const lateUntilMs = deps.now() + LATE_LEASE_MS
      const goodUntilMs = dueAtMs === null ? null : Math.max(dueAtMs, lateUntilMs)
      return { cohort, shard, commitment, goodUntilMs, next: first, end: first + count }
    }
    line.openFrom = Math.max(line.openFrom, cohort + 1)
  }
  return undefined
}

/**
 * The room was read up to a second ago, and the cohort that was open then may have closed since. In a
 * trickle a read finds that out, for less than a write that is refused. In a rush it is not worth it.
 */
async function lookAgain(deps: JoinDeps, room: Room, line: Line, demand: Demand): Promise<void> {
  if (room.state.openedAtMs === null || demand.perSecond() > 0) return
  try {
    const latest = await deps.store.loadRoom(room.id, { consistent: true })
    const state = latest && lineOf(latest.state, room.group ?? MAIN_LINE)
    line.openFrom = Math.max(line.openFrom, state?.openCohort ?? 0)
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error
  }
}

/** Takes a lease on a random shard; when that is throttled on the next one. Undefined: the cohort is closed. */
async function leaseSomewhere(
  deps: JoinDeps,
  room: Room,
  { cohort, count, retried }: Record<'cohort' | 'count' | 'retried', number>,
) {
  const { shards } = room.state
  const start = Math.floor(deps.chance() * shards)
  for (let attempt = 0; attempt < LEASE_TRIES_MAX; attempt++) {
    const shard = (start + attempt) % shards
    try {
      const outcome = await deps.store.lease(room.id, { cohort, shard }, count, retried)
      return outcome.status === 'closed' ? undefined : { shard, first: outcome.first }
    } catch (error) {
      if (!(error instanceof StoreBusyError)) throw error
    }
  }
  throw busy()
}

function dueOf(room: Room): number | null {
  return closeDueAtMs(room) ?? timeMs(room.config.opensAt)
}

function busy(): AntichambreError {
  return new AntichambreError('try-again', 'the room is busy; nothing was lost, come again')
}
