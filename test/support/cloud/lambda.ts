/** Lambda for tests: as many environments of each function as there are invocations at once. */
import { type FunctionPlan, type Instance, type Outcome, startInstance } from './instance.ts'

export interface Printed {
  readonly functionName: string
  readonly line: string
}

export interface Lambda {
  invoke(name: string, event: unknown): Promise<Outcome>
  /** Everything that the processes wrote. */
  readonly printed: readonly Printed[]
  /** How many environments of a function were started. */
  coldStarts(name: string): number
  /** How often it was invoked. */
  invocations(name: string): number
  /** Ends the processes of a function that are at work, as a fault of their machine would. */
  killBusy(name: string): void
  /** Ends the environments that wait, as Lambda does when it pleases. */
  recycle(name: string): Promise<void>
  stop(): Promise<void>
}

/** Environments of one function at once: this machine is small. More invocations wait. */
const INSTANCES_MAX = 3

export function createLambda(
  plans: readonly FunctionPlan[],
  environmentOf: (name: string) => Readonly<Record<string, string>>,
): Lambda {
  const printed: Printed[] = []
  const pools = new Map(plans.map(plan => [plan.name, createPool(plan)]))

  function createPool(plan: FunctionPlan) {
    const all = new Set<Instance>()
    const idle: Instance[] = []
    const waiting: (() => void)[] = []
    let [starts, running, invoked] = [0, 0, 0]
    const take = async () => {
      if (running >= INSTANCES_MAX) await new Promise<void>(resolve => waiting.push(resolve))
      else running++
      // The one that was at work last, so that others grow old.
      for (let known = idle.pop(); known !== undefined; known = idle.pop()) {
        if (!known.isGone) return known
      }
      starts++
      const print = (line: string) => void printed.push({ functionName: plan.name, line })
      const instance = await startInstance(plan, environmentOf(plan.name), print)
      all.add(instance)
      return instance
    }
    const giveBack = (instance: Instance) => {
      if (!instance.isGone) idle.push(instance)
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
    const end = async (instances: Iterable<Instance>) => {
      await Promise.all([...instances].map(instance => instance.stop()))
    }
    return {
      starts: () => starts,
      invoked: () => invoked,
      async invoke(event: unknown): Promise<Outcome> {
        invoked++
        const instance = await take()
        const outcome = await instance.invoke(event)
        giveBack(instance)
        return outcome
      },
      killBusy() {
        for (const instance of all) if (instance.isBusy) instance.kill()
      },
      recycle: () => end(idle.splice(0)),
      stop: () => end(all),
    }
  }
  const poolOf = (name: string) => {
    const pool = pools.get(name)
    if (pool === undefined) throw new Error(`no function ${name}`)
    return pool
  }
  return {
    printed,
    invoke: (name, event) => poolOf(name).invoke(event),
    coldStarts: name => poolOf(name).starts(),
    invocations: name => poolOf(name).invoked(),
    killBusy: name => poolOf(name).killBusy(),
    recycle: name => poolOf(name).recycle(),
    async stop() {
      await Promise.all([...pools.values()].map(pool => pool.stop()))
    },
  }
}
