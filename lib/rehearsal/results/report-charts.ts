/** The charts of the report. */

import { COMPONENTS } from '../measures/measures.ts'
import { count, sum } from '../measures/statistics.ts'
import { FIRST_MS } from '../plan/arrivals.ts'
import type { Rehearsed } from '../rehearse.ts'
import { NAMES } from './advice.ts'
import type { Chart, Line } from './charts.ts'
import type { Results } from './results.ts'

export function reportCharts(run: Rehearsed, results: Results): Chart[] {
  const wholeSeconds = Math.ceil(run.plan.waitMs / 1000)
  const rush = rushSeconds(results, wholeSeconds)
  const charts = [
    arrivalsChart(run, results, rush),
    refusalsChart(run, rush),
    lineChart(run, results, wholeSeconds),
    seatsChart(run, wholeSeconds),
    enteredChart(run, wholeSeconds),
    requestsChart(run, results, wholeSeconds),
    costChart(run, results, wholeSeconds),
  ]
  return charts.filter(chart => chart !== null)
}

/** After the last ticket the first charts have nothing more to show. */
const RUSH_SHARE = 1.25
const RUSH_SECONDS_MIN = 20

function rushSeconds({ tickets, plan }: Results, wholeSeconds: number): number {
  const held = Math.max(tickets.allHoldSeconds ?? wholeSeconds, plan.arriveSeconds)
  return Math.min(wholeSeconds, Math.max(RUSH_SECONDS_MIN, Math.ceil(held * RUSH_SHARE)))
}

/** The axis begins with the first visitor. */
const fromSecond = FIRST_MS / 1000

function arrivalsChart({ measures }: Rehearsed, { tickets }: Results, seconds: number): Chart {
  const { arrivals, tickets: given } = measures.series
  return {
    title: 'Arrivals and tickets',
    says: `${count(tickets.hold)} of ${count(tickets.came)} hold a ticket; the last of them got theirs ${tickets.everybodyHoldsSeconds ?? 'more'} s after the first visitor.`,
    unit: 'visitors a second',
    fromSecond,
    seconds,
    lines: [line('arrive', 1, arrivals), line('get their ticket', 2, given)],
  }
}

/** There are four colours. */
const LINES_MAX = 4

function refusalsChart({ measures }: Rehearsed, seconds: number): Chart | null {
  const { throttles } = measures
  const refusing = COMPONENTS.filter(name => throttles[name].count > 0)
  if (refusing.length === 0) return null
  return {
    title: 'What gave way',
    says: 'Requests that AWS refused. The page asks again by itself; nobody loses a place by it.',
    unit: 'refusals a second',
    fromSecond,
    seconds,
    lines: refusing
      .slice(0, LINES_MAX)
      .map((name, at) => line(NAMES[name], at + 1, throttles[name].perSecond)),
  }
}

function lineChart({ measures }: Rehearsed, { turns }: Results, seconds: number): Chart {
  const { tail, front } = measures.series
  return {
    title: 'The line',
    says: `The tail is the last place drawn, the front the last one let in: ${count(turns.front)} of ${count(turns.tail)} at the end.`,
    unit: 'places',
    fromSecond,
    seconds,
    lines: [line('tail', 1, tail), line('front', 2, front)],
  }
}

/** How many of the seats have people in them. */
function seatsChart({ plan, measures }: Rehearsed, seconds: number): Chart | null {
  const { capacity } = plan
  if (capacity === null) return null
  const { inside } = measures.series
  const seats = inside.map(() => capacity)
  return {
    title: 'Seats',
    says: `People in the showroom, of ${count(capacity)} seats.`,
    unit: 'people',
    fromSecond,
    seconds,
    lines: [line('inside', 1, inside), { ...line('seats', 2, seats), isDashed: true }],
  }
}

const MINUTE_SECONDS = 60

/** Who walked in over the last minute, beside the rate. */
function enteredChart({ plan, measures }: Rehearsed, seconds: number): Chart {
  const { entries } = measures.series
  let inMinute = 0
  const lastMinute = entries.map((count, second) => {
    inMinute += count - (entries[second - MINUTE_SECONDS] ?? 0)
    return inMinute
  })
  const rate = entries.map(() => plan.ratePerMinute)
  return {
    title: 'Walked in',
    says: `Over the last minute, beside the ${count(plan.ratePerMinute)} that the rate allows.`,
    unit: 'people a minute',
    fromSecond,
    seconds,
    lines: [line('walked in', 1, lastMinute), { ...line('rate', 2, rate), isDashed: true }],
  }
}

function requestsChart(
  { measures }: Rehearsed,
  { requestsPerVisitor }: Results,
  seconds: number,
): Chart {
  const { cdnRequests, behindRequests } = measures.series
  return {
    title: 'Requests',
    says: `${requestsPerVisitor.cdn} a visitor at the CDN, of which ${requestsPerVisitor.behind} reach a function.`,
    unit: 'requests a second',
    fromSecond,
    seconds,
    lines: [line('at the CDN', 1, cdnRequests), line('behind it', 2, behindRequests)],
  }
}

function costChart(run: Rehearsed, results: Results, seconds: number): Chart {
  return {
    title: 'Cost',
    says: `${results.bill.totalUsd.toFixed(2)} USD in all.`,
    unit: 'USD since the first visitor',
    fromSecond,
    seconds,
    lines: [line('cost', 1, costSoFar(run, results))],
  }
}

/** The bill as it grows: what goes by requests follows the requests, the rest those behind the CDN. */
function costSoFar({ measures }: Rehearsed, { bill }: Results): Float64Array {
  const { cdnRequests, behindRequests } = measures.series
  const edge = bill.lines.filter(({ what }) => what.startsWith('CloudFront'))
  const edgeUsd = sum(edge.map(({ usd }) => usd))
  const restUsd = sum(bill.lines.map(({ usd }) => usd)) - edgeUsd
  const perRequest = edgeUsd / Math.max(1, sum(cdnRequests))
  const perBehind = restUsd / Math.max(1, sum(behindRequests))
  let total = 0
  return cdnRequests.map((requests, second) => {
    total += requests * perRequest + (behindRequests[second] ?? 0) * perBehind
    return total
  })
}

function line(name: string, colour: number, values: ArrayLike<number>): Line {
  return { name, colour, values }
}
