/**
 * What each page of the crowd knows of the room, as columns, and when it reads the status again. The pauses come from the real
 * page's function (lib/page/machine/status-pause.ts). That the columns hold what a real page knows is tested in
 * test/rehearsal/crowd/status-polls.test.ts.
 */
import { backoffMs } from '../../page/machine/backoff.ts'
import type { Sighting } from '../../page/machine/facts.ts'
import { CLOCK_STEP_MS, PACE_MS_MIN } from '../../page/machine/limits.ts'
import { paceOf, withSighting } from '../../page/machine/line.ts'
import {
  type StatusPollFacts,
  shortestPauseMs,
  statusPauseMs,
} from '../../page/machine/status-pause.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import type { Chance } from '../time/chance.ts'
import { KIND } from './kinds.ts'
import type { People } from './people.ts'

export interface StatusPollsDeps {
  readonly people: Pick<People, 'count' | 'arriveMs' | 'ticketMs' | 'missedMs' | 'place' | 'kind'>
  readonly chance: Chance
  /** The page's clock. */
  readonly nowMs: () => number
}

export type StatusPolls = ReturnType<typeof createStatusPolls>

export function createStatusPolls({ people, chance, nowMs }: StatusPollsDeps) {
  const { count } = people
  const statuses = new Array<Status | undefined>(count).fill(undefined)
  const statusMs = new Int32Array(count)
  const phaseSinceMs = new Int32Array(count)
  const fronts = new Int32Array(count)
  const chances = new Float64Array(count)
  const failures = new Uint8Array(count)
  /** After a failure. */
  const notBeforeMs = new Int32Array(count)
  /** The server's clock minus the page's. */
  const offsetsMs = new Float64Array(count)
  // Pages measure the line's pace over minutes. All who wait see the same line, so one list of sightings is enough.
  let newest: Status | null = null
  let sightings: readonly Sighting[] = []

  const sight = (status: Status) => {
    if (newest !== null && status.nowMs <= newest.nowMs) return
    sightings = withSighting(sightings, newest, status)
    newest = status
  }

  const factsOf = (visitor: number, status: Status): StatusPollFacts => {
    const atMs = statusMs[visitor] ?? 0
    const joinedMs = people.ticketMs[visitor] || (people.arriveMs[visitor] ?? 0)
    const missedMs = people.missedMs[visitor] ?? 0
    // A page begins to measure when it has its ticket.
    const hasPace = atMs - joinedMs >= PACE_MS_MIN
    return {
      status,
      serverMs: atMs + (offsetsMs[visitor] ?? 0),
      phase: status.phase,
      phaseForMs: atMs - (phaseSinceMs[visitor] ?? 0),
      joinedForMs: atMs - joinedMs,
      place: people.place[visitor] ?? 0,
      front: fronts[visitor] ?? 0,
      pacePerMinute: hasPace ? paceOf(sightings, status.ratePerMinute) : status.ratePerMinute,
      verdict: missedMs > 0 ? 'missed' : null,
      missedForMs: atMs - missedMs,
      isHidden: ((people.kind[visitor] ?? 0) & KIND.hidden) !== 0,
      chance: chances[visitor] ?? 0,
    }
  }

  return {
    /** The page reads a status, as in lib/page/machine/machine.ts. */
    read(visitor: number, status: Status): void {
      const atMs = nowMs()
      const known = statuses[visitor]
      statusMs[visitor] = atMs
      failures[visitor] = 0
      chances[visitor] = chance()
      sight(status)
      const ageMs = known === undefined ? 0 : known.nowMs - status.nowMs
      // A cache gave an older copy than the page has already.
      if (ageMs > 0 && ageMs < CLOCK_STEP_MS) return
      const offsetMs = status.nowMs - atMs
      const knownMs = offsetsMs[visitor] ?? 0
      const isSteady = known !== undefined && knownMs - offsetMs < CLOCK_STEP_MS
      offsetsMs[visitor] = isSteady ? Math.max(knownMs, offsetMs) : offsetMs
      if (known?.phase !== status.phase) phaseSinceMs[visitor] = atMs
      fronts[visitor] = Math.max(fronts[visitor] ?? 0, status.front)
      statuses[visitor] = status
    },
    /** The status did not come. */
    failed(visitor: number): void {
      const inRow = Math.min(255, (failures[visitor] ?? 0) + 1)
      failures[visitor] = inRow
      notBeforeMs[visitor] = nowMs() + backoffMs(inRow, null, chance())
    },
    /** The newest status that the page has read. */
    statusOf: (visitor: number): Status | undefined => statuses[visitor],
    frontOf: (visitor: number): number => fronts[visitor] ?? 0,
    factsOf,
    /** Milliseconds from now until the page reads the status again; null for never. */
    untilNextMs(visitor: number): number | null {
      if (failures[visitor] !== 0) return Math.max(1, (notBeforeMs[visitor] ?? 0) - nowMs())
      const status = statuses[visitor]
      if (status === undefined) return 1
      const pauseMs = statusPauseMs(factsOf(visitor, status))
      if (pauseMs === null) return null
      const atMs = (statusMs[visitor] ?? 0) + Math.max(pauseMs, shortestPauseMs(status))
      return Math.max(1, atMs - nowMs())
    },
  }
}
