/**
 * Lambda: environments that serve one request at a time each, and keep their memory in between. AWS
 * does not document which idle one gets the next request: here it is the least favourable one, see
 * `Choice`.
 */

import type { FunctionName, Measures } from '../measures/measures.ts'
import type { Quotas } from '../plan/quotas.ts'
import { createBucket } from '../time/bucket.ts'
import { between, type Chance, lognormal } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'

/** One environment of a function. */
export interface Environment {
  readonly id: number
  readonly name: FunctionName
  /** Its clock's error. */
  readonly skewMs: number
  isDead: boolean
  /** Admit may be told to die after some of its writes; counted down. */
  writesLeft: number
  lastUsedMs: number
  /** Tells the caller that the environment died while it served them. */
  onDeath: (() => void) | undefined
}

/**
 * Which idle environment gets a request. `any`: one by chance. Joins are then spread over as many as
 * there are, which is the least favourable for leases. `warmest`: the one that was used last. It may
 * answer from memory, which is the least favourable for answers that must be fresh.
 */
export type Choice = 'any' | 'warmest'

export interface Functions {
  /**
   * Runs a request: `work` is called when an environment begins with it.
   * @param done `died` for a request whose environment was killed.
   * @returns false when it was throttled: then nothing is called.
   */
  invoke(
    name: FunctionName,
    work: (environment: Environment) => Promise<void>,
    done: (outcome: 'finished' | 'died') => void,
    choice?: Choice,
  ): boolean
  /** Kills an environment of this function, a busy one where there is one. */
  kill(name: FunctionName): void
}

export interface FunctionsDeps {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly quotas: Quotas
  readonly measures: Measures
  /** Clocks are off by at most half of this, either way. */
  readonly clockSpreadMs: number
  /** Writes until a fresh environment of `admit` dies; Infinity for never. */
  readonly admitWrites: () => number
}

/** Computing time of a request: with its database calls, a warm one takes 10 to 20 ms. */
const COMPUTE_MS = { min: 8, max: 14 }
const COLD_SIGMA = 0.35
/** Ten requests a second for each execution allowed (Lambda quota). */
const REQUESTS_PER_EXECUTION = 10
/** What a function may serve at once when a rush begins; it grows by as much in ten seconds. */
const SCALING_SECONDS = 10
/** A request in a dying environment is given up by its caller after this. */
const DEATH_NOTICE_MS = 1_000

export function createFunctions(deps: FunctionsDeps): Functions {
  const { timeline, chance, quotas, measures } = deps
  const shared = createPool(quotas.lambdaConcurrency - quotas.lambdaAdmitReserved)
  const reserved = createPool(quotas.lambdaAdmitReserved)
  const scaling = new Map<FunctionName, ReturnType<typeof createScaling>>()
  const idle = new Map<FunctionName, Environment[]>()
  const busy = new Map<FunctionName, Set<Environment>>()
  let environments = 0

  const scalingOf = (name: FunctionName) => {
    const known = scaling.get(name) ?? createScaling(quotas)
    scaling.set(name, known)
    return known
  }
  const idleOf = (name: FunctionName) => {
    const known = idle.get(name) ?? []
    idle.set(name, known)
    return known
  }
  const busyOf = (name: FunctionName) => {
    const known = busy.get(name) ?? new Set()
    busy.set(name, known)
    return known
  }
  const poolOf = (name: FunctionName) =>
    name === 'admit' && quotas.lambdaAdmitReserved > 0 ? reserved : shared

  /** An idle environment; those that stood too long are gone. */
  const takeIdle = (name: FunctionName, choice: Choice): Environment | undefined => {
    const list = idleOf(name)
    while (list.length > 0) {
      const at = choice === 'any' ? Math.floor(chance() * list.length) : list.length - 1
      const [chosen, last] = [list[at], list.pop()]
      if (chosen !== last && last !== undefined) list[at] = last
      if (chosen === undefined || chosen.isDead) continue
      if (timeline.nowMs() - chosen.lastUsedMs < quotas.lambdaIdleSeconds * 1000) return chosen
    }
    return undefined
  }
  const start = (name: FunctionName): Environment => ({
    id: environments++,
    name,
    skewMs: Math.round(between(chance, -0.5, 0.5) * deps.clockSpreadMs),
    isDead: false,
    writesLeft: name === 'admit' ? deps.admitWrites() : Number.POSITIVE_INFINITY,
    lastUsedMs: timeline.nowMs(),
    onDeath: undefined,
  })

  return {
    invoke(name, work, done, choice = 'any') {
      const nowMs = timeline.nowMs()
      const pool = poolOf(name)
      if (!pool.mayBegin()) {
        measures.throttled('lambdaConcurrency', nowMs)
        return false
      }
      const limit = scalingOf(name)
      if (!limit.mayServe(nowMs) || !pool.mayServe(nowMs)) {
        measures.throttled('lambdaRequests', nowMs)
        return false
      }
      let environment = takeIdle(name, choice)
      const isCold = environment === undefined
      if (environment === undefined) {
        if (!limit.mayStart(nowMs)) {
          measures.throttled('lambdaScaling', nowMs)
          return false
        }
        environment = start(name)
        measures.totals.coldStarts++
      }
      const own = environment
      pool.busy++
      busyOf(name).add(own)
      const settle = (outcome: 'finished' | 'died') => {
        if (!busyOf(name).delete(own)) return
        pool.busy--
        own.onDeath = undefined
        const counts = measures.functions[name]
        counts.invocations++
        counts.billedMs += timeline.nowMs() - nowMs
        own.lastUsedMs = timeline.nowMs()
        if (outcome === 'finished' && !own.isDead) idleOf(name).push(own)
        done(outcome)
      }
      own.onDeath = () => settle('died')
      const coldMs = isCold ? lognormal(chance, quotas.lambdaColdStartMs, COLD_SIGMA) : 0
      const startsMs = nowMs + coldMs + between(chance, COMPUTE_MS.min, COMPUTE_MS.max)
      timeline.at(startsMs, () => {
        if (!own.isDead)
          work(own)
            .then(() => settle('finished'))
            .catch(timeline.fail)
      })
      return true
    },

    kill(name) {
      const [victim] = [...busyOf(name), ...idleOf(name)]
      if (victim !== undefined) die(timeline, victim)
    },
  }
}

/** From now on nothing of it is answered. */
export function die(timeline: Timeline, environment: Environment): void {
  if (environment.isDead) return
  environment.isDead = true
  const { onDeath } = environment
  timeline.after(DEATH_NOTICE_MS, () => onDeath?.())
}

/** Executions that run at once, and the requests a second that go with them. */
function createPool(concurrency: number) {
  const requests = createBucket(concurrency * REQUESTS_PER_EXECUTION, 0.1)
  return {
    busy: 0,
    mayBegin(): boolean {
      return this.busy < concurrency
    },
    mayServe: (nowMs: number) => requests.take(nowMs),
  }
}

/**
 * How fast a function may grow: so many environments more, and ten times as many requests a second
 * more, in ten seconds. What it may serve grows while it is asked for.
 */
function createScaling(quotas: Quotas) {
  const per10s = quotas.lambdaEnvironmentsPer10s
  const starts = createBucket(per10s / SCALING_SECONDS, SCALING_SECONDS)
  const first = per10s * REQUESTS_PER_EXECUTION
  const requests = createBucket(first, 0.1)
  let [rate, grownMs] = [first, 0]
  return {
    mayStart: (nowMs: number) => starts.take(nowMs),
    mayServe(nowMs: number): boolean {
      if (requests.take(nowMs)) return true
      // Asked for more than it may serve: it grows from here on, a second's worth at a time.
      if (nowMs - grownMs >= 1000) {
        rate += first / SCALING_SECONDS
        grownMs = nowMs
        requests.setRate(rate)
      }
      return false
    },
  }
}
