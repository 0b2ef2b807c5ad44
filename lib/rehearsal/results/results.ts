/** What was measured, as one plain object: the text, the report and `--json` are made of it. */
import { cohortSize } from '../../queue/cohort/place.ts'
import { KIND } from '../crowd/kinds.ts'
import { columnsOf, MARK } from '../crowd/people.ts'
import { COMPONENTS, throttledSeconds } from '../measures/measures.ts'
import type { Stretch } from '../measures/seats-used.ts'
import { kendallTau, percentiles, rounded, sum } from '../measures/statistics.ts'
import { FIRST_MS } from '../plan/arrivals.ts'
import type { Rehearsed } from '../rehearse.ts'
import { adviceOf } from './advice.ts'
import { billOf, idleBill } from './bill.ts'
import { sellOutNewsOf } from './sell-out-news.ts'

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
    sale: saleOf(run),
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

/** Who got a ticket, and how soon; who left or knew that all was sold before they had one. */
function ticketsOf({ people, plan, lostAnswers, botTickets }: Rehearsed) {
  const waits: number[] = []
  let [came, left, soldOut, without, lastMs, lastOfAllMs] = [0, 0, 0, 0, 0, 0]
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
    else if (knewMs > 0) soldOut++
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
    soldOutBefore: soldOut,
    /** Joins that were lost: still none at the end. */
    lost: without,
    /** Tickets whose answer a failing network lost: their visitors got others. */
    lostAnswers,
    botTickets,
  }
}

function turnsOf({ people, plan, state }: Rehearsed) {
  const waits: number[] = []
  let [claimed, held, missed, late] = [0, 0, 0, 0]
  for (let visitor = 0; visitor < plan.visitors; visitor++) {
    const { arriveMs, enteredMs, marks } = columnsOf(people, visitor)
    if (enteredMs > 0) waits.push(enteredMs - arriveMs)
    if ((marks & MARK.claimed) !== 0) claimed++
    if ((marks & MARK.held) !== 0) held++
    if ((marks & MARK.missed) !== 0) missed++
    if ((marks & MARK.late) !== 0) late++
  }
  const { p50, p90, p99, most } = percentiles(waits)
  return {
    front: state.front,
    tail: state.tail,
    entered: waits.length,
    /** Asked for a seat while their turn ran, and of those, who met a full house. */
    claimed,
    held,
    heldShare: claimed === 0 ? 0 : rounded(held / claimed, 5),
    /** Came when their turn was over, and of those, who walked in by the late lane. */
    missed,
    late,
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
    /** Requests that one visitor alone asked of a function; and all, those for the caches included. */
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

function admissionOf({ admission, showroom, seated }: Rehearsed) {
  const { seatsFilled, seatsFilledLeast, measuredMs, before, after } = admission.facts()
  const shares = after.map(({ share }) => share)
  const share = (value: number | null) => (value === null ? null : rounded(value, 4))
  const worst = shares.sort((a, b) => Math.abs(b - 1) - Math.abs(a - 1))[0]
  const shown = (stretch: Stretch) => ({ ...stretch, share: rounded(stretch.share, 4) })
  return {
    insideMost: showroom.insideMost,
    /** Seats with people in them from ten minutes after the opening on; null without a capacity. */
    seatsFilled: share(seatsFilled),
    seatsFilledLeastMinute: share(seatsFilledLeast),
    /** Claimants of that time, and of them, who met a full house. */
    claimed: seated.claimed,
    held: seated.held,
    heldShare: seated.claimed === 0 ? 0 : rounded(seated.held / seated.claimed, 5),
    showUpMeasuredSecond: measuredMs === null ? null : seconds(measuredMs - FIRST_MS),
    /** Entered against what the rate allows, where it ruled alone. */
    enteredBefore: before === null ? null : shown(before),
    enteredAfter: after.map(shown),
    /** The stretch that is farthest from the target. */
    enteredWorstShare: share(worst ?? null),
  }
}

/** The end of a stock: when, after how many places, and who knew how soon. */
function saleOf({ people, plan, showroom, state, sellingMs, measures }: Rehearsed) {
  const { soldOutMs, sold, entered } = showroom
  if (soldOutMs === null) return null
  const { cdnRequests } = measures.series
  const from = Math.floor(sellingMs / 1000)
  return {
    sold,
    soldOutSecond: seconds(soldOutMs - FIRST_MS),
    soldOutAfterOpening: seconds(soldOutMs - sellingMs),
    /** Places let in, and people who walked in, until the room knew. */
    letIn: state.front,
    entered,
    /** Requests to the CDN in the busiest second since the opening. */
    cdnPeakPerSecond: cdnRequests.subarray(from).reduce((most, one) => Math.max(most, one), 0),
    told: sellOutNewsOf(people, plan.visitors, soldOutMs),
  }
}

function seconds(ms: number): number {
  return rounded(ms / 1000, 2)
}
