/** The queues and the clock: ticks may be lost, doubled or late; messages of showrooms are never lost. */

import type { KeyRing } from '../../lib/keys/key-ring.ts'
import { eachMinute, tickDelayMs } from '../../lib/rehearsal/cloud/queues.ts'
import { between, type Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import {
  type ShowroomMessage,
  showroomMessageSchema,
  type TickQueue,
} from '../../lib/runtime/queues.ts'
import { admit } from '../../lib/service/admission/admit.ts'
import { sendDueTicks } from '../../lib/service/admission/clock.ts'
import { hearShowroom } from '../../lib/service/departures.ts'
import type { Answer, Instance } from './calls.ts'
import type { Faults } from './faults.ts'
import { type Fleet, QueueAwayError, type Work } from './fleet.ts'
import { ROOM } from './scenario.ts'
import type { Trace } from './trace.ts'

export interface Queues {
  /** The queue of ticks as an instance sees it. */
  ticksFor(instance: Instance): TickQueue
  /** Sends a showroom's message, again and again until a function has taken it up. */
  tell(message: ShowroomMessage): void
  startClock(untilMs: number): void
}

export interface QueueDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly faults: Faults
  readonly fleet: Fleet
  readonly keys: KeyRing
  readonly trace: Trace
  readonly heard: {
    /** A tick that was sent will not come, or comes again only after a while. */
    tickLost(): void
    /** A run of the clock will not take place, or was not done. */
    clockMissed(): void
    stepDone(work: Work, answer: Answer<void>): void
  }
}

/** Ticks that come within this are taken together, as Lambda takes a batch: the room takes one step. */
const BATCH_MS = 700
/** A message that failed comes again after this; a tick ends among the dead letters after so many tries. */
const AGAIN_MS = { min: 5_000, max: 30_000 }
const TICK_TRIES_MAX = 5

export function createQueues(deps: QueueDeps): Queues {
  const { timeline, chance, faults, fleet, keys, trace, heard } = deps
  const again = () => between(chance, AGAIN_MS.min, AGAIN_MS.max)

  const ticksFor = (instance: Instance): TickQueue => ({
    async send(ticks, nowMs) {
      await timeline.sleep(1 + chance() * 5)
      if (!instance.isAlive) return new Promise(() => {})
      const isAway = faults.isQueueAway()
      // What is sent may have arrived all the same.
      if (isAway && chance() < 0.5) throw new QueueAwayError()
      for (const { dueAtMs } of ticks) {
        const deliveries = faults.deliveries('tick', tickDelayMs(dueAtMs, nowMs))
        if (deliveries.length === 0) heard.tickLost()
        for (const atMs of deliveries) timeline.after(atMs, () => take(1))
      }
      if (isAway) throw new QueueAwayError()
    },
  })

  let batch: { tries: number } | undefined
  const take = (tries: number) => {
    if (batch !== undefined) {
      batch.tries = Math.min(batch.tries, tries)
      return
    }
    const own = { tries }
    batch = own
    timeline.after(chance() * BATCH_MS, () => {
      batch = undefined
      step(own.tries)
    })
  }
  const step = (tries: number) => {
    const instance = fleet.pick('admit')
    const run = ({ store, now }: Work) =>
      admit({ store, keys, ticks: ticksFor(instance), now }, ROOM)
    fleet.serve(instance, 'tick', run, (answer, work) => {
      heard.stepDone(work, answer)
      if (answer.status === 'given') return
      heard.tickLost()
      if (tries < TICK_TRIES_MAX) timeline.after(again(), () => take(tries + 1))
    })
  }

  const hear = (message: ShowroomMessage) => {
    const instance = fleet.pick('departures')
    const run = ({ store, now }: Work) =>
      hearShowroom({ store, ticks: ticksFor(instance), now }, showroomMessageSchema.parse(message))
    fleet.serve(instance, 'word', run, answer => {
      if (answer.status !== 'given') timeline.after(again(), () => hear(message))
    })
  }

  const beat = (tries: number) => {
    if (faults.outageUntilMs(timeline.nowMs()) !== undefined) return heard.clockMissed()
    const instance = fleet.pick('clock')
    const run = ({ store, now }: Work) => sendDueTicks({ store, ticks: ticksFor(instance) }, now())
    fleet.serve(instance, 'clock', run, answer => {
      if (answer.status === 'given') return
      heard.tickLost()
      // Tried once more, as the deployed one is (lib/constructs/functions/room-functions.ts).
      if (tries === 1) beat(2)
      else heard.clockMissed()
    })
  }

  return {
    ticksFor,
    tell(message) {
      trace.note(`the showroom says ${JSON.stringify(message)}`)
      for (const atMs of faults.deliveries('word', 0)) timeline.after(atMs, () => hear(message))
    },
    startClock: untilMs => eachMinute(timeline, chance, untilMs, () => beat(1)),
  }
}
