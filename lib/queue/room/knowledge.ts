/** Which of two that loaded a room knows it better. */
import type { Room, RoomState } from './state.ts'

/** More edits than this between two states count as one. */
const EDITS_MAX = 1_000_000

/**
 * Which of two that loaded a room knows it better? The greater number does: it grows with the state
 * and with the configuration, over all of a room's lives, for a room made anew goes on from its state.
 */
export function knowledgeOf({
  state,
  configVersion,
}: Pick<Room, 'configVersion'> & { readonly state: Pick<RoomState, 'version'> }): number {
  return state.version * EDITS_MAX + Math.min(configVersion, EDITS_MAX - 1)
}

/** Of a room that is gone: more than anybody knew in that life, less than whoever makes it anew. */
export function knowledgeOfGone(last: Pick<RoomState, 'version'> | undefined): number {
  return (last?.version ?? 0) * EDITS_MAX - 1
}
