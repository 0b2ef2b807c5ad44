/** A rehearsal: the crowd, the real code, and AWS's limits between them, in virtual time. */
import { SHARDS, SHOW_UP_MIN } from '../queue/limits.ts'
import type { CohortRecord } from '../queue/place.ts'
import { batchPlaces } from '../queue/policies.ts'
import type { RoomConfig } from '../queue/room-config.ts'
import type { RoomState } from '../queue/state.ts'
import { patchRoom, putRoom } from '../room/operate.ts'
import { counter } from '../store/house-items.ts'
import { createKeyRing } from '../store/keys.ts'
import { itemKey } from '../store/table.ts'
import { createAdmission, FILLING_MS } from './admission.ts'
import { type Cdn, createCdn } from './cdn.ts'
import { type Chance, createChance } from './chance.ts'
import { createCrowd } from './crowd.ts'
import { createDatabase } from './database.ts'
import { allFaults, noFaults } from './faults.ts'
import { createFunctions } from './functions.ts'
import { createInstances, EPOCH_MS, ROOM } from './instances.ts'
import { type Counted, createLedger, type Ledger } from './ledger.ts'
import { createMeasures, type Measures } from './measures.ts'
import type { Plan } from './options.ts'
import { createPeople, type People } from './people.ts'
import { createShowroom, type ShowroomCounts } from './showroom.ts'
import { createMemory, createRehearsalStore, type Memory } from './store.ts'
import { createQueues } from './ticks.ts'
import { createTimeline } from './timeline.ts'

/** The first visitor comes this long after the rehearsal begins: time for a room to fall asleep. */
export const FIRST_MS = 90_000
/** A sale that is open when they come was opened this long before. */
const OPEN_BEFORE_MS = 60_000

/** Progress is told each of these many virtual seconds. */
export const PROGRESS_SECONDS = 5

/** Everything that was measured. */
export interface Rehearsed {
  readonly plan: Plan
  readonly people: People
  readonly measures: Measures
  readonly ledger: Ledger
  readonly records: readonly CohortRecord[]
  readonly state: RoomState
  readonly showroom: ShowroomCounts
  readonly admission: ReturnType<typeof createAdmission>
  readonly opensMs: number
  readonly botTickets: number
  readonly lostAnswers: number
  /** Claimants once the house had time to fill, and how many of them met a full house. */
  readonly seated: { readonly claimed: number; readonly held: number }
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
  const { quotas, seed } = plan
  const untilMs = FIRST_MS + plan.waitMs
  const chanceOf = (name: string) => createChance(seed, name)
  const bots = Math.floor(plan.visitors * plan.botShare)
  const arrivals = arrivalTimes(plan, chanceOf('arrivals'))
  const people = createPeople(arrivals, bots, plan.noShow, chanceOf('people'), plan.isMixed)
  const timeline = createTimeline(people.count, untilMs)
  const measures = createMeasures(Math.ceil(untilMs / 1000))
  const faults =
    plan.faults === 'all'
      ? allFaults(chanceOf('faults'), SHARDS, FIRST_MS)
      : noFaults(chanceOf('queues'), quotas.queueDuplicatesPercent)
  const memory = createMemory()
  const keys = createKeyRing(
    JSON.stringify({ current: 'k1', k1: `a rehearsal needs no secret but a seed: ${seed}` }),
  )
  const databaseChance = chanceOf('database')
  const database = createDatabase({ timeline, chance: databaseChance, quotas, measures, faults })
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
  const { ticks } = queues
  const shardChance = chanceOf('shards')
  const instances = createInstances({
    timeline,
    database,
    memory,
    keys,
    ticks,
    chance: shardChance,
  })

  // The room is there before anybody comes: made by the operators' own code, without limits.
  const now = () => EPOCH_MS + timeline.nowMs()
  const operator = createRehearsalStore(memory, {
    send: async access => access.apply(),
  })
  const opensMs = plan.opensMs === null ? FIRST_MS - OPEN_BEFORE_MS : FIRST_MS + plan.opensMs
  const { room } = await putRoom(
    { store: operator, keys, ticks, now },
    ROOM,
    configOf(plan, EPOCH_MS + opensMs),
  )
  const { config } = room
  const ledger = createLedger({
    capacity: config.capacity,
    ratePerMinute: config.ratePerMinute,
    // A batch may hold twice as many places as people.
    batch: Math.ceil(batchPlaces(config, config.ratePerMinute) / SHOW_UP_MIN),
    spreadMs: faults.clockSpreadMs,
  })

  const sellingMs = Math.max(opensMs, FIRST_MS)

  /** The operator says that all is sold, and says it again until it is heard. */
  const sellOut = () => {
    const work = async (environment: Parameters<typeof instances.storeOf>[0]) => {
      const store = instances.storeOf(environment)
      await patchRoom({ store, ticks, now }, ROOM, { stock: 0 }).catch(() => retry())
    }
    const retry = () => timeline.at(timeline.nowMs() + 1_000, sellOut)
    if (!functions.invoke('operator', work, () => {})) retry()
  }
  const showroom = createShowroom({
    timeline,
    chance: chanceOf('showroom'),
    plan,
    instances,
    queues,
    ledger,
    sellOut,
  })
  let cdn: Cdn | undefined
  const cdnOf = (): Cdn => {
    if (cdn === undefined) throw new Error('the network is not there yet')
    return cdn
  }
  const crowd = createCrowd({
    timeline,
    chance: chanceOf('crowd'),
    people,
    measures,
    ledger,
    instances,
    cdn: cdnOf,
    entered: showroom.enter,
    seatedFromMs: sellingMs + FILLING_MS,
  })
  cdn = createCdn({ timeline, quotas, measures, functions, instances, answers: crowd })

  queues.startClock(untilMs)
  for (let visitor = 0; visitor < people.count; visitor++) {
    timeline.plan(visitor, people.arriveMs[visitor] ?? 0)
  }
  if (plan.soldInMs !== null && plan.stock === null) {
    timeline.at(sellingMs + plan.soldInMs, showroom.close)
  }
  for (const killMs of faults.kills) timeline.at(killMs, () => functions.kill('visitor'))

  const admission = createAdmission(plan, FIRST_MS)
  const stateNow = () => memory.rooms.get(ROOM)?.parsed ?? room.state
  await timeline.run(crowd.step, second => {
    const [state, nowMs] = [stateNow(), timeline.nowMs()]
    const counted = countedOf(memory, state.epoch)
    const { inside, entered } = showroom.counts
    ledger.watched(state, counted, showroom.counts)
    admission.watch(state, inside, entered, nowMs, sellingMs)
    measures.count('front', nowMs, state.front)
    measures.count('tail', nowMs, state.tail)
    measures.count('inside', nowMs, inside)
    if (second % PROGRESS_SECONDS === 0) onProgress(progressOf(measures, nowMs, untilMs))
  })
  const records = [...memory.records.values()].sort((a, b) => a.cohort - b.cohort)
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
    opensMs: sellingMs,
    botTickets: crowd.joins.botTickets,
    lostAnswers: crowd.joins.lostAnswers,
    seated: crowd.seated,
  }
}

/** A session lasts as long as the longest stay, so that nobody is put out of the showroom. */
function configOf(plan: Plan, opensAtMs: number) {
  return {
    showroomUrl: 'https://shop.example/sale',
    opensAt: new Date(opensAtMs).toISOString(),
    ratePerMinute: plan.ratePerMinute,
    capacity: plan.capacity,
    stock: plan.stock,
    arrivalWindowSeconds: plan.windowSeconds,
    turnSeconds: plan.turnSeconds,
    sessionSeconds: Math.max(SESSION_SECONDS_MIN, Math.ceil(plan.stayMs.max / 1000)),
  } satisfies Partial<RoomConfig>
}

/** A room's default. */
const SESSION_SECONDS_MIN = 900

/** What the room has counted of people: its house, as it lies in the table. */
function countedOf(memory: Memory, epoch: number): Counted {
  const { pk, sk } = itemKey.house(ROOM)
  const house = memory.items.get(pk)?.get(sk)
  const count = (name: string) => Number(house?.[name] ?? 0)
  return {
    entered: count('entered'),
    bought: count(counter.bought(epoch)),
    left: count(counter.left(epoch)),
  }
}

/** Everybody's time, evenly within their stretch, by chance. */
function arrivalTimes(plan: Plan, chance: Chance): Int32Array {
  const times = new Int32Array(plan.visitors)
  let visitor = 0
  for (const { fromMs, toMs, visitors } of plan.arrivals) {
    for (let one = 0; one < visitors; one++) {
      times[visitor++] = FIRST_MS + fromMs + Math.floor(chance() * (toMs - fromMs))
    }
  }
  return times.sort()
}

function progressOf(measures: Measures, nowMs: number, untilMs: number): Progress {
  const sum = (list: Float64Array) => list.reduce((total, count) => total + count, 0)
  return {
    second: Math.round((nowMs - FIRST_MS) / 1000),
    untilSecond: Math.round((untilMs - FIRST_MS) / 1000),
    tickets: sum(measures.series.tickets),
    entries: sum(measures.series.entries),
  }
}
