/** What the page without JavaScript shows of a standing or an error, and when it asks again. */
import { UNINVITED } from '../../page/machine/facts.ts'
import {
  PLAIN_CLOSED_SECONDS,
  PLAIN_HOLD_SECONDS,
  PLAIN_LATE_SECONDS,
} from '../../page/machine/limits.ts'
import type { PlainStanding, PlainView } from '../../page/words/plain-view.ts'
import { roomPath } from '../../queue/address/room-path.ts'
import type { AntichambreError } from '../../queue/errors.ts'
import { POLL_SECONDS } from '../../queue/limits.ts'
import { type RoomConfig, timeMs } from '../../queue/room/config.ts'
import { phaseOf } from '../../queue/room/phase.ts'
import type { Room } from '../../queue/room/state.ts'
import { soldOutAtMs } from '../../queue/stock/stock.ts'
import { nextPollMs } from '../../queue/visitor/poll-plan.ts'
import type { TicketStatus } from '../../queue/visitor/ticket-status.ts'

type Shown = Exclude<TicketStatus, { status: 'admitted' }>

/** @param chance 0 .. 1: spreads the pages that are loaded anew. */
export function standingView(
  room: Room,
  standing: Shown,
  nowMs: number,
  chance: number,
): PlainView {
  const opensAtMs = room.state.openedAtMs === null ? timeMs(room.config.opensAt) : null
  return {
    room: roomPath(room.id, room.group),
    refreshSeconds: refreshSeconds(room, standing, opensAtMs, nowMs, chance),
    message: room.config.message,
    standing: shownStanding(room, standing, opensAtMs, nowMs),
  }
}

function shownStanding(
  room: Room,
  standing: Shown,
  opensAtMs: number | null,
  nowMs: number,
): PlainStanding {
  switch (standing.status) {
    case 'waiting':
      return { ...standing, binding: room.state.binding }
    case 'drawing':
      return phaseOf(room, nowMs) === 'gathering' ? { status: 'gathering', opensAtMs } : standing
    case 'missed':
    case 'paused':
    case 'sold-out':
    case 'ended':
    case 'closed':
      return standing
  }
}

function refreshSeconds(
  room: Room,
  standing: Shown,
  opensAtMs: number | null,
  nowMs: number,
  chance: number,
): number | null {
  switch (standing.status) {
    case 'ended':
      return null
    case 'missed':
      return between(PLAIN_LATE_SECONDS, chance)
    case 'closed':
      return between(PLAIN_CLOSED_SECONDS, chance)
    case 'waiting':
    case 'drawing':
    case 'paused':
    case 'sold-out':
  }
  const waitSeconds = standing.status === 'waiting' ? standing.waitSeconds : null
  const untilTurnMs = standing.status === 'drawing' && opensAtMs === null ? 0 : null
  const sellOutMs =
    standing.status === 'waiting' ? soldOutAtMs(room.config, room.state, nowMs) : null
  return Math.ceil(
    nextPollMs({
      untilOpeningMs: opensAtMs === null ? null : Math.max(0, opensAtMs - nowMs),
      untilTurnMs: waitSeconds === null ? untilTurnMs : waitSeconds * 1000,
      untilSoldOutMs: sellOutMs === null ? null : Math.max(0, sellOutMs - nowMs),
      pollSecondsMin: POLL_SECONDS.min,
      pollSecondsMax: POLL_SECONDS.max,
      chance,
    }) / 1000,
  )
}

/**
 * @param config undefined where there is no such room.
 * @param generalUrl the way into the room's own line.
 * @param chance as above.
 */
export function problemView(
  room: string,
  config: RoomConfig | undefined,
  error: AntichambreError,
  generalUrl: string,
  chance: number,
): PlainView {
  const view = { room, message: config?.message ?? null }
  const place = typeof error.facts.place === 'number' ? { place: error.facts.place } : {}
  const problem = UNINVITED.find(code => code === error.code)
  if (problem !== undefined) {
    return { ...view, refreshSeconds: null, standing: { status: 'uninvited', problem, generalUrl } }
  }
  const soon = between(PLAIN_HOLD_SECONDS, chance)
  switch (error.code) {
    case 'sold-out':
      return { ...view, refreshSeconds: POLL_SECONDS.max, standing: { status: 'sold-out' } }
    case 'room-ended':
      return { ...view, refreshSeconds: null, standing: { status: 'ended' } }
    case 'room-paused':
      return { ...view, refreshSeconds: POLL_SECONDS.max, standing: { status: 'paused' } }
    case 'room-closed': {
      const refreshSeconds = between(PLAIN_CLOSED_SECONDS, chance)
      return { ...view, refreshSeconds, standing: { status: 'closed' } }
    }
    case 'house-full':
      return { ...view, refreshSeconds: soon, standing: { status: 'held', ...place } }
    case 'turn-missed': {
      const refreshSeconds = between(PLAIN_LATE_SECONDS, chance)
      return { ...view, refreshSeconds, standing: { status: 'missed', ...place } }
    }
    case 'doors-closed':
      return {
        ...view,
        refreshSeconds: POLL_SECONDS.max / 2,
        standing: { status: 'doors-closed', opensAtMs: timeMs(config?.opensAt ?? null) },
      }
    case 'try-again':
    case 'not-yet':
      return { ...view, refreshSeconds: POLL_SECONDS.min * 2, standing: { status: 'try-again' } }
    default: {
      const { code, message: text } = error
      return { ...view, refreshSeconds: null, standing: { status: 'problem', code, message: text } }
    }
  }
}

function between({ min, max }: { min: number; max: number }, chance: number): number {
  return Math.round(min + chance * (max - min))
}
