/** A rehearsal: the crowd, the real code, and AWS's limits between them, in virtual time. */

import { batchPlaces } from '../queue/admission/policies.ts'
import type { CohortRecord } from '../queue/cohort/place.ts'
import { SHOW_UP_MIN } from '../queue/limits.ts'
import type { RoomConfig } from '../queue/room/config.ts'
import type { RoomState } from '../queue/room/state.ts'
import { counter } from '../store/dynamodb/house.ts'
import { itemKey } from '../store/table.ts'
import { type CdnDeps, createCdn } from './cloud/cdn.ts'
import { createCloud } from './cloud/cloud.ts'
import { ROOM } from './cloud/instances.ts'
import { createOperator } from './cloud/operator.ts'
import type { Parsed } from './cloud/store.ts'
import type { MemoryTable } from './cloud/table.ts'
import type { Seated } from './crowd/claims.ts'
import { type Crowd, type CrowdDeps, createCrowd } from './crowd/crowd.ts'
import { createPeople, type People } from './crowd/people.ts'
import { createShowroom, type ShowroomCounts } from './crowd/showroom.ts'
import { type Counted, createLaws, type Laws } from './measures/laws.ts'
import { createMeasures, type Measures } from './measures/measures.ts'
import { createSeatsUsed, FILLING_MS } from './measures/seats-used.ts'
import { sum } from './measures/statistics.ts'
import { arrivalTimes, FIRST_MS } from './plan/arrivals.ts'
import type { Plan } from './plan/options.ts'
import { type Chance, createChance } from './time/chance.ts'
import { createTimeline } from './time/timeline.ts'

/** A sale that is open when the visitors come was opened this long before. */
const OPEN_BEFORE_MS = 60_000

/** Progress is told each of these many virtual seconds. */
export const PROGRESS_SECONDS = 5

/** Everything that was measured. */
export interface Rehearsed {
  readonly plan: Plan
  readonly people: People
  readonly measures: Measures
  readonly ledger: Laws
  readonly records: readonly CohortRecord[]
  readonly state: RoomState
  readonly showroom: ShowroomCounts
  readonly admission: ReturnType<typeof createSeatsUsed>
  /** When people could first be let in: at the opening, or when the first visitor came. */
  readonly sellingMs: number
  readonly botTickets: number
  readonly lostAnswers: number
  /** Once the house had time to fill. */
  readonly seated: Seated
}

export interface Progress {
  /** Virtual seconds since the first arrival. */
  readonly second: number
  readonly untilSecond: number
  readonly tickets: number
  readonly entries: number
}

/** @throws BrokenLaw when something happened that must never happen. */
export async function rehearse(
  plan: Plan,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Rehearsed> {
  const untilMs = FIRST_MS + plan.waitMs
  const opensMs = plan.opensMs === null ? FIRST_MS - OPEN_BEFORE_MS : FIRST_MS + plan.opensMs
  const sellingMs = Math.max(opensMs, FIRST_MS)
  const chanceOf = (name: string) => createChance(plan.seed, name)
  const people = peopleOf(plan, chanceOf)
  const timeline = createTimeline(untilMs, people.count)
  const measures = createMeasures(Math.ceil(untilMs / 1000))
  const cloud = createCloud({ plan, timeline, measures, chanceOf })
  const { faults, table, parsed, functions, instances, queues } = cloud
  const operator = createOperator(cloud, timeline)
  const room = await operator.makeRoom(plan, opensMs)
  const ledger = ledgerOf(room.config, faults.clockSpreadMs)
  const showroom = createShowroom({
    timeline,
    chance: chanceOf('showroom'),
    plan,
    instances,
    queues,
    ledger,
    sellOut: operator.sellOut,
  })
  const crowd = crowdAtCdn({
    timeline,
    chance: chanceOf('crowd'),
    quotas: plan.quotas,
    people,
    measures,
    ledger,
    functions,
    instances,
    entered: showroom.enter,
    seatedFromMs: sellingMs + FILLING_MS,
  })

  queues.startClock(untilMs)
  people.arriveMs.forEach((arriveMs, visitor) => {
    timeline.plan(visitor, arriveMs)
  })
  if (plan.soldInMs !== null && plan.stock === null) {
    timeline.at(sellingMs + plan.soldInMs, showroom.close)
  }
  for (const killMs of faults.kills) timeline.at(killMs, () => functions.kill('visitor'))

  const admission = createSeatsUsed(plan, { firstMs: FIRST_MS, openMs: sellingMs })
  const stateNow = () => stateOf(table, parsed) ?? room.state
  await timeline.run(second => {
    const [state, nowMs] = [stateNow(), timeline.nowMs()]
    ledger.watched(state, countedOf(table, state.epoch), showroom.counts)
    admission.watch(state, showroom.counts, nowMs)
    measures.count('front', nowMs, state.front)
    measures.count('tail', nowMs, state.tail)
    measures.count('inside', nowMs, showroom.counts.inside)
    if (second % PROGRESS_SECONDS === 0) onProgress(progressOf(measures, nowMs, untilMs))
  }, crowd.step)
  const records = recordsOf(table, parsed)
  ledger.closed(records, stateNow())
  return {
    plan,
    people,
    measures,
    ledger,
    records,
    state: stateNow(),
    showroom: showroom.counts,
    admission,
    sellingMs,
    ...crowd.joins,
    seated: crowd.seated,
  }
}

function peopleOf(plan: Plan, chanceOf: (name: string) => Chance): People {
  const arrivals = arrivalTimes(plan.arrivals, chanceOf('arrivals'))
  const bots = Math.floor(plan.visitors * plan.botShare)
  const { noShow, isMixed } = plan
  return createPeople({ arrivals, bots, noShow, isMixed }, chanceOf('people'))
}

/** The crowd asks the CDN, and the CDN answers the crowd. */
function crowdAtCdn(deps: Omit<CrowdDeps, 'cdn'> & Omit<CdnDeps, 'answers'>): Crowd {
  const crowd = createCrowd({ ...deps, cdn: () => cdn })
  const cdn = createCdn({ ...deps, answers: crowd })
  return crowd
}

function ledgerOf(config: RoomConfig, spreadMs: number): Laws {
  return createLaws({
    capacity: config.capacity,
    ratePerMinute: config.ratePerMinute,
    // A batch may hold twice as many places as people.
    batch: Math.ceil(batchPlaces(config, config.ratePerMinute) / SHOW_UP_MIN),
    spreadMs,
  })
}

function stateOf(table: MemoryTable, parsed: Parsed): RoomState | undefined {
  const items = [itemKey.config(ROOM), itemKey.state(ROOM)].map(table.find)
  return parsed.room(
    ROOM,
    items.filter(item => item !== undefined),
  )?.state
}

function recordsOf(table: MemoryTable, parsed: Parsed): CohortRecord[] {
  const items = table.all().filter(({ sk }) => sk === 'RECORD')
  return items.map(parsed.record).sort((a, b) => a.cohort - b.cohort)
}

/** What the room has counted of people: its house, as it lies in the table. */
function countedOf(table: MemoryTable, epoch: number): Counted {
  const house = table.find(itemKey.house(ROOM))
  const count = (name: string) => Number(house?.[name] ?? 0)
  return {
    entered: count('entered'),
    bought: count(counter.bought(epoch)),
    left: count(counter.left(epoch)),
  }
}

function progressOf(measures: Measures, nowMs: number, untilMs: number): Progress {
  return {
    second: Math.round((nowMs - FIRST_MS) / 1000),
    untilSecond: Math.round((untilMs - FIRST_MS) / 1000),
    tickets: sum(measures.series.tickets),
    entries: sum(measures.series.entries),
  }
}
