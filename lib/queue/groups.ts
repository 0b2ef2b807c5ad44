/** Groups: lines of their own beside the main one, and the rooms that their visitors see. */
import { GROUP_COHORTS, GROUP_SEPARATOR } from './limits.ts'
import { newLine } from './line.ts'
import type { RoomConfig } from './room-config.ts'
import { lineOf, type Room, type RoomState } from './state.ts'

/** A room's id in a path: `room`, or `room~group`. */
export function parseRoomPath(path: string): { id: string; group: string | undefined } {
  const at = path.indexOf(GROUP_SEPARATOR)
  if (at === -1) return { id: path, group: undefined }
  return { id: path.slice(0, at), group: path.slice(at + 1) }
}

export function roomPath(id: string, group: string | undefined): string {
  return group === undefined ? id : `${id}${GROUP_SEPARATOR}${group}`
}

/** Each configured group has a line; one that was taken away keeps it, for its people to walk in. */
export function withGroupLines(state: RoomState, config: RoomConfig, nowMs: number): RoomState {
  let next = state
  for (const { name } of config.groups) {
    if (lineOf(next, name) !== undefined) continue
    const number = Object.keys(next.groups).length + 1
    const line = {
      ...newLine(number * GROUP_COHORTS, nowMs),
      cohortOpenedAtMs: Math.max(nowMs, next.openedAtMs ?? 0),
      nextBatchAtMs: next.openedAtMs === null ? null : nowMs,
    }
    next = { ...next, groups: { ...next.groups, [name]: line } }
  }
  return next
}

/** The room as the people of a group see it: its line in the place of the main one. */
export function groupRoom(room: Room, group: string): Room | undefined {
  const line = Object.hasOwn(room.state.groups, group) ? room.state.groups[group] : undefined
  return line === undefined ? undefined : { ...room, group, state: { ...room.state, ...line } }
}

/** Which line a cohort is of: 0 is the main one. */
export function lineNumber(cohort: number): number {
  return Math.floor(cohort / GROUP_COHORTS)
}
