/** One seed from beginning to end: the same seed gives the same run, to the last write. */

import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { EPOCH_MS } from '../../lib/rehearsal/cloud/instances.ts'
import { createParsed } from '../../lib/rehearsal/cloud/store.ts'
import { createTable } from '../../lib/rehearsal/cloud/table.ts'
import { createChance } from '../../lib/rehearsal/time/chance.ts'
import { createTimeline } from '../../lib/rehearsal/time/timeline.ts'
import { createConnections } from './connections.ts'
import { createFaults, SLOW_MS } from './faults.ts'
import { createFleet } from './fleet.ts'
import { entryLaws } from './laws/entry-laws.ts'
import { BrokenLaw, type Law, type LawName, must } from './laws/law.ts'
import { lineLaws } from './laws/line-laws.ts'
import { paceLaw } from './laws/pace-law.ts'
import { progressLaws } from './laws/progress-laws.ts'
import { seatLaws } from './laws/seat-laws.ts'
import { createOperators } from './operators.ts'
import { createQueues } from './queues.ts'
import { createRoomCalls } from './room-calls.ts'
import { createScenario, picker, type Scenario } from './scenario.ts'
import { createShowroom } from './showroom.ts'
import { createTrace } from './trace.ts'
import { createTruth } from './truth.ts'
import { type Invitation, startVisitor, TEMPERS, type Visitor } from './visitors.ts'
import { createWitness } from './witness.ts'

export interface Outcome {
  readonly seed: number
  readonly scenario: Scenario
  /** The law that was broken first; undefined: none was. */
  readonly broken: { readonly law: LawName; readonly message: string } | undefined
  readonly atMs: number
  readonly fingerprint: string
  readonly trace: readonly string[]
  /** How often each thing happened. */
  readonly counts: ReadonlyMap<string, number>
}

const MASTER_SECRET = JSON.stringify({ current: 'k1', k1: 'm'.repeat(48) })
/** Derived once: a run makes no keys of its own. */
const keys = createKeyRing(MASTER_SECRET)

/** The calm lasts until everybody is in: a cohort may take arrivals for a minute, a hold last one. */
const CALM_MS = { min: 25_000, step: 5_000, max: 150_000 }

/** @param traceLines how many of the last lines of the trace are kept. */
export async function simulate(seed: number, traceLines = 0): Promise<Outcome> {
  const world = createWorld(seed, traceLines)
  let broken: Outcome['broken']
  try {
    await world.run()
  } catch (error) {
    if (!(error instanceof BrokenLaw)) throw error
    broken = { law: error.law, message: error.message }
  }
  const { scenario, timeline, trace } = world
  return {
    seed,
    scenario,
    broken,
    atMs: timeline.nowMs(),
    fingerprint: trace.fingerprint(),
    trace: trace.lines(),
    counts: world.counts(),
  }
}

function createWorld(seed: number, traceLines: number) {
  const scenario = createScenario(seed)
  const { weather, outages, storms, roughMs } = scenario
  const chanceOf = (name: string) => createChance(seed, name)
  const endsMs = roughMs + CALM_MS.max
  const timeline = createTimeline(endsMs)
  const { nowMs } = timeline
  const trace = createTrace(nowMs, traceLines)
  const faults = createFaults(chanceOf('faults'), nowMs, weather, outages, storms)
  const truth = createTruth(nowMs)
  const parsed = createParsed()
  let ids = 0
  const newId = () => `id-${ids++}`

  const progress = progressLaws(truth)
  const learning: Law = { ticket: ticket => void truth.person(ticket.id, ticket) }
  const laws = [
    learning,
    lineLaws(truth),
    seatLaws(truth),
    entryLaws(truth),
    paceLaw(truth),
    progress,
  ]
  const witness = createWitness(truth, laws, parsed)
  const table = createTable()
  const connections = createConnections({
    table,
    timeline,
    faults,
    trace,
    witness,
    kill: call => fleet.kill(call),
  })
  const fleet = createFleet({
    timeline,
    chance: chanceOf('fleet'),
    trace,
    itemsFor: call => table.itemsOver(connections.connectionOf(call)),
    parsed,
  })
  const queues = createQueues({
    timeline,
    chance: chanceOf('queues'),
    faults,
    fleet,
    keys,
    trace,
    heard: {
      tickLost: () => progress.tickLost(),
      clockMissed: () => progress.clockMissed(),
      stepDone: (work, answer) => progress.stepDone?.(work, answer),
    },
  })
  const showroom = createShowroom({
    timeline,
    chance: chanceOf('showroom'),
    queues,
    keys,
    truth,
    epochMs: EPOCH_MS,
  })
  const calls = createRoomCalls({
    timeline,
    chance: chanceOf('calls'),
    fleet,
    queues,
    keys,
    laws,
    newId,
  })
  const operators = createOperators({
    timeline,
    chance: chanceOf('operators'),
    fleet,
    queues,
    keys,
    showroom,
    scenario,
    newId,
  })
  const visitors: Visitor[] = []

  const arrive = (invitations: readonly string[]) => {
    const chance = chanceOf('visitors')
    const pick = picker(chance)
    const deps = {
      timeline,
      chance,
      calls,
      showroom,
      truth,
      turnMs: scenario.config.turnSeconds * 1_000,
      isCalm: () => nowMs() >= roughMs,
    }
    for (const [number, atMs] of scenario.arrivalsMs.entries()) {
      const temper = pick(TEMPERS)
      const isGuest = number < scenario.invited
      // Every fifth invitation was passed on.
      const token = invitations[number % 5 === 4 ? number - 1 : number]
      const invitation: Invitation | undefined =
        isGuest && token !== undefined ? { token } : undefined
      timeline.after(atMs - nowMs(), () => {
        visitors.push(startVisitor(deps, `visitor-${number}`, temper, invitation))
      })
    }
  }

  /** Everybody who keeps asking walks in in the end, but with a ticket of a sale that is over. */
  const isDone = ({ temper, ticket, passes, refused }: Visitor): boolean => {
    if (temper === 'no-show' || passes > 0 || refused === 'room-ended') return true
    // The answer with the pass was lost, and the turn was over when they asked again.
    return (
      refused === 'already-entered' && (truth.people.get(ticket?.id ?? '')?.entries.size ?? 0) > 0
    )
  }

  return {
    scenario,
    timeline,
    trace,
    async run(): Promise<void> {
      operators.begin(() => {
        if (scenario.invited === 0) arrive([])
        else operators.invite(scenario.invited, arrive)
      })
      queues.startClock(endsMs)
      for (const atMs of scenario.editsMs) timeline.after(atMs, () => operators.meddle())
      timeline.after(roughMs, () => {
        faults.end()
        trace.note('the calm begins')
      })
      // By then whatever operators had begun is done.
      timeline.after(roughMs + SLOW_MS, () => operators.putRight())
      await timeline.run(() => {
        for (const law of laws) law.eachSecond?.()
        const calmMs = nowMs() - roughMs
        const isToLook = calmMs >= CALM_MS.min && calmMs % CALM_MS.step === 0
        if (isToLook && visitors.every(isDone)) timeline.stop()
      })
      for (const visitor of visitors) {
        must('everybody-in', isDone(visitor), () => complaintOf(visitor))
      }
    },
    counts(): Map<string, number> {
      const all = new Map<string, number>([
        ['writes', connections.writes()],
        ['requests', connections.requests()],
        ['visitors', visitors.length],
        ['held', visitors.filter(({ held }) => held > 0).length],
        ['tickets', visitors.filter(({ ticket }) => ticket !== undefined).length],
        [
          'lost passes',
          visitors.filter(({ passes, refused }) => passes === 0 && refused === 'already-entered')
            .length,
        ],
        ['passes', visitors.reduce((sum, { passes }) => sum + passes, 0)],
        ['entered', truth.house.entered],
        ['deaths', fleet.deaths()],
      ])
      for (const [name, count] of faults.counts) all.set(`fault ${name}`, count)
      for (const [name, count] of operators.counts) all.set(`edit ${name}`, count)
      for (const [name, count] of Object.entries(showroom.counts))
        all.set(`departure ${name}`, count)
      return all
    },
  }
}

function complaintOf({ name, temper, ticket, refused }: Visitor): string {
  const last = refused === undefined ? '' : `, was told ${refused}`
  return `${name} (${temper}, ticket ${ticket?.id}) kept asking${last} and never walked in`
}
