/** What the page without JavaScript shows of a ticket's status or an error, and when it asks again. */
import { UNINVITED } from '../../page/machine/facts.ts'
import {
  PLAIN_CLOSED_SECONDS,
  PLAIN_HOLD_SECONDS,
  PLAIN_LATE_SECONDS,
} from '../../page/machine/limits.ts'
import type { PlainState, PlainView } from '../../page/words/plain-view.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import type { AntichambreError } from '../../queue/errors.ts'
import { POLL_SECONDS } from '../../queue/limits.ts'
import { timeMs } from '../../queue/room/config.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { soldOutAtMs } from '../../queue/stock/stock.ts'
import { nextPollMs } from '../../queue/visitor/poll-plan.ts'
import type { NoPass, NoTicket } from '../../queue/visitor/refusals.ts'

/** What a ticket's holder is shown while there is no pass for it. */
export type Shown = Exclude<NoPass, { status: 'already-entered' | 'refused-address' }>

export interface ViewMoment {
  readonly nowMs: number
  /** 0 .. 1: spreads the pages that are loaded anew. */
  readonly chance: number
}

export function statusView(room: Room, shown: Shown, moment: ViewMoment): PlainView {
  return {
    room: roomPath(room.id, room.group),
    refreshSeconds: refreshSeconds(room, shown, moment),
    message: room.config.message,
    state: shownState(room, shown, moment.nowMs),
  }
}

function shownState(room: Room, shown: Shown, nowMs: number): PlainState {
  switch (shown.status) {
    case 'waiting':
      return { ...shown, binding: room.state.binding }
    case 'drawing':
      if (phaseOf(room, nowMs) !== 'gathering') return shown
      return { status: 'gathering', opensAtMs: opensAtMs(room) }
    case 'held':
    case 'missed':
    case 'paused':
    case 'sold-out':
    case 'ended':
    case 'closed':
      return shown
  }
}

/** When the sale opens; null once it has, or while nobody knows. */
function opensAtMs({ config, state }: Room): number | null {
  return state.openedAtMs === null ? timeMs(config.opensAt) : null
}

function refreshSeconds(room: Room, shown: Shown, { nowMs, chance }: ViewMoment): number | null {
  switch (shown.status) {
    case 'ended':
      return null
    case 'held':
      return between(PLAIN_HOLD_SECONDS, chance)
    case 'missed':
      return between(PLAIN_LATE_SECONDS, chance)
    case 'closed':
      return between(PLAIN_CLOSED_SECONDS, chance)
    case 'waiting':
    case 'drawing':
    case 'paused':
    case 'sold-out':
  }
  const openingMs = opensAtMs(room)
  const waitSeconds = shown.status === 'waiting' ? shown.waitSeconds : null
  const untilTurnMs = shown.status === 'drawing' && openingMs === null ? 0 : null
  const sellOutMs = shown.status === 'waiting' ? soldOutAtMs(room, nowMs) : null
  return Math.ceil(
    nextPollMs({
      untilOpeningMs: openingMs === null ? null : Math.max(0, openingMs - nowMs),
      untilTurnMs: waitSeconds === null ? untilTurnMs : waitSeconds * 1000,
      untilSoldOutMs: sellOutMs === null ? null : Math.max(0, sellOutMs - nowMs),
      pollSecondsMin: POLL_SECONDS.min,
      pollSecondsMax: POLL_SECONDS.max,
      chance,
    }) / 1000,
  )
}

/** Nobody joins now. @param chance as above. */
export function noTicketView(room: Room, { status }: NoTicket, chance: number): PlainView {
  const { message, opensAt } = room.config
  const view = { room: roomPath(room.id, room.group), message }
  switch (status) {
    case 'doors-closed': {
      const state = { status, opensAtMs: timeMs(opensAt) }
      return { ...view, refreshSeconds: POLL_SECONDS.max / 2, state }
    }
    case 'closed':
      return {
        ...view,
        refreshSeconds: between(PLAIN_CLOSED_SECONDS, chance),
        state: { status },
      }
    case 'sold-out':
      return { ...view, refreshSeconds: POLL_SECONDS.max, state: { status } }
    case 'ended':
      return { ...view, refreshSeconds: null, state: { status } }
  }
}

/**
 * What is shown of an error, and when the page asks again.
 * @param generalUrl the way into the room's own line, for those whom a group's line does not take.
 */
export function problemState(
  { code, message }: AntichambreError,
  generalUrl: string,
): Pick<PlainView, 'refreshSeconds' | 'state'> {
  if (code === 'try-again') {
    return { refreshSeconds: POLL_SECONDS.min * 2, state: { status: code } }
  }
  const problem = UNINVITED.find(one => one === code)
  return {
    refreshSeconds: null,
    state:
      problem === undefined
        ? { status: 'problem', code, message }
        : { status: 'uninvited', problem, generalUrl },
  }
}

function between({ min, max }: { min: number; max: number }, chance: number): number {
  return Math.round(min + chance * (max - min))
}
