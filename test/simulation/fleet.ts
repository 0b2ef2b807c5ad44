/** Instances of the functions: each with its own clock and memory; they die, others take their place. */
import { answered, EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import { createRehearsalStore, type Parsed } from '../../lib/rehearsal/cloud/store.ts'
import type { Chance } from '../../lib/rehearsal/time/chance.ts'
import type { Timeline } from '../../lib/rehearsal/time/timeline.ts'
import type { Items } from '../../lib/store/dynamodb/items.ts'
import type { Store } from '../../lib/store/port.ts'
import type { Answer, Call, FunctionName, Instance } from './calls.ts'
import { BrokenLaw } from './laws/law.ts'
import type { Trace } from './trace.ts'

/** Clocks are off by at most this, either way. */
export const SKEW_MS = 2_000
/** A caller whose instance died gives up within this. */
const GIVES_UP_MS = 3_000
/** Instances of each function that serve at the same time. */
const INSTANCES: Record<FunctionName, number> = {
  visitor: 3,
  operator: 2,
  clock: 1,
  admit: 2,
  departures: 2,
}

/** SQS could not be reached; what was sent may have arrived all the same. */
export class QueueAwayError extends Error {}

/** A call and what it may use. */
export interface Work extends Call {
  readonly store: Store
  readonly now: () => number
}

export interface Fleet {
  /** Any living instance of a function. */
  pick(name: FunctionName): Instance
  /** Runs something on an instance. `done` hears what came of it, a moment later where it died. */
  serve<Value>(
    instance: Instance,
    kind: string,
    work: (work: Work) => Promise<Value>,
    done: (answer: Answer<Value>, work: Work) => void,
  ): void
  /** The store and clock that an instance uses outside of its calls: to refill its memory, or later on. */
  memoryOf(instance: Instance): Work
  kill(call: Call): void
  readonly deaths: () => number
}

export interface FleetDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly trace: Trace
  readonly itemsFor: (call: Call) => Items
  readonly parsed: Parsed
}

export function createFleet(deps: FleetDeps): Fleet {
  const { timeline, chance, trace, parsed } = deps
  const running = new Map<Instance, Set<() => void>>()
  const memories = new WeakMap<Instance, Work>()
  let [instances, calls, deaths] = [0, 0, 0]

  const start = (name: FunctionName): Instance => {
    const skewMs = Math.round((2 * chance() - 1) * SKEW_MS)
    return { id: instances++, name, skewMs, isAlive: true }
  }
  const fleet = new Map<FunctionName, Instance[]>()
  for (const [name, count] of Object.entries(INSTANCES) as [FunctionName, number][]) {
    fleet.set(
      name,
      Array.from({ length: count }, () => start(name)),
    )
  }
  const workOf = (instance: Instance, kind: string): Work => {
    const call: Call = {
      id: calls++,
      kind,
      instance,
      startedAtMs: timeline.nowMs(),
      isDisturbed: false,
      roomRead: undefined,
      counted: undefined,
      marked: undefined,
    }
    let store: Store | undefined
    // One object, so that the table's witness and the caller note on the same.
    return Object.defineProperty(
      Object.assign(call, { now: () => EPOCH_MS + timeline.nowMs() + instance.skewMs }),
      'store',
      // Made when it is used: most calls are served from an instance's memory.
      { get: () => (store ??= createRehearsalStore(deps.itemsFor(call), parsed)) },
    ) as Work
  }

  return {
    deaths: () => deaths,
    pick(name) {
      const living = fleet.get(name) ?? []
      const chosen = living[Math.floor(chance() * living.length)]
      if (chosen === undefined) throw new Error(`${name} has no instance`)
      return chosen
    },
    memoryOf(instance) {
      const known = memories.get(instance) ?? workOf(instance, 'memory')
      memories.set(instance, known)
      return known
    },
    serve(instance, kind, work, done) {
      const own = workOf(instance, kind)
      const onInstance = running.get(instance) ?? new Set()
      running.set(instance, onInstance)
      const died = () => done({ status: 'died' }, own)
      onInstance.add(died)
      const settle = (answer: Parameters<typeof done>[0]) => {
        if (!onInstance.delete(died)) return
        trace.note(`${kind} ${own.id} on ${instance.name} ${instance.id}: ${outcomeOf(answer)}`)
        done(answer, own)
      }
      answerOf(() => work(own))
        .then(settle)
        .catch(timeline.fail)
    },
    kill({ instance }) {
      if (!instance.isAlive) return
      instance.isAlive = false
      deaths++
      trace.note(`${instance.name} ${instance.id} dies`)
      const living = fleet.get(instance.name) ?? []
      living[living.indexOf(instance)] = start(instance.name)
      const waiting = running.get(instance) ?? new Set()
      running.delete(instance)
      for (const died of waiting) {
        timeline.after(chance() * GIVES_UP_MS, () => {
          if (waiting.delete(died)) died()
        })
      }
    },
  }
}

function outcomeOf(answer: Answer<unknown>): string {
  return answer.status === 'refused' ? answer.code : answer.status
}

/** What the app would answer; anything but a refusal that it foresees breaks a law. */
async function answerOf<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return await answered(work)
  } catch (error) {
    if (error instanceof QueueAwayError) return { status: 'refused', code: 'queue-away', facts: {} }
    if (error instanceof BrokenLaw) throw error
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new BrokenLaw('no-crash', `every error is foreseen, this one came: ${text}`)
  }
}
