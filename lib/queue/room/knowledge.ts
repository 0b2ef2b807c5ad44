/** Which of two that loaded a room knows it better. */
import type { Room, RoomState } from './state.ts'

/** More edits than this between two states count as one. */
const EDITS_MAX = 1_000_000

/**
 * A number that says which of two loaders knows a room better: the greater one. It grows with each version of the
 * state and of the configuration. A room made anew goes on from its last state, so it grows over all of its lives.
 */
export function knowledgeOf({
  state,
  configVersion,
}: Pick<Room, 'configVersion'> & { readonly state: Pick<RoomState, 'version'> }): number {
  return state.version * EDITS_MAX + Math.min(configVersion, EDITS_MAX - 1)
}

/** Of a room that was deleted: greater than that of any loader before, smaller than that of the room made anew. */
export function knowledgeOfGone(last: Pick<RoomState, 'version'> | undefined): number {
  return (last?.version ?? 0) * EDITS_MAX - 1
}
