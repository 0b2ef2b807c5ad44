/** SQS and EventBridge: ticks and departures that come late, twice or not at all; the clock's minutes. */
import type { TickQueue } from '../../runtime/queues.ts'
import { BrokenLaw } from '../measures/laws.ts'
import type { FunctionName, Measures } from '../measures/measures.ts'
import type { Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'
import type { Faults } from './faults.ts'
import type { Environment, Functions } from './functions.ts'
import type { Answer } from './instances.ts'

export interface Queues {
  readonly ticks: TickQueue
  /** Hands a message to a function, and again after a failure. */
  deliver(name: FunctionName, work: (environment: Environment) => Promise<Answer<unknown>>): void
  startClock(untilMs: number): void
}

export interface QueueDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly faults: Faults
  readonly functions: Functions
  readonly measures: Measures
  readonly admit: (environment: Environment) => Promise<Answer<unknown>>
  readonly clock: (environment: Environment) => Promise<Answer<unknown>>
}

/** Messages in one request (SQS quota). */
const BATCH = 10
/** Six times the function's timeout (lib/constructs): then a message that was not done comes again. */
const VISIBILITY_MS = 60_000
/** How often a message is tried before it ends among the dead letters. */
const TRIES_MAX = 5
/** A throttled poller tries again after this, then ever later. */
const THROTTLED_MS = 1_000
const THROTTLED_TRIES_MAX = 6
/** A room needs a tick a second; waking and changes add some. If more are sent in a minute, ticks make ticks. */
const TICKS_PER_MINUTE_MAX = 3_000

export function createQueues(deps: QueueDeps): Queues {
  const { timeline, chance, faults, functions, measures } = deps

  let [minute, inMinute] = [0, 0]
  const watchTicks = (count: number) => {
    const now = Math.floor(timeline.nowMs() / 60_000)
    if (now !== minute) [minute, inMinute] = [now, 0]
    inMinute += count
    if (inMinute <= TICKS_PER_MINUTE_MAX) return
    timeline.fail(new BrokenLaw(`ticks multiply: ${inMinute} were sent within a minute`))
  }
  const attempt = (
    name: FunctionName,
    work: (environment: Environment) => Promise<Answer<unknown>>,
    tries: number,
    throttles: number,
  ): void => {
    let isDone = false
    const again = () => {
      if (isDone || tries >= TRIES_MAX) return
      timeline.after(VISIBILITY_MS, () => attempt(name, work, tries + 1, 0))
    }
    const run = async (environment: Environment) => {
      const answer = await work(environment)
      isDone = answer.status === 'given'
    }
    if (functions.invoke(name, run, again)) return
    if (throttles >= THROTTLED_TRIES_MAX) {
      again()
      return
    }
    const pauseMs = THROTTLED_MS * 2 ** throttles * (0.5 + 0.5 * chance())
    timeline.after(pauseMs, () => attempt(name, work, tries, throttles + 1))
  }

  return {
    ticks: {
      async send(sent, nowMs) {
        measures.totals.queueRequests += Math.ceil(sent.length / BATCH)
        watchTicks(sent.length)
        for (const { dueAtMs } of sent) {
          const delayMs = tickDelayMs(dueAtMs, nowMs)
          for (const atMs of faults.deliveries(timeline.nowMs(), delayMs)) {
            timeline.at(atMs, () => {
              measures.totals.queueRequests += 2
              attempt('admit', deps.admit, 1, 0)
            })
          }
        }
      },
    },
    deliver(name, work) {
      measures.totals.queueRequests += 3
      const times = faults.deliveries(timeline.nowMs(), 0)
      // Where the delivery is lost, the queue delivers again after its visibility timeout.
      const untilMs = timeline.nowMs() + VISIBILITY_MS
      for (const atMs of times.length === 0 ? [untilMs] : times) {
        timeline.at(atMs, () => attempt(name, work, 1, 0))
      }
    },
    startClock: untilMs =>
      eachMinute(timeline, chance, untilMs, () => attempt('clock', deps.clock, 1, 0)),
  }
}

/** Whole seconds, rounded up as lib/runtime/sqs.ts does: a tick that comes before its time finds nothing to do. */
export function tickDelayMs(dueAtMs: number, nowMs: number): number {
  return 1000 * Math.max(0, Math.ceil((dueAtMs - nowMs) / 1000))
}

/** Once in each minute, at a moment of that minute that nobody chooses: so EventBridge runs the clock. */
export function eachMinute(
  timeline: Timeline,
  chance: Chance,
  untilMs: number,
  run: () => void,
): void {
  for (let minuteMs = 0; minuteMs <= untilMs; minuteMs += 60_000) {
    timeline.at(minuteMs + chance() * 60_000, run)
  }
}
