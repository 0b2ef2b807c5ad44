/** Joining: a ticket from a leased block of indexes. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { isAwake } from '../../queue/admission/waking.ts'
import { closeDueAtMs } from '../../queue/cohort/arrival-window.ts'
import { createJoinRate, leaseSize } from '../../queue/cohort/lease.ts'
import { cohortSeed, commitmentOf } from '../../queue/cohort/record.ts'
import { AntichambreError } from '../../queue/errors.ts'
import {
  IDLE_LEASE_MS,
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
import type { TickQueue } from '../../runtime/queues.ts'
import { type Store, StoreBusyError } from '../../store/port.ts'

export interface JoinDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly ticks: TickQueue
  readonly now: () => number
  /** 0 .. 1: chooses shards. */
  readonly chance: () => number
  /**
   * Runs something a little later, where a process can: unused indexes are then given back when no
   * more joins come. A Lambda instance is frozen between requests and leaves this out.
   */
  readonly later?: ((run: () => void, delayMs: number) => void) | undefined
}

interface Lease {
  readonly cohort: number
  readonly shard: number
  readonly commitment: string
  /** When the cohort is due to close: what is left is not given out after that; null: nobody knows. */
  readonly goodUntilMs: number | null
  readonly end: number
  next: number
}

/** What one instance knows about one room it gives tickets for. */
interface Desk {
  lease: Lease | undefined
  pending: Promise<void> | undefined
  waiting: number
  /** Cohorts below this one are known to be closed. */
  openFrom: number
  readonly rate: ReturnType<typeof createJoinRate>
  wokenAtMs: number
  joinedAtMs: number
  /** Joins that told of a failed attempt, not yet told to the database. */
  retried: number
  /** Is a look at an idle lease planned? */
  watched: boolean
}

/** Gives a ticket. `attempt` is 1 at the first try; more says that earlier ones failed. */
export type Join = (room: Room, attempt?: number) => Promise<Ticket>

/**
 * Gives tickets. Joins that come together share a lease and its renewal; a join that finds its
 * cohort closed goes on in the next one at once.
 * @throws AntichambreError `doors-closed`, `sold-out`, `room-ended`; `try-again` when the database
 *   is busy: then no ticket was given, and the visitor comes again.
 */
export function createJoins(deps: JoinDeps): Join {
  const desks = new Map<string, Desk>()

  return async (room, attempt = 1) => {
    refuseUnlessOpenForArrivals(room, deps.now())
    const path = roomPath(room.id, room.group)
    let desk = desks.get(path)
    if (desk === undefined) {
      desk = {
        lease: undefined,
        pending: undefined,
        waiting: 0,
        openFrom: 0,
        rate: createJoinRate(),
        wokenAtMs: 0,
        joinedAtMs: 0,
        retried: 0,
        watched: false,
      }
      desks.set(path, desk)
    }
    desk.rate.count(deps.now())
    if (attempt > 1) desk.retried++
    desk.openFrom = Math.max(desk.openFrom, room.state.openCohort)
    const ticket = await take(deps, room, desk)
    desk.joinedAtMs = deps.now()
    watch(deps, room.id, desk)
    await wakeIfAsleep(deps, room, desk)
    return ticket
  }
}

function refuseUnlessOpenForArrivals(room: Room, nowMs: number): void {
  switch (phaseOf(room, nowMs)) {
    case 'scheduled':
      throw new AntichambreError('doors-closed', 'the doors are not open yet')
    case 'closed':
      throw new AntichambreError('room-closed', 'the room is closed for maintenance')
    case 'soldOut':
      throw new AntichambreError('sold-out', 'everything is sold')
    case 'ended':
      throw new AntichambreError('room-ended', 'the sale is over')
    case 'gathering':
    case 'open':
    case 'paused':
  }
}

async function take(deps: JoinDeps, room: Room, desk: Desk): Promise<Ticket> {
  for (;;) {
    const { lease } = desk
    if (lease !== undefined && isGood(lease, desk, deps.now())) {
      const index = lease.next++
      const { cohort, shard, commitment } = lease
      return { room: room.id, id: ticketId(cohort, shard, index), cohort, shard, index, commitment }
    }
    desk.waiting++
    desk.pending ??= renew(deps, room, desk).finally(() => {
      desk.pending = undefined
    })
    try {
      await desk.pending
    } finally {
      desk.waiting--
    }
  }
}

function isGood(lease: Lease, desk: Desk, nowMs: number): boolean {
  if (lease.next >= lease.end || lease.cohort < desk.openFrom) return false
  return lease.goodUntilMs === null || nowMs < lease.goodUntilMs
}

/** Takes a new lease, in the first cohort that is still open. */
async function renew(deps: JoinDeps, room: Room, desk: Desk): Promise<void> {
  // Joins that come in this very turn of the event loop share the lease: count them first.
  await Promise.resolve()
  await lookAgain(deps, room, desk)
  for (let cohorts = 0; cohorts < JOIN_COHORTS_MAX; cohorts++) {
    const cohort = desk.openFrom
    const dueAtMs = cohort === room.state.openCohort ? dueOf(room) : null
    const nowMs = deps.now()
    const remainingMs = dueAtMs === null ? null : dueAtMs - nowMs
    const wanted = Math.max(leaseSize(desk.rate.perSecond(nowMs), remainingMs), desk.waiting)
    const count = Math.min(LEASE_INDEXES_MAX, wanted)
    const { retried } = desk
    const taken = await leaseSomewhere(deps, room, cohort, count, retried)
    if (taken !== undefined) {
      desk.retried -= retried
      const { shard, first } = taken
      const seed = cohortSeed(deps.keys.drawKey(room.state.drawKeyId), room.id, cohort)
      const commitment = commitmentOf(seed)
      // Past its time the cohort was open a moment ago all the same: those who wait here take it.
      const lateUntilMs = deps.now() + LATE_LEASE_MS
      const goodUntilMs = dueAtMs === null ? null : Math.max(dueAtMs, lateUntilMs)
      desk.lease = { cohort, shard, commitment, goodUntilMs, next: first, end: first + count }
      return
    }
    desk.openFrom = Math.max(desk.openFrom, cohort + 1)
  }
  throw busy()
}

/**
 * In a trickle the cohort that a state of a second ago calls open has often been closed since: a
 * read finds out for less than the write that would be refused. In a rush the read is not worth it.
 */
async function lookAgain(deps: JoinDeps, room: Room, desk: Desk): Promise<void> {
  if (room.state.openedAtMs === null || desk.rate.perSecond(deps.now()) > 0) return
  try {
    const latest = await deps.store.loadRoom(room.id, { consistent: true })
    const line = latest && lineOf(latest.state, room.group ?? MAIN_LINE)
    desk.openFrom = Math.max(desk.openFrom, line?.openCohort ?? 0)
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error
  }
}

/** One lease on a random shard; a throttled shard is left for another. Undefined: closed. */
async function leaseSomewhere(
  deps: JoinDeps,
  room: Room,
  cohort: number,
  count: number,
  retried: number,
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

/** A sleeping room gets a tick at once; more than one in a second would only repeat it. */
async function wakeIfAsleep(deps: JoinDeps, room: Room, desk: Desk): Promise<void> {
  const nowMs = deps.now()
  if (isAwake(room) || Math.abs(nowMs - desk.wokenAtMs) < 1000) return
  try {
    await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
  } catch {
    throw busy()
  }
  desk.wokenAtMs = nowMs
}

/** Gives back what is left of a lease once no join has come for a moment. */
function watch(deps: JoinDeps, room: string, desk: Desk): void {
  if (deps.later === undefined || desk.watched) return
  desk.watched = true
  deps.later(() => {
    desk.watched = false
    const { lease } = desk
    if (lease === undefined || lease.next >= lease.end) return
    if (deps.now() - desk.joinedAtMs < IDLE_LEASE_MS) return watch(deps, room, desk)
    desk.lease = undefined
    // Failing leaves ghosts, nothing worse.
    deps.store
      .giveBack(room, {
        cohort: lease.cohort,
        shard: lease.shard,
        first: lease.next,
        end: lease.end,
      })
      .catch(() => {})
  }, IDLE_LEASE_MS)
}

function dueOf(room: Room): number | null {
  return closeDueAtMs(room.config, room.state) ?? timeMs(room.config.opensAt)
}

function busy(): AntichambreError {
  return new AntichambreError('try-again', 'the room is busy; nothing was lost, come again')
}
