/** What an operator may do to a room's state, as pure steps. */
import { AntichambreError } from './errors.ts'
import { phaseOf } from './phase.ts'
import type { RoomConfig } from './room-config.ts'
import type { RoomState } from './state.ts'
import { openingDue } from './tick.ts'

export const ACTIONS = ['open', 'pause', 'resume', 'end'] as const
export type Action = (typeof ACTIONS)[number]

/**
 * The state after an action. An action that is already done changes nothing.
 * @throws AntichambreError `room-ended` when the sale is over.
 */
export function act(
  state: RoomState,
  config: RoomConfig,
  action: Action,
  nowMs: number,
): RoomState {
  if (phaseOf({ config, state }, nowMs) === 'ended') {
    if (action === 'end') return state
    throw new AntichambreError('room-ended', 'the sale is over; put the room again for another one')
  }
  switch (action) {
    case 'open':
      return openNow(resumed(state, nowMs), nowMs)
    case 'pause':
      return state.pausedAtMs === null ? { ...state, pausedAtMs: nowMs } : state
    case 'resume': {
      const running = resumed(state, nowMs)
      return openingDue(config, running, nowMs) ? openNow(running, nowMs) : running
    }
    case 'end':
      return { ...state, endedAtMs: nowMs }
  }
}

function openNow(state: RoomState, nowMs: number): RoomState {
  if (state.openedAtMs !== null) return state
  const openedAtMs = Math.max(nowMs, state.cohortOpenedAtMs)
  return { ...state, openedAtMs, nextBatchAtMs: openedAtMs, sleepsAtMs: null }
}

/** Turns go on where the pause stopped them; the pause itself earns no admissions. */
function resumed(state: RoomState, nowMs: number): RoomState {
  if (state.pausedAtMs === null) return state
  const pausedMs = Math.max(0, nowMs - state.pausedAtMs)
  return {
    ...state,
    pausedAtMs: null,
    nextBatchAtMs: state.nextBatchAtMs === null ? null : Math.max(state.nextBatchAtMs, nowMs),
    // Not their start: entries are counted by it.
    batches: state.batches.map(batch => ({ ...batch, heldMs: (batch.heldMs ?? 0) + pausedMs })),
  }
}
