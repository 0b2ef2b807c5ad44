/**
 * The watch: finds rooms in which people wait and nobody is let in, although no function fails (failure mode 44).
 * The clock's function runs it once a minute, because the function of admission may be the one that stands still.
 */

import { linesOf, MAIN_LINE } from '../../queue/room/lines.ts'
import { openingDue } from '../../queue/room/opening.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { logFailure } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { type Store, StoreBusyError } from '../../store/port.ts'

/** Ticks come each second. A batch, or the opening, that is a minute late does not come by itself any more. */
const OVERDUE_MS = 60_000
/** The slowest rate, 1 a minute, lets somebody in each minute: nobody in two minutes is too few. */
const UNADMITTED_MS = 120_000

export interface WatchDeps {
  readonly store: Pick<Store, 'listRooms' | 'loadRoom'>
  readonly metrics: Metrics
}

/** Says how many rooms stand still, and which; nothing when none does. */
export async function watchRooms(deps: WatchDeps, nowMs: number): Promise<void> {
  const awake = (await deps.store.listRooms()).filter(
    ({ wakesAtMs }) => wakesAtMs !== null && wakesAtMs <= nowMs,
  )
  const looked = await Promise.all(
    awake.map(async ({ room }) => ((await isStill(deps.store, room, nowMs)) ? [room] : [])),
  )
  const still = looked.flat()
  if (still.length === 0) return
  deps.metrics.ofDeployment({ Standstill: still.length }, nowMs, { rooms: still.join(', ') })
}

/** A room whose stored items cannot be read counts as standing still. The other rooms are looked at all the same. */
async function isStill(store: WatchDeps['store'], id: string, nowMs: number): Promise<boolean> {
  try {
    const room = await store.loadRoom(id)
    return room !== undefined && standsStill(room, nowMs)
  } catch (error) {
    if (error instanceof StoreBusyError) throw error
    logFailure('room', error, { room: id })
    return true
  }
}

/**
 * Does admission stand still? It does when the opening or a batch is a minute late, or when people have waited two
 * minutes in the main line and nobody was let in. A full house, a stock that is spoken for, and a plan keep
 * people out on purpose. A rate of 0 does not: it may have been forgotten, and a pause would say so better.
 */
export function standsStill(room: Room, nowMs: number): boolean {
  const { config, state } = room
  if (openingDue({ config, state }, nowMs - OVERDUE_MS)) return true
  if (phaseOf(room, nowMs) !== 'open' || state.openedAtMs === null) return false
  const waiting = linesOf(state).filter(({ line }) => line.tail > line.front)
  const isOverdue = waiting.some(
    ({ line }) => line.nextBatchAtMs !== null && nowMs - line.nextBatchAtMs > OVERDUE_MS,
  )
  if (isOverdue) return true
  const lastBatchAtMs = linesOf(state).flatMap(({ line }) => line.batches.at(-1)?.atMs ?? [])
  const admittedAtMs = Math.max(state.openedAtMs, ...lastBatchAtMs)
  const isKeptOut = ['capacity', 'stock', 'plan'].includes(state.binding ?? '')
  const waitsInMain = waiting.some(({ name }) => name === MAIN_LINE)
  return waitsInMain && !isKeptOut && nowMs - admittedAtMs > UNADMITTED_MS
}
