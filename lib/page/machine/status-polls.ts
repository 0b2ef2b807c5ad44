/** When this page reads the status again, by what it knows. */
import type { Status } from '../../queue/visitor/room-status.ts'
import type { Facts, Tries } from './facts.ts'
import { pacePerMinute } from './line.ts'
import { type StatusPollFacts, shortestPauseMs, statusPauseMs } from './status-pause.ts'

/** Null for never. */
export function nextStatusAtMs(facts: Facts): number | null {
  const { status, tries, wokenAtMs, statusAtMs } = facts
  if (isTrying(tries.status)) return tries.status.notBeforeMs
  if (status === null) return facts.nowMs
  // A visitor with a pass is leaving, or goes on by the button.
  const pauseMs = facts.pass === null ? statusPauseMs(statusPollFacts(facts, status)) : null
  if (pauseMs === null && wokenAtMs === null) return null
  const plannedMs = pauseMs === null ? Number.POSITIVE_INFINITY : statusAtMs + pauseMs
  const wantedMs = wokenAtMs === null ? plannedMs : Math.min(plannedMs, wokenAtMs)
  return Math.max(wantedMs, statusAtMs + shortestPauseMs(status))
}

/** The page's facts as the plain numbers that decide. */
export function statusPollFacts(facts: Facts, status: Status): StatusPollFacts {
  const { statusAtMs } = facts
  return {
    status,
    serverMs: statusAtMs + facts.offsetMs,
    phase: facts.phase ?? status.phase,
    phaseForMs: statusAtMs - facts.phaseSinceMs,
    joinedForMs: statusAtMs - facts.joinedAtMs,
    place: facts.drawn?.place ?? 0,
    front: facts.front,
    pacePerMinute: pacePerMinute(facts),
    verdict: facts.verdict,
    missedForMs: statusAtMs - facts.missedSinceMs,
    isHidden: facts.isHidden,
    chance: facts.chance,
  }
}

function isTrying(tries: Tries): boolean {
  return tries.failures + tries.refusals > 0
}
