/** From what was measured to what is told: one plain object, the same for the same seed. */
import { cohortSize } from '../queue/place.ts'
import { adviceOf } from './advice.ts'
import { billOf, idleBill, rounded, sum } from './bill.ts'
import { COMPONENTS, throttledSeconds } from './measures.ts'
import { KIND } from './people.ts'
import { FIRST_MS, type Rehearsed } from './rehearse.ts'
import { columnsOf, kendallTau, percentiles } from './statistics.ts'

export type Results = ReturnType<typeof resultsOf>

export function resultsOf(run: Rehearsed) {
  const { plan, measures } = run
  return {
    plan: planOf(run),
    tickets: ticketsOf(run),
    throttles: COMPONENTS.filter(name => measures.throttles[name].count > 0).map(name => {
      const { count, firstMs, lastMs, slots } = measures.throttles[name]
      return {
        component: name,
        count,
        seconds: rounded(slots.size / 10, 1),
        firstSecond: seconds(firstMs - FIRST_MS),
        lastSecond: seconds(lastMs - FIRST_MS),
      }
    }),
    databaseThrottledSeconds: rounded(
      throttledSeconds(measures, ['databaseKey', 'databaseTable']),
      1,
    ),
    turns: turnsOf(run),
    order: orderOf(run),
    requestsPerVisitor: requestsOf(run),
    database: databaseOf(run),
    admission: admissionOf(run),
    losers: losersOf(run),
    bill: billOf(measures),
    idleMonth: idleBill(),
    advice: adviceOf(plan, measures, FIRST_MS),
  }
}

function planOf({ plan }: Rehearsed) {
  const { arrivals, quotas, ...rest } = plan
  const lastMs = arrivals.at(-1)?.toMs ?? 0
  return { ...rest, arriveSeconds: seconds(lastMs), quotas }
}

/** Those who came and stayed at least until they held one. */
function ticketsOf({ people, plan, lostAnswers, botTickets, showroom }: Rehearsed) {
  const waits: number[] = []
  let [came, left, told, without, lastMs, lastOfAllMs] = [0, 0, 0, 0, 0, 0]
  const untilMs = FIRST_MS + plan.waitMs
  for (let visitor = 0; visitor < plan.visitors; visitor++) {
    const { arriveMs, ticketMs, leaveMs, knewMs } = columnsOf(people, visitor)
    if (arriveMs > untilMs) continue
    came++
    if (ticketMs > 0) {
      waits.push(ticketMs - arriveMs)
      lastOfAllMs = Math.max(lastOfAllMs, ticketMs)
      const isFlaky = ((people.kind[visitor] ?? 0) & KIND.flaky) !== 0
      if (!isFlaky) lastMs = Math.max(lastMs, ticketMs)
    } else if (leaveMs <= untilMs) left++
    else if (knewMs > 0) told++
    else without++
  }
  const { p50, p90, p99, most } = percentiles(waits)
  return {
    came,
    hold: waits.length,
    /**
     * From the first arrival to the last ticket, of those whose own network works; null while
     * somebody has none.
     */
    allHoldSeconds: without > 0 || lastMs === 0 ? null : seconds(lastMs - FIRST_MS),
    /** The same with those whose own network fails now and then. */
    everybodyHoldsSeconds: without > 0 || lastMs === 0 ? null : seconds(lastOfAllMs - FIRST_MS),
    waitSeconds: { p50: seconds(p50), p90: seconds(p90), p99: seconds(p99), most: seconds(most) },
    leftBefore: left,
    soldOutBefore: told,
    /** Joins that were lost: still none at the end. */
    lost: without,
    /** Tickets whose answer a failing network lost: their visitors got others. */
    lostAnswers,
    botTickets,
    soldOutSecond: showroom.soldOutMs === null ? null : seconds(showroom.soldOutMs - FIRST_MS),
  }
}

function turnsOf({ people, plan, state }: Rehearsed) {
  const waits: number[] = []
  let missed = 0
  for (let visitor = 0; visitor < plan.visitors; visitor++) {
    const { arriveMs, enteredMs } = columnsOf(people, visitor)
    if (enteredMs > 0) waits.push(enteredMs - arriveMs)
    missed += people.missed[visitor] ?? 0
  }
  const { p50, p90, p99, most } = percentiles(waits)
  return {
    front: state.front,
    tail: state.tail,
    entered: waits.length,
    missed,
    waitSeconds: { p50: seconds(p50), p90: seconds(p90), p99: seconds(p99), most: seconds(most) },
  }
}

function orderOf({ people, plan, records }: Rehearsed) {
  const drawn: { arriveMs: number; place: number }[] = []
  for (let visitor = 0; visitor < plan.visitors; visitor++) {
    const place = people.place[visitor] ?? 0
    if (place > 0) drawn.push({ arriveMs: people.arriveMs[visitor] ?? 0, place })
  }
  return {
    cohorts: records.length,
    drawn: drawn.length,
    /** 1: places follow arrivals exactly; 0: they have nothing to do with them. */
    kendallTau: rounded(kendallTau(drawn), 4),
    /** Nobody of a later cohort stands before anybody of an earlier one: else the run had stopped. */
    cohortOrderKept: true,
  }
}

function requestsOf({ people, plan, measures }: Rehearsed) {
  const asked = Array.from(people.asked.subarray(0, plan.visitors))
  const { p50, p99, most } = percentiles(asked)
  return {
    cdn: rounded(sum(asked) / plan.visitors, 2),
    cdnP50: p50,
    cdnP99: p99,
    cdnMost: most,
    /** Requests of visitors' own that a function served, and all that functions served for them. */
    behindOwn: rounded(sum(people.behind) / plan.visitors, 3),
    behind: rounded(measures.functions.visitor.invocations / plan.visitors, 3),
  }
}

function databaseOf({ measures, ledger, records, plan, state }: Rehearsed) {
  const writes = (isCounted: (cohort: number) => boolean) =>
    sum([...measures.leases].filter(([cohort]) => isCounted(cohort)).map(([, count]) => count))
  const cohorts = new Set([...measures.leases.keys(), ...records.map(({ cohort }) => cohort)])
  const joins = (isCounted: (cohort: number) => boolean) =>
    sum([...cohorts].filter(isCounted).map(cohort => ledger.givenIn(cohort)))
  const ratio = (isCounted: (cohort: number) => boolean) => {
    const count = joins(isCounted)
    return count === 0 ? null : rounded(writes(isCounted) / count, 4)
  }
  const isGathering = (cohort: number) => plan.opensMs !== null && cohort === 0
  const closed = records.filter(({ cohort }) => cohort < state.openCohort)
  const leased = sum(closed.map(({ sizes }) => cohortSize(sizes)))
  const ghosts = leased - sum(closed.map(({ cohort }) => ledger.givenIn(cohort)))
  return {
    joins: ledger.givenCount(),
    leaseWritesPerJoin: ratio(() => true),
    leaseWritesPerJoinGathering: ratio(isGathering),
    leaseWritesPerJoinLive: ratio(cohort => !isGathering(cohort)),
    ghosts,
    ghostShare: leased === 0 ? 0 : rounded(ghosts / leased, 5),
    writeUnits: measures.totals.writeUnits,
    readUnits: measures.totals.readUnits,
    coldStarts: measures.totals.coldStarts,
  }
}

function admissionOf({ admission, showroom }: Rehearsed) {
  const { over, underByRate, emptySeats } = admission.facts()
  return {
    insideMost: showroom.insideMost,
    overCapacity: over,
    underByRate: rounded(underByRate, 4),
    emptySeats: emptySeats === null ? null : rounded(emptySeats, 4),
    sold: showroom.sold,
  }
}

/** How long after the last was sold the others knew. */
function losersOf({ people, plan, showroom }: Rehearsed) {
  const { soldOutMs } = showroom
  if (soldOutMs === null) return null
  const delays: number[] = []
  let unaware = 0
  for (let visitor = 0; visitor < plan.visitors; visitor++) {
    const { knewMs, enteredMs, missed } = columnsOf(people, visitor)
    const isGone = enteredMs > 0 || missed > 0 || (people.leaveMs[visitor] ?? 0) <= soldOutMs
    if (knewMs > 0) delays.push(knewMs - soldOutMs)
    else if (!isGone && ((people.kind[visitor] ?? 0) & KIND.absent) === 0) unaware++
  }
  const { p50, p90, p99, most } = percentiles(delays)
  return {
    knew: delays.length,
    unaware,
    knewAfterSeconds: {
      p50: seconds(p50),
      p90: seconds(p90),
      p99: seconds(p99),
      most: seconds(most),
    },
  }
}

function seconds(ms: number): number {
  return rounded(ms / 1000, 2)
}
