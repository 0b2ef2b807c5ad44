/** What an operator may do to a room's state, as pure steps. */
import { AntichambreError } from '../errors.ts'
import { MANUAL_PLACES, SCHEDULE_AGE_MS_MAX } from '../limits.ts'
import { type RoomConfig, timeMs } from './config.ts'
import { stopped } from './lines.ts'
import { openedAt, openingDue } from './opening.ts'
import { phaseOf } from './phase.ts'
import type { RoomNow, RoomState } from './state.ts'

export const ACTIONS = ['open', 'pause', 'resume', 'end'] as const
export type Action = (typeof ACTIONS)[number]

/**
 * The state after an action. An action that is already done changes nothing.
 * @throws AntichambreError `room-ended` when the sale is over.
 */
export function act(room: RoomNow, action: Action, nowMs: number): RoomState {
  const { config, state } = room
  if (phaseOf(room, nowMs) === 'ended') {
    if (action === 'end') return state
    throw saleOver()
  }
  switch (action) {
    case 'open':
      return openNow(resumed(state, nowMs), nowMs)
    case 'pause':
      return state.pausedAtMs === null ? { ...state, pausedAtMs: nowMs } : state
    case 'resume': {
      const running = resumed(state, nowMs)
      return openingDue({ config, state: running }, nowMs) ? openNow(running, nowMs) : running
    }
    case 'end':
      return { ...state, endedAtMs: nowMs }
  }
}

/**
 * Adds places that are let in besides the rate, as soon as there are people, seats and goods for them.
 * @throws AntichambreError `room-ended`, and `bad-request` when more are owed than is allowed.
 */
export function letInByHand(room: RoomNow, places: number, nowMs: number): RoomState {
  const { state } = room
  if (phaseOf(room, nowMs) === 'ended') throw saleOver()
  const manual = state.manual + places
  if (manual <= MANUAL_PLACES.max) return { ...state, manual }
  throw new AntichambreError(
    'bad-request',
    `places: ${places} came with ${state.manual} owed, together at most ${MANUAL_PLACES.max} are allowed`,
  )
}

/**
 * A sale that is open cannot be given a later opening: it would stay open, and the operator would not notice.
 * @throws AntichambreError `bad-request`
 */
export function refuseLaterOpening(
  { config, state }: RoomNow,
  changed: RoomConfig,
  nowMs: number,
): void {
  const opensAtMs = timeMs(changed.opensAt)
  if (opensAtMs === null || opensAtMs <= nowMs || opensAtMs === timeMs(config.opensAt)) return
  if (state.openedAtMs === null || phaseOf({ config, state }, nowMs) === 'ended') return
  throw new AntichambreError(
    'bad-request',
    `opensAt: ${changed.opensAt} came, no other time to come is allowed while the sale is open; \`pause\` stops it, \`end\` ends it`,
  )
}

/**
 * A new sale with an opening of an earlier one (more than a day past) would open at once: a mistake, so it is refused.
 * @throws AntichambreError `bad-request`
 */
export function refusePastOpening({ opensAt }: RoomConfig, nowMs: number): void {
  const opensAtMs = timeMs(opensAt)
  if (opensAtMs === null || opensAtMs >= nowMs - SCHEDULE_AGE_MS_MAX) return
  throw new AntichambreError(
    'bad-request',
    `opensAt: ${opensAt} came, a time that is not more than a day past is allowed for a new sale; left out, it opens now`,
  )
}

function saleOver(): AntichambreError {
  const says = 'the sale is over; put the room again for another one'
  return new AntichambreError('room-ended', says)
}

function openNow(state: RoomState, nowMs: number): RoomState {
  if (state.openedAtMs !== null) return state
  return openedAt(state, Math.max(nowMs, state.cohortOpenedAtMs))
}

/** The state after a pause: turns go on where it stopped them, and nobody is let in for the time of the pause. */
function resumed(state: RoomState, nowMs: number): RoomState {
  if (state.pausedAtMs === null) return state
  const stoodSinceMs = Math.min(state.pausedAtMs, state.soldOutAtMs ?? state.pausedAtMs)
  const running = stopped(state, Math.max(0, nowMs - stoodSinceMs), nowMs)
  return { ...running, pausedAtMs: null, soldOutAtMs: state.soldOutAtMs === null ? null : nowMs }
}
