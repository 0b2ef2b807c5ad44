/** A room's id, alone and in a path. */
import { AntichambreError } from '../errors.ts'
import { GROUP_SEPARATOR, ROOM_ID, ROOM_ID_RULE } from '../limits.ts'

/** @throws AntichambreError `bad-room-id` */
export function parseRoomId(id: string): string {
  if (ROOM_ID.test(id)) return id
  throw new AntichambreError('bad-room-id', `a room's id has ${ROOM_ID_RULE}`)
}

/** A room's id in a path: `room`, or `room~group`. */
export function parseRoomPath(path: string): { id: string; group: string | undefined } {
  const at = path.indexOf(GROUP_SEPARATOR)
  if (at === -1) return { id: path, group: undefined }
  return { id: path.slice(0, at), group: path.slice(at + 1) }
}

export function roomPath(id: string, group: string | undefined): string {
  return group === undefined ? id : `${id}${GROUP_SEPARATOR}${group}`
}
