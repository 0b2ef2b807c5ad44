/** Which of two processes that loaded a room has loaded the newer version of it. */
import type { Room, RoomState } from './state.ts'

/** More edits than this between two states count as one. */
const EDITS_MAX = 1_000_000

/**
 * A number that is greater for the process that loaded the newer version of a room. It grows with each version of
 * the state and of the configuration. A room that is deleted and made anew goes on from its last state, so the
 * number never falls.
 */
export function knowledgeOf({
  state,
  configVersion,
}: Pick<Room, 'configVersion'> & { readonly state: Pick<RoomState, 'version'> }): number {
  return state.version * EDITS_MAX + Math.min(configVersion, EDITS_MAX - 1)
}

/** The same for a deleted room: greater than any number before the deletion, smaller than any after it is made anew. */
export function knowledgeOfGone(last: Pick<RoomState, 'version'> | undefined): number {
  return (last?.version ?? 0) * EDITS_MAX - 1
}
