/** The clock: sends each awake room's ticks ahead of time. */
import { coveredUntilMs, ticksDue, wakesAtMs } from '../../queue/admission/waking.ts'
import { knowledgeOf } from '../../queue/room/knowledge.ts'
import type { Room } from '../../queue/room/state.ts'
import type { TickQueue } from '../../runtime/queues.ts'
import type { Store } from '../../store/port.ts'

export interface ClockDeps {
  readonly store: Store
  readonly ticks: TickQueue
}

/** One run, each minute: the ticks until the end of the next minute. Gives how many were sent. */
export async function sendDueTicks(deps: ClockDeps, nowMs: number): Promise<number> {
  const rooms = await deps.store.listRooms()
  const ticks = rooms.flatMap(({ room, wakesAtMs: wakeMs }) =>
    ticksDue(wakeMs, nowMs, coveredUntilMs(nowMs)).map(dueAtMs => ({ room, dueAtMs })),
  )
  await deps.ticks.send(ticks, nowMs)
  return ticks.length
}

/** Tells the clock about a room, and sends its ticks until the clock's own next run. */
export async function awaken(deps: ClockDeps, room: Room, nowMs: number): Promise<void> {
  await deps.store.setWake(room.id, wakesAtMs(room, nowMs), knowledgeOf(room))
  await sendTicks(deps, room, nowMs)
}

/** Sends a room's ticks until the clock's own next run. */
export async function sendTicks(
  deps: Pick<ClockDeps, 'ticks'>,
  room: Room,
  nowMs: number,
): Promise<void> {
  const due = ticksDue(wakesAtMs(room, nowMs), nowMs, coveredUntilMs(nowMs))
  await deps.ticks.send(
    due.map(dueAtMs => ({ room: room.id, dueAtMs })),
    nowMs,
  )
}
