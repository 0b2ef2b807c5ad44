/** Laws of progress: what may move on does so, within a bound. */

import { effectiveRate } from '../../../lib/queue/admission/policies.ts'
import { showUpOf } from '../../../lib/queue/admission/show-up.ts'
import { CLOCK_SKEW_SECONDS } from '../../../lib/queue/limits.ts'
import { linesOf } from '../../../lib/queue/room/lines.ts'
import { phaseOf } from '../../../lib/queue/room/phase.ts'
import { hopefulMax } from '../../../lib/queue/stock/stock.ts'
import { EPOCH_MS } from '../../../lib/rehearsal/cloud/instances.ts'
import { LATE_MS } from '../faults.ts'
import { SKEW_MS } from '../fleet.ts'
import { lineOfTicket, openTurns, type Truth, type Version } from '../truth.ts'
import { type Law, must } from './law.ts'

const MINUTE_MS = 60_000
/** Steps without trouble after which something must have moved. */
const STEPS = 3
/** Between two steps farther apart than this, what was missed may be given up. */
const SILENCE_MS = 5_000
/** What clocks, slots of turns and messages on their way may add. */
const SLACK_MS = 8_000
/** After so many batches a debt is paid: people above the forecast cost two batches at most. */
const DEBT_BATCHES = 4

/** A line that could move, and has not. */
interface Stuck {
  readonly sinceMs: number
  readonly front: number
  readonly entered: number
  readonly config: Version['config']
  slowestRate: number
  steps: number
}

export interface ProgressLaw extends Law {
  /** A tick will not come, or was not done. */
  tickLost(): void
  /** A run of the clock did not take place. */
  clockMissed(): void
}

export function progressLaws(truth: Truth): ProgressLaw {
  const stuck = new Map<string, Stuck>()
  let [steppedAtMs, lostAtMs, missedUntilMs, overdueSteps] = [0, 0, 0, 0]
  let sleepers: { readonly sinceMs: number } | undefined

  return {
    tickLost() {
      lostAtMs = truth.nowMs()
    },
    clockMissed() {
      // What the run before has sent ends with this minute, and the next one may come at the end of its.
      missedUntilMs = (Math.floor(truth.nowMs() / MINUTE_MS) + 2) * MINUTE_MS
    },
    state(_, __, call) {
      if (call.kind !== 'tick') stuck.clear()
    },
    stepDone(call, answer) {
      const isSilence = truth.nowMs() - steppedAtMs > SILENCE_MS
      if (isSilence) stuck.clear()
      if (answer.status !== 'given') return
      steppedAtMs = truth.nowMs()
      const version = truth.room()
      if (version === undefined || call.isDisturbed) return
      noStall(version)
      seatsComeFree(version)
    },
    eachSecond() {
      const version = truth.room()
      if (version !== undefined) wakesUp(version)
    },
  }

  function noStall(version: Version): void {
    const { config, state } = version
    const nowMs = truth.nowMs()
    const isOpen = phaseOf(version, EPOCH_MS + nowMs) === 'open'
    const rate = effectiveRate({ config, state }, EPOCH_MS + nowMs)
    const hasRoom = isOpen && rate > 0 && seatsOf(version) >= 1
    const waitingGroups = config.groups.filter(({ name }) => isWaiting(version, name))
    const shares = waitingGroups.reduce((sum, group) => sum + group.sharePercent / 100, 0)
    for (const { name, line } of linesOf(state)) {
      const known = stuck.get(name)
      const isSame = known?.front === line.front && known.config === config
      if (!hasRoom || !isWaiting(version, name)) {
        stuck.delete(name)
        continue
      }
      const group = waitingGroups.find(one => one.name === name)
      const share = group === undefined ? 1 - shares : group.sharePercent / 100
      const own = rate * share
      if (!isSame || known === undefined) {
        stuck.set(name, {
          sinceMs: nowMs,
          front: line.front,
          entered: truth.house.entered,
          config,
          slowestRate: own,
          steps: 0,
        })
        continue
      }
      known.steps++
      known.slowestRate = Math.min(known.slowestRate, own)
      const paid = 1 + truth.house.entered - known.entered
      const withinMs =
        (paid * 60_000) / known.slowestRate + DEBT_BATCHES * config.batchSeconds * 1_000 + SLACK_MS
      must(
        'no-stall',
        known.steps < STEPS || nowMs - known.sinceMs <= withinMs,
        () =>
          `line "${name}" has stood at front ${line.front} of ${line.tail} for ${nowMs - known.sinceMs} ms with ${seatsOf(version)} seats and ${own.toFixed(2)} places a minute; it moves within ${Math.round(withinMs)} ms`,
      )
    }
  }

  function isWaiting({ state }: Version, name: string): boolean {
    return linesOf(state).some(one => one.name === name && one.line.tail > one.line.front)
  }

  /** Seats, and hopes, that nobody has or may still take. */
  function seatsOf({ config, state }: Version): number {
    if (config.capacity === null && config.stock === null) return Number.POSITIVE_INFINITY
    const { entered, gone, held } = truth.house
    const open = openTurns(truth, state).length
    const isMeasured = showUpOf(state) !== null
    const expected = isMeasured ? open + held + Math.ceil(Math.sqrt(open + held)) : open
    const capacity = config.capacity ?? Number.POSITIVE_INFINITY
    const hopes = hopefulMax({ config, state })
    return Math.min(capacity - expected, hopes - open - held) - (entered - gone)
  }

  function seatsComeFree(version: Version): void {
    const { oldestSlot } = truth.house
    // Nobody needs a seat in a sale that is over.
    const isEnded = phaseOf(version, EPOCH_MS + truth.nowMs() + SKEW_MS) === 'ended'
    const overMs = (oldestSlot + CLOCK_SKEW_SECONDS) * 1_000 + SKEW_MS + SLACK_MS
    const isOverdue = EPOCH_MS + truth.nowMs() > overMs
    overdueSteps = isOverdue && !isEnded ? overdueSteps + 1 : 0
    must(
      'seats-come-free',
      overdueSteps <= STEPS,
      () =>
        `people of a slot that ended ${(EPOCH_MS + truth.nowMs()) / 1000 - oldestSlot} s ago are counted inside (version ${version.state.version}); ticks count them gone after ${CLOCK_SKEW_SECONDS} s`,
    )
  }

  /** A room in which somebody waits does not sleep for long, and a room that is awake gets its ticks. */
  function wakesUp(version: Version): void {
    const { config, state } = version
    const nowMs = truth.nowMs()
    const isOpen = phaseOf(version, EPOCH_MS + nowMs) === 'open'
    const isAsleep = state.sleepsAtMs !== null && EPOCH_MS + nowMs > state.sleepsAtMs + 2 * SKEW_MS
    const isTicked = nowMs - steppedAtMs <= SILENCE_MS
    if (!isOpen || config.mode === 'off' || (!isAsleep && isTicked) || !isAnybodyWaiting(version)) {
      sleepers = undefined
      return
    }
    sleepers ??= { sinceMs: nowMs }
    const fromMs = Math.max(sleepers.sinceMs, ...(isAsleep ? [] : [lostAtMs, missedUntilMs]))
    const isExcused = isAsleep && lostAtMs >= (state.sleepsAtMs ?? 0) - EPOCH_MS - SLACK_MS
    must(
      'wakes-up',
      isExcused || nowMs - fromMs <= LATE_MS + (isAsleep ? 1 : 4) * SLACK_MS,
      () =>
        `people have waited for ${nowMs - fromMs} ms in a room that ${isAsleep ? 'sleeps' : 'is awake, but gets no ticks'}`,
    )
  }

  function isAnybodyWaiting({ state }: Version): boolean {
    if (linesOf(state).some(({ line }) => line.tail > line.front)) return true
    return [...truth.people.values()].some(({ ticket }) => {
      const line = ticket && lineOfTicket(state, ticket)?.line
      return line !== undefined && ticket !== undefined && ticket.cohort >= line.openCohort
    })
  }
}
