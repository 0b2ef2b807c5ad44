/**
 * The open way of a room in mode `auto`: while nobody waits, everybody goes straight to the showroom, as
 * far as rate and capacity bear it. Entries are leased from the house, one by one in a trickle and some
 * at once in a rush. So a pass costs at most one write, and the limit is kept exactly.
 */

import { createHash } from 'node:crypto'
import { returnAddress, withPass } from '../../queue/address/return-address.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { batchPlaces, effectiveRate } from '../../queue/admission/policies.ts'
import { seatSlot } from '../../queue/house/slots.ts'
import {
  LEASE_SECONDS_MAX,
  OPEN_WAY_LEASE_MAX,
  OPEN_WAY_SHARD,
  OPEN_WAY_TRIES_MAX,
} from '../../queue/limits.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { passClaims } from '../../queue/tokens/pass.ts'
import { ticketId } from '../../queue/tokens/ticket.ts'
import { createLeaseDesk, type Demand, type Lease, type LeaseDesk } from './lease-desk.ts'
import type { Rooms } from './room-cache.ts'
import { type FromGate, signRoomPass, type TurnDeps } from './turn.ts'

/** Numbers of ten digits, the most that a ticket id may have. No slot and no lease comes near them. */
const UNCOUNTED_FROM = 9_000_000_000
const UNCOUNTED = 1_000_000_000

/** The showroom's address with a pass in it; undefined where a line must form. */
export type OpenWay = (room: Room, from: FromGate) => Promise<string | undefined>

interface HouseLease extends Lease {
  readonly epoch: number
  readonly slot: number
  readonly goodUntilMs: number
}

export function createOpenWay(deps: TurnDeps): OpenWay {
  const desks = new Map<string, LeaseDesk<HouseLease>>()
  return async (room, { nonce, to }) => {
    const address = returnAddress(to, room.config)
    const nowMs = deps.now()
    if (address.status === 'refused' || phaseOf(room, nowMs) !== 'open') return undefined
    const id = await numberFor(deps, desks, room)
    if (id === undefined) return undefined
    const claims = passClaims({
      room: room.id,
      ticketId: id,
      jti: deps.newId(),
      nonce,
      nowMs,
      sessionEndsAtMs: nowMs + room.config.sessionSeconds * 1000,
    })
    return withPass(address.url, signRoomPass(deps.keys, room, claims))
  }
}

/** A ticket id of the open way; undefined while somebody waits, or everything is taken. */
async function numberFor(
  deps: TurnDeps,
  desks: Map<string, LeaseDesk<HouseLease>>,
  room: Room,
): Promise<string | undefined> {
  switch (room.config.mode) {
    case 'off':
      return uncountedId(deps.newId())
    case 'line':
    case 'closed':
      return undefined
    case 'auto':
  }
  if (await isSomebodyWaiting(deps.rooms, room)) return undefined
  const desk = desks.get(room.id) ?? createHouseDesk(deps)
  desks.set(room.id, desk)
  const given = await desk.next(room)
  return given && ticketId(given.lease.slot, OPEN_WAY_SHARD, given.number)
}

/** Is anybody in any line of the room, as far as this instance knows? Nobody may overtake them. */
async function isSomebodyWaiting(rooms: Rooms, { id, state }: Room): Promise<boolean> {
  const paths = [id, ...Object.keys(state.groups).map(group => roomPath(id, group))]
  const lines = await Promise.all(paths.map(path => rooms.read(path)))
  return lines.some(({ room, arrivals }) => room.state.tail > room.state.front || arrivals > 0)
}

/** Nothing is given back: what is left of a lease leaves the house when its session would have ended. */
function createHouseDesk(deps: TurnDeps): LeaseDesk<HouseLease> {
  const desk: LeaseDesk<HouseLease> = createLeaseDesk<HouseLease>(deps, {
    take: (room, coming) => takeLease(deps, room, desk, coming),
    isGood: ({ epoch, goodUntilMs }, room) =>
      epoch === room.state.epoch && deps.now() < goodUntilMs,
    renewalsMax: OPEN_WAY_TRIES_MAX,
  })
  return desk
}

async function takeLease(
  deps: TurnDeps,
  room: Room,
  desk: LeaseDesk<HouseLease>,
  coming: Promise<Demand>,
): Promise<HouseLease | undefined> {
  const demand = await coming
  const { config, state } = room
  const nowMs = deps.now()
  const goodUntilMs = nowMs + LEASE_SECONDS_MAX * 1000
  const slot = seatSlot(goodUntilMs + config.sessionSeconds * 1000, config.sessionSeconds)
  // With a capacity, what is left of a lease would be empty seats: take as many as wait, no more.
  let count = demand.leaseSize(config.capacity === null ? null : 0, OPEN_WAY_LEASE_MAX)
  let outcome = await deps.store.leaseOpenWay(room.id, slot, count)
  if (outcome.status === 'full' && count > 1) {
    count = 1
    outcome = await deps.store.leaseOpenWay(room.id, slot, count)
  }
  // When less than a batch is left, a tick is sent for: it can come before anybody is refused.
  const low = batchPlaces(config, effectiveRate({ config, state }, nowMs))
  // Where the tick cannot be sent the next visitor tries again, at the latest by joining.
  if (outcome.status === 'full' || outcome.left < low) await desk.wake(room).catch(() => {})
  if (outcome.status === 'full') return undefined
  const { first } = outcome
  return { epoch: state.epoch, slot, goodUntilMs, next: first, end: first + count }
}

/**
 * A ticket id for a visitor who is not counted. Each gets another one, so that a showroom can tell them
 * apart. It lies beyond every slot and number ever given, so a departure of it ends nobody's session.
 */
function uncountedId(seed: string): string {
  const random = createHash('sha256').update(seed).digest()
  const beyond = (offset: number) => UNCOUNTED_FROM + (random.readUInt32BE(offset) % UNCOUNTED)
  return ticketId(beyond(0), OPEN_WAY_SHARD, beyond(4))
}
