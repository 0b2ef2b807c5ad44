/** One admission step of one room, with everything it reads and writes. */
import { cohortRecord, cohortSeed } from '../queue/cohort.ts'
import { bucketsFromMs, insideOf, openTurnsOf } from '../queue/counts.ts'
import { STATE_TRIES_MAX } from '../queue/limits.ts'
import { busyWindowSeconds, phaseOf } from '../queue/phase.ts'
import { cohortSize } from '../queue/place.ts'
import { isAsleep, wakesAtMs } from '../queue/schedule.ts'
import type { Room, RoomState } from '../queue/state.ts'
import { closeDueAtMs, opened, openingDue, tick } from '../queue/tick.ts'
import type { KeyRing } from '../store/keys.ts'
import type { TickQueue } from '../store/queues.ts'
import type { Store } from '../store/store.ts'
import { sendTicks } from './clock.ts'

export interface AdmitDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly ticks: TickQueue
  readonly now: () => number
}

/**
 * Runs the step. It may die after any of its writes: the next one finishes the job. Two at once
 * do no harm: one of them wins the state, the other starts again from what it finds.
 */
export async function admit(deps: AdmitDeps, roomId: string): Promise<void> {
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    const room = await deps.store.loadRoom(roomId, { consistent: true })
    if (room === undefined) return deps.store.setWake(roomId, null)
    const nowMs = deps.now()
    if (phaseOf(room, nowMs) === 'ended') return deps.store.setWake(roomId, null)
    if (await step(deps, room, nowMs)) return
  }
}

/** False when another step changed the state meanwhile. */
async function step(deps: AdmitDeps, room: Room, nowMs: number): Promise<boolean> {
  const { config } = room
  const state = openingDue(config, room.state, nowMs)
    ? opened(config, room.state, nowMs)
    : room.state
  const arrivals = await findArrivals(deps.store, room.id, config, state, nowMs)
  const closed = arrivals.due && !arrivals.empty ? await close(deps, room, nowMs) : undefined
  const people = await countPeople(deps.store, room, nowMs)
  const openCohortEmpty = arrivals.empty && closed === undefined
  const counts = {
    ...people,
    closed: closed?.record,
    retried: closed?.retried ?? 0,
    openCohortEmpty,
  }
  const next = tick(room.state, config, counts, nowMs)

  const asleep = isAsleep(room.state, nowMs)
  // First the clock learns that the room is awake, then the state says so: dying between the two
  // costs a needless tick, the other way round the line would stand still.
  const woken = { ...room, state: next }
  const wakes = asleep && next.sleepsAtMs === null
  if (wakes) await deps.store.setWake(room.id, wakesAtMs(woken, nowMs))
  const changed = next !== room.state
  if (changed && !(await deps.store.saveState(room.id, next))) return false
  // Of many steps that find the room awake again one alone sends its ticks: they must not multiply.
  if (wakes) await sendTicks(deps, woken, nowMs)
  if (asleep && next.sleepsAtMs !== null) {
    const version = changed ? next.version + 1 : next.version
    await fallAsleep(deps, { ...room, state: next }, version, nowMs)
  }
  if (startsMinute(room.state, next)) await note(deps.store, room, next, people.inside, nowMs)
  return true
}

/** Reads the open cohort only when it may close, or when the room may fall asleep. */
async function findArrivals(
  store: Store,
  roomId: string,
  config: Room['config'],
  state: RoomState,
  nowMs: number,
): Promise<{ due: boolean; empty: boolean }> {
  const dueAtMs = closeDueAtMs(config, state)
  const due = dueAtMs !== null && nowMs >= dueAtMs
  if (dueAtMs === null || (!due && state.tail > state.front)) return { due: false, empty: false }
  const sizes = await store.sizes(roomId, state.openCohort, state.shards, { consistent: true })
  return { due, empty: cohortSize(sizes) === 0 }
}

/** Closes the open cohort: its counters, then its record. Run again, it gives the same record. */
async function close(deps: AdmitDeps, room: Room, nowMs: number) {
  const { openCohort, shards, tail, drawKeyId } = room.state
  const shut = await deps.store.closeShards(room.id, openCohort, shards, nowMs)
  const seed = cohortSeed(deps.keys.drawKey(drawKeyId), room.id, openCohort)
  const record = cohortRecord(openCohort, tail, shut.sizes, seed, shut.closedAtMs)
  return { record: await deps.store.putRecord(room.id, record), retried: shut.retried }
}

/** People inside and turns open; not read where no capacity asks for them. */
async function countPeople(store: Store, room: Room, nowMs: number) {
  const { config, state } = room
  if (config.capacity === null) return { inside: 0, openTurns: 0 }
  const buckets = await store.entryBuckets(room.id, bucketsFromMs(config, nowMs))
  return { inside: insideOf(buckets, config, nowMs), openTurns: openTurnsOf(state, buckets) }
}

/**
 * The clock forgets the room, unless somebody joined in this very moment.
 * @param version the state's, as this step left it.
 */
async function fallAsleep(
  deps: AdmitDeps,
  room: Room,
  version: number,
  nowMs: number,
): Promise<void> {
  const { openCohort, shards } = room.state
  await deps.store.setWake(room.id, null)
  const sizes = await deps.store.sizes(room.id, openCohort, shards, { consistent: true })
  const latest = await deps.store.loadRoom(room.id, { consistent: true })
  // Sold out, it sleeps whoever is in line: whoever brings stock back wakes it.
  if (latest === undefined || phaseOf(latest, nowMs) === 'soldOut') return
  if (cohortSize(sizes) === 0 && latest.state.version === version) return
  await deps.store.setWake(room.id, nowMs)
  await deps.ticks.send([{ room: room.id, dueAtMs: nowMs }], nowMs)
}

/** Batches follow one another each few seconds: one of them is the first of its minute. */
function startsMinute(state: RoomState, next: RoomState): boolean {
  const minute = (ms: number | null) => (ms === null ? -1 : Math.floor(ms / 60_000))
  return minute(state.nextBatchAtMs) !== minute(next.nextBatchAtMs)
}

async function note(store: Store, room: Room, state: RoomState, inside: number, nowMs: number) {
  const { config } = room
  await store.addHistory(room.id, {
    atMs: Math.floor(nowMs / 60_000) * 60_000,
    kind: 'minute',
    facts: {
      phase: phaseOf({ config, state }, nowMs),
      openCohort: state.openCohort,
      front: state.front,
      tail: state.tail,
      arrivalWindowSeconds: busyWindowSeconds({ config, state }),
      ratePerMinute: config.ratePerMinute,
      ...(config.capacity === null ? {} : { capacity: config.capacity, inside }),
      stock: config.stock,
    },
  })
}
