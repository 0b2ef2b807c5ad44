/** What operators do to rooms. */

import type { KeyRing } from '../../keys/key-ring.ts'
import { type AlarmWord, afterReport, type HealthReport } from '../../queue/admission/health.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { HISTORY_MAX, STATE_TRIES_MAX } from '../../queue/limits.ts'
import {
  type Action,
  act,
  letInByHand,
  refuseLaterOpening,
  refusePastOpening,
} from '../../queue/room/actions.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import { parseRoomConfig, patchRoomConfig, withStockLeft } from '../../queue/room/config-input.ts'
import { withGroupLines } from '../../queue/room/groups.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import { newEpoch, type Room, type RoomState } from '../../queue/room/state.ts'
import type { TickQueue } from '../../runtime/queues.ts'
import { type HistoryEntry, type Store, StoreBusyError } from '../../store/port.ts'
import { awaken } from '../admission/clock.ts'
import { changesBetween, refuseStale } from './edit-conflicts.ts'

/** What changing a room needs. */
export interface EditDeps {
  readonly store: Store
  readonly ticks: TickQueue
  readonly now: () => number
}

export interface OperateDeps extends EditDeps {
  readonly keys: KeyRing
}

/**
 * Makes a room, or replaces its configuration. Putting a room whose sale is over opens a new epoch:
 * another sale, with places from 1 again, for which earlier tickets are not good.
 */
export async function putRoom(
  deps: OperateDeps,
  id: string,
  input: unknown,
  ifVersion?: number,
): Promise<{ made: boolean; room: Room }> {
  const config = parseRoomConfig(input, deps.now())
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    const known = await deps.store.loadRoom(id, { consistent: true })
    await refuseStale(deps, id, known, ifVersion)
    if (known === undefined) {
      refusePastOpening(config, deps.now())
      const state = newSale(deps, config, await deps.store.lastState(id))
      if (!(await deps.store.createRoom(id, config, state))) continue
    } else {
      refuseLaterOpening(known, config, deps.now())
      const isOver = phaseOf(known, deps.now()) === 'ended'
      if (isOver) refusePastOpening(config, deps.now())
      const state = newSale(deps, config, known.state)
      // The new sale is saved first. If the process dies before the configuration is, the room goes by
      // the old one, and putting it again mends that.
      if (isOver && !(await deps.store.saveState(id, state))) continue
      if (!(await deps.store.saveConfig(id, config, known.configVersion))) continue
    }
    const room = await wakeAndLoad(deps, id)
    const facts = known && { version: room.configVersion, ...changesBetween(known.config, config) }
    await note(deps, id, known === undefined ? 'made' : 'put', facts ?? {})
    return { made: known === undefined, room }
  }
  throw conflict()
}

/** A new sale. Its groups can be joined at once; a group that a later edit adds waits for a tick. */
function newSale(deps: OperateDeps, config: RoomConfig, last: RoomState | undefined): RoomState {
  const nowMs = deps.now()
  return withGroupLines({ config, state: newEpoch(last, deps.keys.currentId, nowMs) }, nowMs)
}

/**
 * Changes some fields of a running room.
 * @param ifVersion the version that the operator saw; undefined: whatever it is now.
 * @throws AntichambreError `edit-conflict` naming what others changed since `ifVersion`.
 */
export function patchRoom(
  deps: EditDeps,
  id: string,
  patch: unknown,
  ifVersion?: number,
): Promise<Room> {
  return retried(deps, id, async room => {
    await refuseStale(deps, id, room, ifVersion)
    const config = patchRoomConfig(room.config, patch, deps.now())
    refuseLaterOpening(room, config, deps.now())
    return saveChange(deps, room, config)
  })
}

/** The showroom's own word about what is left. A word that is older than the last one changes nothing. */
export function tellStock(deps: EditDeps, id: string, left: number, atMs: number): Promise<Room> {
  return retried(
    deps,
    id,
    async room => {
      const config = withStockLeft(room.config, left, Math.min(atMs, deps.now()))
      return config === room.config || saveChange(deps, room, config)
    },
    tickAndLoad,
  )
}

async function saveChange(deps: EditDeps, room: Room, config: RoomConfig): Promise<boolean> {
  const saved = await deps.store.saveConfig(room.id, config, room.configVersion)
  const version = room.configVersion + 1
  if (saved) {
    await note(deps, room.id, 'changed', { version, ...changesBetween(room.config, config) })
  }
  return saved
}

/** Opens, pauses, resumes or ends a room. */
export function actOnRoom(deps: EditDeps, id: string, action: Action): Promise<Room> {
  return changeState(deps, id, {
    kind: action,
    factsOf: ({ front, tail }) => ({ front, tail }),
    change: room => act(room, action, deps.now()),
  })
}

/** Lets so many in besides the rate. @throws AntichambreError like `letInByHand`. */
export function letIn(deps: EditDeps, id: string, places: number): Promise<Room> {
  return changeState(deps, id, {
    kind: 'let-in',
    factsOf: () => ({ places }),
    change: room => letInByHand(room, places, deps.now()),
  })
}

/** Takes up what the showroom, an alarm or an operator says of the showroom's health. */
export function reportHealth(
  deps: EditDeps,
  id: string,
  report: HealthReport | AlarmWord,
): Promise<Room> {
  return retried(
    deps,
    id,
    async room => {
      const state = afterReport(room, report, deps.now())
      return state === room.state || deps.store.saveState(id, state)
    },
    tickAndLoad,
  )
}

interface StateChange {
  /** As the history calls it. */
  readonly kind: string
  readonly factsOf: (changed: RoomState) => Facts
  /** The same state where there is nothing to change. */
  readonly change: (room: Room) => RoomState
}

/** Changes a room's state, and says so in its history. */
function changeState(
  deps: EditDeps,
  id: string,
  { kind, factsOf, change }: StateChange,
): Promise<Room> {
  return retried(deps, id, async room => {
    const state = change(room)
    if (state === room.state) return true
    const saved = await deps.store.saveState(id, state)
    if (saved) await note(deps, id, kind, factsOf(state))
    return saved
  })
}

/**
 * Removes a room, also one whose stored items cannot be read.
 * @throws AntichambreError `unknown-room`
 */
export async function deleteRoom(deps: OperateDeps, id: string): Promise<void> {
  const isKnown = await isThere(deps, id)
  // In any case: a deletion that died on its way is finished by running it again.
  await deps.store.deleteRoom(id)
  if (!isKnown) throw unknownRoom()
}

async function isThere({ store }: Pick<OperateDeps, 'store'>, id: string): Promise<boolean> {
  try {
    return (await store.loadRoom(id, { consistent: true })) !== undefined
  } catch (error) {
    if (error instanceof StoreBusyError) throw error
    // The room is there, but its items cannot be read.
    return true
  }
}

/** @throws AntichambreError `unknown-room` */
export async function loadRoom(deps: Pick<OperateDeps, 'store'>, id: string): Promise<Room> {
  const room = await deps.store.loadRoom(id, { consistent: true })
  if (room === undefined) throw unknownRoom()
  return room
}

export function roomHistory(deps: Pick<OperateDeps, 'store'>, id: string) {
  return deps.store.history(id, HISTORY_MAX)
}

/** Loads, changes, and starts again when somebody else was faster. */
async function retried(
  deps: EditDeps,
  id: string,
  change: (room: Room) => Promise<boolean>,
  afterwards: (deps: EditDeps, id: string) => Promise<Room> = wakeAndLoad,
): Promise<Room> {
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    if (await change(await loadRoom(deps, id))) return afterwards(deps, id)
  }
  throw conflict()
}

/** After an operator's change: tells the clock when the room needs ticks, and sends one that takes it up. */
async function wakeAndLoad(deps: EditDeps, id: string): Promise<Room> {
  await awaken(deps, await loadRoom(deps, id), deps.now())
  return tickAndLoad(deps, id)
}

/**
 * After a report of a showroom, which may come every second. One tick takes it up, and wakes a sleeping
 * room where there is need. If each report sent the ticks of a minute they would pile up.
 */
async function tickAndLoad(deps: EditDeps, id: string): Promise<Room> {
  const nowMs = deps.now()
  await deps.ticks.send([{ room: id, dueAtMs: nowMs }], nowMs)
  return loadRoom(deps, id)
}

type Facts = HistoryEntry['facts']

function note(deps: EditDeps, id: string, kind: string, facts: Facts): Promise<void> {
  return deps.store.addHistory(id, { atMs: deps.now(), kind, facts })
}

function unknownRoom(): AntichambreError {
  return new AntichambreError('unknown-room', 'there is no such room')
}

function conflict(): AntichambreError {
  return new AntichambreError('edit-conflict', 'others changed this room at the same time')
}
