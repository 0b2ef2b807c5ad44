/**
 * Operators who edit a room at the same time. An edit of an older version is refused, and the answer names
 * what changed since.
 */
import { AntichambreError } from '../../queue/errors.ts'
import { HISTORY_MAX } from '../../queue/limits.ts'
import type { RoomConfig } from '../../queue/room/config.ts'
import type { Room } from '../../queue/room/state.ts'
import type { HistoryEntry, Store } from '../../store/port.ts'

/** The fields that differ, with their new values; lists and objects as JSON. */
export function changesBetween(before: RoomConfig, after: RoomConfig): HistoryEntry['facts'] {
  const short = (value: unknown) =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  const changed = Object.entries(after)
    .map(([name, value]) => [name, short(value)] as const)
    .filter(([name, value]) => short(before[name as keyof RoomConfig]) !== value)
  return Object.fromEntries(changed) as HistoryEntry['facts']
}

/**
 * Refuses an edit that was made with an older version in mind.
 * @throws AntichambreError `edit-conflict` with `version` (the present one) and `changed` (the fields
 *   that others changed since, with their present values).
 */
export async function refuseStale(
  deps: { readonly store: Store },
  id: string,
  room: Room | undefined,
  ifVersion: number | undefined,
): Promise<void> {
  if (ifVersion === undefined || room?.configVersion === ifVersion) return
  if (room === undefined) throw new AntichambreError('unknown-room', 'there is no such room')
  const entries = await deps.store.history(id, HISTORY_MAX)
  const since = entries
    .filter(({ facts }) => typeof facts.version === 'number' && facts.version > ifVersion)
    .reverse()
  const { version: _, ...changed } = Object.assign({}, ...since.map(({ facts }) => facts))
  const names = Object.keys(changed).join(', ') || 'nothing that is kept'
  throw new AntichambreError(
    'edit-conflict',
    `version ${ifVersion} came, ${room.configVersion} is there; changed since: ${names}`,
    { version: room.configVersion, changed },
  )
}
