/** Groups: lines of their own beside the main one, and the rooms that their visitors see. */
import { GROUP_COHORTS } from '../limits.ts'
import { newLine } from './line.ts'
import { lineOf } from './lines.ts'
import type { Room, RoomNow, RoomState } from './state.ts'

/** Each configured group has a line. A group that was taken away keeps its line, so that its people walk in. */
export function withGroupLines({ config, state }: RoomNow, nowMs: number): RoomState {
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
