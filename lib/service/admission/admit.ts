/** One admission step of one room, with everything it reads and writes. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { effectiveRate } from '../../queue/admission/policies.ts'
import { showUpOf } from '../../queue/admission/show-up.ts'
import { beginTick, finishTick } from '../../queue/admission/tick.ts'
import { isAsleep, wakesAtMs } from '../../queue/admission/waking.ts'
import { busyWindowSeconds, closeDueAtMs } from '../../queue/cohort/arrival-window.ts'
import type { AllArrivals, Arrivals } from '../../queue/cohort/arrivals.ts'
import { cohortSize } from '../../queue/cohort/place.ts'
import { cohortRecord, cohortSeed } from '../../queue/cohort/record.ts'
import { type House, heldOf, insideOf } from '../../queue/house/house.ts'
import { CLOCK_SKEW_SECONDS, STATE_TRIES_MAX } from '../../queue/limits.ts'
import { knowledgeOf, knowledgeOfGone } from '../../queue/room/knowledge.ts'
import { linesOf, MAIN_LINE } from '../../queue/room/lines.ts'
import { phaseOf, stockLeftOf } from '../../queue/room/phase.ts'
import type { Room, RoomState } from '../../queue/room/state.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { TickQueue } from '../../runtime/queues.ts'
import type { Store } from '../../store/port.ts'
import { sendTicks } from './clock.ts'
import { stepMeasures } from './step-metrics.ts'

export interface AdmitDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly ticks: TickQueue
  readonly now: () => number
  /** Left out where nobody reads metrics. */
  readonly metrics?: Metrics | undefined
}

/**
 * Runs the step. It may die after any of its writes: the next one finishes the job. Two at once do no harm: one of
 * them saves the state, the other loads the room and starts again. After `STATE_TRIES_MAX` lost races it gives up,
 * and the next tick does its work.
 */
export async function admit(deps: AdmitDeps, roomId: string): Promise<void> {
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    const room = await deps.store.loadRoom(roomId, { consistent: true })
    if (room === undefined) {
      return deps.store.setWake(roomId, null, knowledgeOfGone(await deps.store.lastState(roomId)))
    }
    // The house is read before the clock: everybody whom it counts has entered by the time that the tick goes by.
    const house = await deps.store.loadHouse(roomId, room.state.epoch)
    const nowMs = deps.now()
    if (phaseOf(room, nowMs) === 'ended') {
      return deps.store.setWake(roomId, null, knowledgeOf(room))
    }
    if (await step(deps, room, house, nowMs)) return
  }
}

/** False when another step changed the state meanwhile. */
async function step(deps: AdmitDeps, room: Room, house: House, nowMs: number): Promise<boolean> {
  const begun = beginTick(room, house, nowMs)
  const arrivals = await findArrivals(deps, { ...room, state: begun.room.state }, nowMs)
  const { state: next, orders } = finishTick(begun, arrivals)

  const after = { ...room, state: next }
  const asleep = isAsleep(room.state, nowMs)
  // An instance whose clock is ahead of this one's may have put the room to sleep already.
  const mayBeAsleep = isAsleep(room.state, nowMs + CLOCK_SKEW_SECONDS * 1000)
  const wakes = mayBeAsleep && next.sleepsAtMs === null
  const nextVersion = { ...next, version: next.version + 1 }
  const knowledge = knowledgeOf({ ...room, state: nextVersion })
  // First the clock is told that the room is awake, then the state is saved. Dying between the two costs a needless
  // tick; in the other order the line would stand still.
  if (wakes) await deps.store.setWake(room.id, wakesAtMs(after, nowMs), knowledge)
  const changed = next !== room.state
  if (changed && !(await deps.store.saveState(room.id, next))) return false
  // The orders follow from the state, so it is saved first. Where the house's limit, or what
  // expires, has changed since it was read, nothing is ordered: the next tick orders again.
  if (orders !== undefined) await deps.store.orderHouse(room.id, orders, house)
  // Several steps may find the room awake again. Only the one that saved the state gets here, so its ticks are sent once.
  if (wakes) await sendTicks(deps, after, nowMs)
  if (asleep && next.sleepsAtMs !== null) {
    await fallAsleep(deps, { ...room, state: changed ? nextVersion : next }, nowMs)
  }
  const measures = deps.metrics && stepMeasures(room.state, next, house, nowMs)
  if (measures !== undefined) deps.metrics?.ofRoom(room.id, measures, nowMs)
  if (startsMinute(room.state, next)) await note(deps.store, after, house, nowMs)
  return true
}

/** Looks at the open cohort of every line, and closes those that are due. */
async function findArrivals(deps: AdmitDeps, room: Room, nowMs: number): Promise<AllArrivals> {
  const { state } = room
  const found = await Promise.all(
    linesOf(state).map(async ({ name, line }) => {
      const ofLine = { ...room, state: { ...state, ...line } }
      const { due, empty } = await lookAt(deps.store, ofLine, nowMs)
      const shut = due && !empty ? await close(deps, ofLine, nowMs) : undefined
      const arrivals: Arrivals = {
        closed: shut?.record,
        retried: shut?.retried ?? 0,
        openCohortEmpty: empty && shut === undefined,
      }
      return [name, arrivals] as const
    }),
  )
  const { [MAIN_LINE]: main = NO_ARRIVALS, ...groups } = Object.fromEntries(found)
  return { ...main, groups }
}

const NO_ARRIVALS: Arrivals = { closed: undefined, retried: 0, openCohortEmpty: true }

/** Reads the open cohort only when it may close, or when the room may fall asleep. */
async function lookAt(
  store: Store,
  room: Room,
  nowMs: number,
): Promise<{ due: boolean; empty: boolean }> {
  const { state } = room
  const dueAtMs = closeDueAtMs(room)
  const due = dueAtMs !== null && nowMs >= dueAtMs
  if (dueAtMs === null || (!due && state.tail > state.front)) return { due: false, empty: false }
  const sizes = await store.sizes(room.id, state.openCohort, state.shards, { consistent: true })
  return { due, empty: cohortSize(sizes) === 0 }
}

/** Closes the open cohort of a line: its counters, then its record. Run again, it gives the same record. */
async function close(deps: AdmitDeps, { id, state }: Room, nowMs: number) {
  const { openCohort, shards, tail, drawKeyId } = state
  const shut = await deps.store.closeShards(id, openCohort, shards, nowMs)
  const seed = cohortSeed(deps.keys.drawKey(drawKeyId), id, openCohort)
  const record = cohortRecord({
    cohort: openCohort,
    base: tail,
    sizes: shut.sizes,
    seed,
    closedAtMs: shut.closedAtMs,
  })
  return { record: await deps.store.putRecord(id, record), retried: shut.retried }
}

/**
 * Takes the room off the clock's list. Then looks once more: where somebody joined meanwhile, puts it back and sends
 * a tick.
 * @param room as this step left it.
 */
async function fallAsleep(deps: AdmitDeps, room: Room, nowMs: number): Promise<void> {
  const { shards, version } = room.state
  await deps.store.setWake(room.id, null, knowledgeOf(room))
  const sizes = await Promise.all(
    linesOf(room.state).map(({ line }) =>
      deps.store.sizes(room.id, line.openCohort, shards, { consistent: true }),
    ),
  )
  const latest = await deps.store.loadRoom(room.id, { consistent: true })
  // Sold out or closed it sleeps even with people in line: the edit that opens it again wakes it.
  if (latest === undefined || !['open', 'paused'].includes(phaseOf(latest, nowMs))) return
  if (cohortSize(sizes.flat()) === 0 && latest.state.version === version) return
  await deps.store.setWake(room.id, nowMs, knowledgeOf(latest))
  await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
}

/** Has the next batch moved into another minute? That is so once a minute, and then the history notes the minute. */
function startsMinute(state: RoomState, next: RoomState): boolean {
  const minute = (ms: number | null) => (ms === null ? -1 : Math.floor(ms / 60_000))
  return minute(state.nextBatchAtMs) !== minute(next.nextBatchAtMs)
}

async function note(store: Store, room: Room, house: House, nowMs: number): Promise<void> {
  const { config, state } = room
  const showUp = showUpOf(state)
  await store.addHistory(room.id, {
    atMs: Math.floor(nowMs / 60_000) * 60_000,
    kind: 'minute',
    facts: {
      phase: phaseOf(room, nowMs),
      binding: state.binding,
      openCohort: state.openCohort,
      front: state.front,
      tail: state.tail,
      arrivalWindowSeconds: busyWindowSeconds(room),
      ratePerMinute: effectiveRate(room, nowMs),
      entered: house.entered,
      inside: insideOf(house),
      held: heldOf(house),
      ...(showUp === null ? {} : { showUp: Math.round(showUp * 1000) / 1000 }),
      ...(config.capacity === null ? {} : { capacity: config.capacity }),
      ...(config.stock === null ? {} : { bought: state.bought }),
      stock: stockLeftOf(room),
    },
  })
}
