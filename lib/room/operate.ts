/** What operators do to rooms. */
import { AntichambreError } from '../queue/errors.ts'
import { HISTORY_MAX, STATE_TRIES_MAX } from '../queue/limits.ts'
import { type Action, act } from '../queue/operate.ts'
import { phaseOf } from '../queue/phase.ts'
import { parseRoomConfig, patchRoomConfig, type RoomConfig } from '../queue/room-config.ts'
import { newEpoch, type Room } from '../queue/state.ts'
import type { KeyRing } from '../store/keys.ts'
import type { TickQueue } from '../store/queues.ts'
import type { Store } from '../store/store.ts'
import { awaken } from './clock.ts'

export interface OperateDeps {
  readonly store: Store
  readonly keys: KeyRing
  readonly ticks: TickQueue
  readonly now: () => number
}

/**
 * Makes a room, or replaces its configuration. Putting a room whose sale is over opens a new epoch:
 * another sale, with places from 1 again, for which earlier tickets are not good.
 */
export async function putRoom(
  deps: OperateDeps,
  id: string,
  input: unknown,
): Promise<{ made: boolean; room: Room }> {
  const config = parseRoomConfig(input, deps.now())
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    const known = await deps.store.loadRoom(id, { consistent: true })
    if (known === undefined) {
      const state = newEpoch(await deps.store.lastState(id), deps.keys.currentId, deps.now())
      if (!(await deps.store.createRoom(id, config, state))) continue
    } else {
      const isOver = phaseOf(known, deps.now()) === 'ended'
      const state = newEpoch(known.state, deps.keys.currentId, deps.now())
      // The epoch first: dying in between, the room is still over by its old configuration, or its
      // new one is missing, and putting it again mends that.
      if (isOver && !(await deps.store.saveState(id, state))) continue
      if (!(await deps.store.saveConfig(id, config, known.configVersion))) continue
    }
    const room = await settled(deps, id)
    await note(deps, id, known === undefined ? 'made' : 'put', {})
    return { made: known === undefined, room }
  }
  throw conflict()
}

/** Changes some fields of a running room. */
export function patchRoom(deps: OperateDeps, id: string, patch: unknown): Promise<Room> {
  return retried(deps, id, async room => {
    const config = patchRoomConfig(room.config, patch)
    const saved = await deps.store.saveConfig(id, config, room.configVersion)
    if (saved) await note(deps, id, 'changed', changes(room.config, config))
    return saved
  })
}

/** Opens, pauses, resumes or ends a room. */
export function actOnRoom(deps: OperateDeps, id: string, action: Action): Promise<Room> {
  return retried(deps, id, async room => {
    const state = act(room.state, room.config, action, deps.now())
    if (state === room.state) return true
    const saved = await deps.store.saveState(id, state)
    if (saved) await note(deps, id, action, { front: state.front, tail: state.tail })
    return saved
  })
}

export async function deleteRoom(deps: OperateDeps, id: string): Promise<void> {
  await loadRoom(deps, id)
  await deps.store.deleteRoom(id)
}

/** @throws AntichambreError `unknown-room` */
export async function loadRoom(deps: Pick<OperateDeps, 'store'>, id: string): Promise<Room> {
  const room = await deps.store.loadRoom(id, { consistent: true })
  if (room === undefined) throw new AntichambreError('unknown-room', 'there is no such room')
  return room
}

export function roomHistory(deps: Pick<OperateDeps, 'store'>, id: string) {
  return deps.store.history(id, HISTORY_MAX)
}

/** Loads, changes, and starts again when somebody else was faster. */
async function retried(
  deps: OperateDeps,
  id: string,
  change: (room: Room) => Promise<boolean>,
): Promise<Room> {
  for (let attempt = 0; attempt < STATE_TRIES_MAX; attempt++) {
    if (await change(await loadRoom(deps, id))) return settled(deps, id)
  }
  throw conflict()
}

/** After every change the clock learns when the room needs it, and a tick takes the change up. */
async function settled(deps: OperateDeps, id: string): Promise<Room> {
  const room = await loadRoom(deps, id)
  const nowMs = deps.now()
  await awaken(deps, room, nowMs)
  await deps.ticks.send([{ room: id, dueAtMs: nowMs }], nowMs)
  return room
}

function note(
  deps: OperateDeps,
  id: string,
  kind: string,
  facts: Record<string, string | number | null>,
): Promise<void> {
  return deps.store.addHistory(id, { atMs: deps.now(), kind, facts })
}

function changes(before: RoomConfig, after: RoomConfig): Record<string, string | number | null> {
  const changed = Object.entries(after).filter(
    ([name, value]) => before[name as keyof RoomConfig] !== value && !Array.isArray(value),
  )
  return Object.fromEntries(changed) as Record<string, string | number | null>
}

function conflict(): AntichambreError {
  return new AntichambreError('edit-conflict', 'others changed this room at the same time')
}
