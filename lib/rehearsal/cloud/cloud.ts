/** AWS around the room's own code: database, functions and queues, each within its limits. */

import { createKeyRing, type KeyRing } from '../../keys/key-ring.ts'
import { SHARDS } from '../../queue/limits.ts'
import type { Measures } from '../measures/measures.ts'
import { FIRST_MS } from '../plan/arrivals.ts'
import type { Plan } from '../plan/options.ts'
import type { Chance } from '../time/chance.ts'
import type { Timeline } from '../time/timeline.ts'
import { createDatabase } from './database.ts'
import { allFaults, type Faults, noFaults } from './faults.ts'
import { createFunctions, type Functions } from './functions.ts'
import { createInstances, type Instances } from './instances.ts'
import { createQueues, type Queues } from './queues.ts'
import { createParsed, type Parsed } from './store.ts'
import { createTable, type MemoryTable } from './table.ts'

export interface CloudDeps {
  readonly plan: Plan
  readonly timeline: Timeline
  readonly measures: Measures
  /** A chance for each part: what one of them draws changes nothing for the others. */
  readonly chanceOf: (name: string) => Chance
}

export interface Cloud {
  readonly faults: Faults
  readonly table: MemoryTable
  readonly parsed: Parsed
  readonly keys: KeyRing
  readonly functions: Functions
  readonly queues: Queues
  readonly instances: Instances
}

export function createCloud({ plan, timeline, measures, chanceOf }: CloudDeps): Cloud {
  const { quotas, seed } = plan
  const faults =
    plan.faults === 'all'
      ? allFaults(chanceOf('faults'), SHARDS, FIRST_MS)
      : noFaults(chanceOf('queues'), quotas.queueDuplicatesPercent)
  const table = createTable()
  const parsed = createParsed()
  const keys = createKeyRing(
    JSON.stringify({ current: 'k1', k1: `a rehearsal needs no secret but a seed: ${seed}` }),
  )
  const database = createDatabase({
    table,
    timeline,
    chance: chanceOf('database'),
    quotas,
    measures,
    faults,
  })
  const functions = createFunctions({
    timeline,
    chance: chanceOf('functions'),
    quotas,
    measures,
    clockSpreadMs: faults.clockSpreadMs,
    admitWrites: faults.admitWrites,
  })
  const queues = createQueues({
    timeline,
    chance: chanceOf('queues'),
    faults,
    functions,
    measures,
    admit: environment => instances.admit(environment),
    clock: environment => instances.clock(environment),
  })
  const instances = createInstances({
    timeline,
    database,
    table,
    parsed,
    keys,
    ticks: queues.ticks,
    chance: chanceOf('shards'),
  })
  return { faults, table, parsed, keys, functions, queues, instances }
}
