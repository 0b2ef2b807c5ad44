/**
 * A lease is a block of numbers that one write took from the database. A lease desk hands the numbers
 * of one line out from memory: joining gives indexes of a cohort, the open way entries into the house.
 *
 * Visitors who come together share a lease. When it is used up, the first who finds nothing takes the
 * next one for all who wait, in one request.
 */
import { isAwake } from '../../queue/admission/waking.ts'
import { createVisitRate, leaseSize } from '../../queue/cohort/lease.ts'
import { IDLE_LEASE_MS, WAKE_MS } from '../../queue/limits.ts'
import type { Room } from '../../queue/room/state.ts'
import type { TickQueue } from '../../runtime/queues.ts'

/** The numbers from `next` to `end - 1` are still to be given. */
export interface Lease {
  next: number
  readonly end: number
}

/** What an instance sees of those who come to this desk, read when a lease is sized. */
export interface Demand {
  /** Visitors a second, lately; 0 in a trickle. */
  perSecond(): number
  /**
   * How many numbers to lease: what will be used in the time that is left, and enough for those who
   * wait now, but never more than `max`.
   * @param remainingMs for how long the numbers are good; null when nobody knows.
   */
  leaseSize(remainingMs: number | null, max: number): number
}

/** What differs between one kind of lease and another. */
export interface LeaseRules<Kind extends Lease> {
  /**
   * Takes a lease. Undefined: there is nothing to be had, for anybody who waits.
   * @param coming resolves once all who come in the same turn of the event loop are counted.
   * @throws what all who wait are told; the next visitor tries again.
   */
  readonly take: (room: Room, coming: Promise<Demand>) => Promise<Kind | undefined>
  /** Are the numbers that are left still good for this room? */
  readonly isGood: (lease: Kind, room: Room) => boolean
  /** After so many leases, all used up by others, a visitor goes away without a number. */
  readonly renewalsMax: number
  /** Gives back the numbers that are left when nobody comes any more; left out where that cannot be done. */
  readonly giveBack?: (lease: Kind, room: Room) => Promise<unknown>
}

export interface LeaseDeskDeps {
  readonly ticks: TickQueue
  readonly now: () => number
  /**
   * Runs something a little later, where a process can: unused numbers are then given back when
   * nobody comes any more. A Lambda instance is frozen between requests and leaves this out.
   */
  readonly later?: ((run: () => void, delayMs: number) => void) | undefined
}

export interface LeaseDesk<Kind extends Lease> {
  /** A number that nobody else gets, and the lease that it is of. Undefined: there is none. */
  next(room: Room): Promise<{ readonly lease: Kind; readonly number: number } | undefined>
  /**
   * Sends for a tick where the room sleeps. Within a second of the last one another would only repeat
   * it, and those who ask at the same time share one.
   * @throws what the queue throws, to all who share it; the next visitor tries again.
   */
  wake(room: Room): Promise<void>
}

export function createLeaseDesk<Kind extends Lease>(
  deps: LeaseDeskDeps,
  rules: LeaseRules<Kind>,
): LeaseDesk<Kind> {
  const rate = createVisitRate()
  let lease: Kind | undefined
  let renewal: Promise<Kind | undefined> | undefined
  let waiting = 0
  let servedAtMs = 0
  let isWatched = false
  let waking: Promise<void> | undefined
  let wokenAtMs = 0

  const demand: Demand = {
    perSecond: () => rate.perSecond(deps.now()),
    leaseSize: (remainingMs, max) =>
      Math.min(max, Math.max(leaseSize(rate.perSecond(deps.now()), remainingMs), waiting)),
  }

  /** Looks later whether anybody came since, and if not gives back what is left. */
  const watch = (room: Room): void => {
    const { later, now } = deps
    const { giveBack } = rules
    if (later === undefined || giveBack === undefined || isWatched) return
    isWatched = true
    later(() => {
      isWatched = false
      if (lease === undefined || lease.next >= lease.end) return
      if (now() - servedAtMs < IDLE_LEASE_MS) return watch(room)
      const left = lease
      lease = undefined
      // When that fails the numbers are never given: visitors who never show up, nothing worse.
      giveBack(left, room).catch(() => {})
    }, IDLE_LEASE_MS)
  }

  const sendTick = async (room: Room): Promise<void> => {
    const nowMs = deps.now()
    try {
      await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
      wokenAtMs = nowMs
    } finally {
      waking = undefined
    }
  }

  return {
    async next(room) {
      rate.count(deps.now())
      for (let renewals = 0; renewals < rules.renewalsMax; renewals++) {
        if (lease !== undefined && lease.next < lease.end && rules.isGood(lease, room)) {
          const given = { lease, number: lease.next++ }
          servedAtMs = deps.now()
          watch(room)
          return given
        }
        waiting++
        renewal ??= rules.take(room, Promise.resolve(demand)).finally(() => {
          renewal = undefined
        })
        try {
          lease = await renewal
        } finally {
          waiting--
        }
        if (lease === undefined) return undefined
      }
      return undefined
    },
    async wake(room) {
      if (isAwake(room)) return
      if (waking === undefined && Math.abs(deps.now() - wokenAtMs) < WAKE_MS) return
      waking ??= sendTick(room)
      await waking
    },
  }
}
