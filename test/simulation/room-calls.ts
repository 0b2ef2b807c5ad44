/** What visitors ask of the room: the use cases behind the visitors' application, on any instance. */

import type { KeyRing } from '../../lib/keys/key-ring.ts'
import { PASS_PARAMETER } from '../../lib/queue/address/query.ts'
import { verifyPass } from '../../lib/queue/tokens/pass.ts'
import type { Ticket } from '../../lib/queue/tokens/ticket.ts'
import { type Status, statusOf } from '../../lib/queue/visitor/room-status.ts'
import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import type { Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import { joinByInvitation } from '../../lib/service/visit/invitations.ts'
import { createJoins, type Join } from '../../lib/service/visit/join.ts'
import { createThrough, type GoThrough } from '../../lib/service/visit/open-way.ts'
import { createRooms, type Rooms } from '../../lib/service/visit/room-cache.ts'
import { takeTurn } from '../../lib/service/visit/turn.ts'
import { openWayNumber } from '../../lib/store/dynamodb/tickets.ts'
import type { Answer, Instance } from './calls.ts'
import { type Fleet, SKEW_MS, type Work } from './fleet.ts'
import { type GivenPass, type Law, must } from './laws/law.ts'
import type { Queues } from './queues.ts'
import { ROOM } from './scenario.ts'

export interface RoomCalls {
  /** The status, at most a second old, as a CDN keeps it; undefined when nobody could tell. */
  status(path: string, done: (status: Status | undefined) => void): void
  /** @param invitation for a group's path; undefined for the main line. */
  join(
    path: string,
    attempt: number,
    invitation: { readonly token: string; readonly holder: string } | undefined,
    holder: string,
    done: (answer: Answer<Ticket>) => void,
  ): void
  takeTurn(
    path: string,
    ticket: Ticket,
    nonce: string,
    done: (answer: Answer<GivenPass>) => void,
  ): void
  goThrough(nonce: string, done: (answer: Answer<GivenPass | undefined>) => void): void
}

export interface RoomCallsDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly fleet: Fleet
  readonly queues: Queues
  readonly keys: KeyRing
  readonly laws: readonly Law[]
  readonly newId: () => string
}

/** What an instance remembers between its calls. */
interface Memory {
  readonly rooms: Rooms
  readonly join: Join
  readonly goThrough: GoThrough
}

/** A status is cached by the CDN for so long. */
const STATUS_MS = 1_000

export function createRoomCalls(deps: RoomCallsDeps): RoomCalls {
  const { timeline, chance, fleet, queues, keys, laws, newId } = deps
  const memories = new WeakMap<Instance, Memory>()
  const statuses = new Map<string, { readonly status: Status; readonly atMs: number }>()

  const memoryOf = (instance: Instance): Memory => {
    const known = memories.get(instance)
    if (known !== undefined) return known
    const { store, now } = fleet.memoryOf(instance)
    const rooms = createRooms(store, now)
    const ticks = queues.ticksFor(instance)
    // Some are processes, which can do something later; the others are frozen between their calls.
    const later = (run: () => void, delayMs: number) =>
      timeline.after(delayMs, () => {
        if (instance.isAlive) run()
      })
    const join = createJoins({
      store,
      keys,
      ticks,
      now,
      chance,
      ...(chance() < 0.5 ? { later } : {}),
    })
    const goThrough = createThrough({ store, keys, rooms, ticks, now, newId })
    const made = { rooms, join, goThrough }
    memories.set(instance, made)
    return made
  }
  const serve = <Value>(
    kind: string,
    run: (work: Work, memory: Memory) => Promise<Value>,
    done: (answer: Answer<Value>, work: Work) => void,
  ) => {
    const instance = fleet.pick('visitor')
    fleet.serve(instance, kind, work => run(work, memoryOf(instance)), done)
  }
  /** The gate's clock is none of the room's. */
  const parse = (location: string, nonce: string, ticket: Ticket | undefined): GivenPass => {
    const token = new URL(location).searchParams.get(PASS_PARAMETER) ?? ''
    const gateMs = EPOCH_MS + timeline.nowMs() + (2 * chance() - 1) * SKEW_MS
    const outcome = verifyPass(token, ROOM, [nonce], gateMs, keys.gateKeys(ROOM))
    if (outcome.status === 'invalid') throw new Error(`a pass was ${outcome.reason} at the gate`)
    const { sub, jti, sessionExp } = outcome.pass
    const sessionEndsMs = sessionExp * 1_000 - EPOCH_MS + SKEW_MS
    return { ticketId: sub, ticket, passId: jti, sessionEndsMs }
  }

  return {
    status(path, done) {
      const known = statuses.get(path)
      if (known !== undefined && timeline.nowMs() - known.atMs < STATUS_MS) {
        done(known.status)
        return
      }
      const run = async ({ now }: Work, { rooms }: Memory) => {
        const { room, arrivals } = await rooms.read(path)
        return statusOf(room, arrivals, now())
      }
      serve('status', run, answer => {
        if (answer.status !== 'given') return done(undefined)
        statuses.set(path, { status: answer.value, atMs: timeline.nowMs() })
        done(answer.value)
      })
    },

    join(path, attempt, invitation, holder, done) {
      const run = async ({ store, now }: Work, { rooms, join }: Memory) => {
        const room = await rooms.get(path)
        if (room.group === undefined) return join(room, attempt)
        const { token, holder: secret } = invitation ?? { token: undefined, holder: undefined }
        const guest = { store, keys, now, newId, join }
        return joinByInvitation(guest, room, room.group, token, secret, attempt)
      }
      serve('join', run, answer => {
        if (answer.status === 'given') {
          for (const law of laws) law.ticket?.(answer.value, holder)
        }
        done(answer)
      })
    },

    takeTurn(path, ticket, nonce, done) {
      const run = async ({ store, now, instance }: Work, { rooms }: Memory) => {
        const room = await rooms.get(path)
        const ticks = queues.ticksFor(instance)
        const turn = { store, keys, rooms, ticks, now, newId }
        return (await takeTurn(turn, room, ticket, nonce, undefined)).location
      }
      serve('turn', run, (answer, work) => {
        if (answer.status === 'refused') {
          for (const law of laws) law.refused?.(ticket, answer.code)
          const { place } = answer.facts
          if (typeof place === 'number') {
            for (const law of laws) law.placeTold?.(ticket, place)
          }
        }
        if (answer.status !== 'given') return done(answer)
        const pass = parse(answer.value, nonce, ticket)
        must(
          'every-pass-counted',
          pass.ticketId === ticket.id || pass.ticketId === '0.999.0',
          () => `ticket ${ticket.id} got a pass of ${pass.ticketId}`,
        )
        for (const law of laws) law.pass?.(pass, work)
        done({ status: 'given', value: pass })
      })
    },

    goThrough(nonce, done) {
      const run = async (_: Work, { rooms, goThrough }: Memory) =>
        goThrough(await rooms.get(ROOM), nonce, undefined)
      serve('through', run, (answer, work) => {
        if (answer.status !== 'given') return done(answer)
        if (answer.value === undefined) return done({ status: 'given', value: undefined })
        const pass = parse(answer.value, nonce, undefined)
        must(
          'every-pass-counted',
          openWayNumber(pass.ticketId) !== undefined,
          () => `a pass of ${pass.ticketId} came by the open way`,
        )
        for (const law of laws) law.pass?.(pass, work)
        done({ status: 'given', value: pass })
      })
    },
  }
}
