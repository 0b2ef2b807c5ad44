/** Arrivals: what a tick is told of those who came, and how a line takes them in. */
import type { Line } from '../room/line.ts'
import { MAIN_LINE } from '../room/lines.ts'
import type { RoomNow } from '../room/state.ts'
import { nextDoublings } from './arrival-window.ts'
import { type CohortRecord, cohortSize } from './place.ts'

/** What a tick is told of one line's open cohort. */
export interface Arrivals {
  /** The record of the open cohort, when it has just been closed. */
  readonly closed: CohortRecord | undefined
  /** How many of its joins told of an earlier attempt that failed. */
  readonly retried: number
  /** Has nobody leased in the open cohort? */
  readonly openCohortEmpty: boolean
}

/** What a tick is told of those who came: to the main line, and to each group's. */
export interface AllArrivals extends Arrivals {
  readonly groups?: Readonly<Record<string, Arrivals>>
}

/** Those of one line; undefined for a group that the tick was told nothing of. */
export function arrivalsOf(counts: AllArrivals, name: string): Arrivals | undefined {
  return name === MAIN_LINE ? counts : counts.groups?.[name]
}

/**
 * The line with its closed cohort drawn, and with the arrival window that its joins ask for.
 * @param came who came to this line; `opens`: is the sale opened by this very tick?
 */
export function withArrivals(
  { config, state }: RoomNow,
  line: Line,
  { arrivals, opens }: { readonly arrivals: Arrivals; readonly opens: boolean },
  nowMs: number,
): Line {
  let next = line
  const { openedAtMs } = state
  if (arrivals.closed !== undefined) {
    const windowDoublings = nextDoublings(
      { config, state: { ...next, openedAtMs } },
      cohortSize(arrivals.closed.sizes),
      arrivals.retried,
    )
    const joinedAtMs = opens ? openedAtMs : nowMs
    next = withCohort(next, arrivals.closed, { openedAtMs: openedAtMs ?? 0, joinedAtMs }, nowMs)
    if (next.openCohort !== line.openCohort) next = { ...next, windowDoublings }
  }
  // With nobody in line and nobody coming the overload is over: the next visitor waits a second.
  const isOver = next.tail === next.front && arrivals.openCohortEmpty
  return isOver && openedAtMs !== null && next.windowDoublings > 0
    ? { ...next, windowDoublings: 0 }
    : next
}

/**
 * The line grows by a drawn cohort, and the next one opens. A record of another cohort changes nothing.
 * @param times when the sale opened, and since when these people stand in line (`joinedAtMs`). A batch that was due
 *   while nobody stood in line counts as due from then on: so a quiet hour does not let a rush in afterwards.
 */
function withCohort(
  line: Line,
  record: CohortRecord,
  { openedAtMs, joinedAtMs }: { readonly openedAtMs: number; readonly joinedAtMs: number | null },
  nowMs: number,
): Line {
  if (record.cohort !== line.openCohort) return line
  const { nextBatchAtMs } = line
  const waits = line.tail > line.front || nextBatchAtMs === null || joinedAtMs === null
  return {
    ...line,
    openCohort: record.cohort + 1,
    cohortOpenedAtMs: Math.max(nowMs, line.cohortOpenedAtMs, openedAtMs),
    tail: record.base + cohortSize(record.sizes),
    nextBatchAtMs: waits ? nextBatchAtMs : Math.max(nextBatchAtMs, joinedAtMs),
  }
}
