/** A room's id. */
import { AntichambreError } from './errors.ts'
import { ROOM_ID, ROOM_ID_RULE } from './limits.ts'

/** @throws AntichambreError `bad-room-id` */
export function parseRoomId(id: string): string {
  if (ROOM_ID.test(id)) return id
  throw new AntichambreError('bad-room-id', `a room's id has ${ROOM_ID_RULE}`)
}
