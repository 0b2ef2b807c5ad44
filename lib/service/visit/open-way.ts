/**
 * The open way of a room in mode `auto`: while nobody waits, everybody goes straight through, as far
 * as rate and capacity bear it. Entries are leased from the house, one by one in a trickle and some
 * at once in a rush, so that one pass costs at most one write and the limit is kept exactly.
 */

import { createHash } from 'node:crypto'
import { returnAddress, withPass } from '../../queue/address/return-address.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import { batchPlaces, effectiveRate } from '../../queue/admission/policies.ts'
import { isAwake } from '../../queue/admission/waking.ts'
import { createJoinRate, leaseSize } from '../../queue/cohort/lease.ts'
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
import type { Rooms } from './room-cache.ts'
import { signRoomPass, type TurnDeps } from './turn.ts'

/** Numbers of ten digits, as many as a ticket id may have, that no slot and no lease comes near. */
const UNCOUNTED_FROM = 9_000_000_000
const UNCOUNTED = 1_000_000_000

/** Way through: the showroom's address with a pass in it; undefined where a line must form. */
export type GoThrough = (
  room: Room,
  nonce: string | undefined,
  to: string | undefined,
) => Promise<string | undefined>

interface Lease {
  readonly epoch: number
  readonly slot: number
  readonly goodUntilMs: number
  readonly end: number
  next: number
}

/** What one instance knows about the open way of one room. */
interface Desk {
  lease: Lease | undefined
  /** A lease on its way: those who come meanwhile wait for it. */
  pending: Promise<Lease | undefined> | undefined
  waiting: number
  readonly rate: ReturnType<typeof createJoinRate>
  wokenAtMs: number
}

export function createThrough(deps: TurnDeps): GoThrough {
  const desks = new Map<string, Desk>()
  return async (room, nonce, to) => {
    const address = returnAddress(to, room.config)
    const nowMs = deps.now()
    if (address.status === 'refused' || phaseOf(room, nowMs) !== 'open') return undefined
    const id = await numberFor(deps, desks, room, nowMs)
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
  desks: Map<string, Desk>,
  room: Room,
  nowMs: number,
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
  const desk = deskOf(desks, room.id)
  desk.rate.count(nowMs)
  for (let tries = 0; tries < OPEN_WAY_TRIES_MAX; tries++) {
    const { lease } = desk
    if (isGood(lease, room, deps.now())) return ticketId(lease.slot, OPEN_WAY_SHARD, lease.next++)
    if (!(await renew(deps, room, desk))) return undefined
  }
  return undefined
}

/** Is anybody in any line of the room, as far as this instance knows? Then nobody overtakes them. */
async function isSomebodyWaiting(rooms: Rooms, { id, state }: Room): Promise<boolean> {
  const paths = [id, ...Object.keys(state.groups).map(group => roomPath(id, group))]
  const lines = await Promise.all(paths.map(path => rooms.read(path)))
  return lines.some(({ room, arrivals }) => room.state.tail > room.state.front || arrivals > 0)
}

function deskOf(desks: Map<string, Desk>, id: string): Desk {
  const known = desks.get(id)
  if (known !== undefined) return known
  const desk: Desk = {
    lease: undefined,
    pending: undefined,
    waiting: 0,
    rate: createJoinRate(),
    wokenAtMs: 0,
  }
  desks.set(id, desk)
  return desk
}

/**
 * Those who come at once share a lease: otherwise each would take one, and waste most of it. False:
 * everything is taken.
 */
async function renew(deps: TurnDeps, room: Room, desk: Desk): Promise<boolean> {
  desk.waiting++
  desk.pending ??= takeLease(deps, room, desk).finally(() => {
    desk.pending = undefined
  })
  try {
    desk.lease = await desk.pending
  } finally {
    desk.waiting--
  }
  return desk.lease !== undefined
}

function isGood(lease: Lease | undefined, room: Room, nowMs: number): lease is Lease {
  if (lease === undefined || lease.next >= lease.end) return false
  return lease.epoch === room.state.epoch && nowMs < lease.goodUntilMs
}

async function takeLease(deps: TurnDeps, room: Room, desk: Desk): Promise<Lease | undefined> {
  // Those who come in this very turn of the event loop share the lease: count them first.
  await Promise.resolve()
  const { config, state } = room
  const nowMs = deps.now()
  // Where seats count, a lease that is not used up would leave them empty.
  const wanted = config.capacity === null ? leaseSize(desk.rate.perSecond(nowMs), null) : 1
  const goodUntilMs = nowMs + LEASE_SECONDS_MAX * 1000
  const slot = seatSlot(goodUntilMs + config.sessionSeconds * 1000, config.sessionSeconds)
  let count = Math.min(OPEN_WAY_LEASE_MAX, Math.max(wanted, desk.waiting))
  let outcome = await deps.store.leaseThrough(room.id, slot, count)
  if (outcome.status === 'full' && count > 1) {
    count = 1
    outcome = await deps.store.leaseThrough(room.id, slot, count)
  }
  // While a batch is left a tick has time to come before anybody is refused.
  const low = batchPlaces(config, effectiveRate({ config, state }, nowMs))
  if (outcome.status === 'full' || outcome.left < low) await wake(deps, room, desk, nowMs)
  if (outcome.status === 'full') return undefined
  const { first } = outcome
  return { epoch: state.epoch, slot, goodUntilMs, next: first, end: first + count }
}

/**
 * In a sleeping room only a tick makes way again; more than one in a second would only repeat it.
 * Where it cannot be sent the next visitor tries again, at the latest by joining.
 */
async function wake(deps: TurnDeps, room: Room, desk: Desk, nowMs: number): Promise<void> {
  if (isAwake(room) || Math.abs(nowMs - desk.wokenAtMs) < 1000) return
  try {
    await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
    desk.wokenAtMs = nowMs
  } catch {}
}

/**
 * A ticket id for somebody whom nobody counts: another one for each, so that a showroom may go by it,
 * and beyond every slot and number that was ever given, so that a departure of it is nobody's.
 */
function uncountedId(seed: string): string {
  const random = createHash('sha256').update(seed).digest()
  const beyond = (offset: number) => UNCOUNTED_FROM + (random.readUInt32BE(offset) % UNCOUNTED)
  return ticketId(beyond(0), OPEN_WAY_SHARD, beyond(4))
}
