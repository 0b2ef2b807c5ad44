/** The report: one HTML file that needs nothing else, for people who decide about a sale. */
import { NAMES } from './advice.ts'
import { FIRST_MS } from './arrivals.ts'
import type { Bill } from './bill.ts'
import { type Chart, chartSvg, escaped, type Line } from './charts.ts'
import { COMPONENTS } from './measures.ts'
import type { Rehearsed } from './rehearse.ts'
import { REPORT_STYLE } from './report-style.ts'
import type { Results } from './results.ts'
import { count } from './statistics.ts'
import { admissionRows, percent, soldText, spread, toldText } from './text.ts'

export function reportHtml(run: Rehearsed, results: Results): string {
  const { plan } = results
  const title = `Rehearsal of ${count(plan.visitors)} visitors in ${plan.arriveSeconds} s`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${REPORT_STYLE}</style>
<main>
<header><h1>${escaped(title)}</h1><p>${escaped(subtitle(results))}</p></header>
<section aria-label="In short"><dl class="tiles">${tiles(results)}</dl></section>
<section><h2>What to do</h2><ol>${results.advice.map(({ says }) => `<li>${escaped(says)}</li>`).join('')}</ol></section>
<section><h2>How it went</h2>${charts(run, results).map(chartSvg).join('\n')}</section>
<section><h2>In numbers</h2>${tables(results)}</section>
<section class="bills"><h2>What it costs</h2><p>${escaped(`${results.bill.pricesOf}; prices read on ${results.bill.pricesRead}.`)}</p>
${billTable('This sale', results.bill)}${billTable('A month in which nobody comes', results.idleMonth)}</section>
<footer><p>Made by <code>rehearse</code> with seed ${plan.seed}; the same options give the same report. AWS is modelled, not called: docs/rehearsal.md says how.</p></footer>
</main>
</html>
`
}

function subtitle({ plan }: Results): string {
  const opening =
    plan.opensMs === null
      ? 'the sale is open when they come'
      : `the sale opens ${plan.opensMs / 1000} s after the first`
  const stock = plan.stock === null ? 'no end of stock' : `${count(plan.stock)} for sale`
  return `${opening}; ${count(plan.ratePerMinute)} let in a minute; ${stock}; ${plan.waitMs / 60_000} minutes rehearsed`
}

function tiles({ tickets, bill, requestsPerVisitor, databaseThrottledSeconds }: Results): string {
  const held = tickets.allHoldSeconds
  const entries: [string, string][] = [
    ['All hold a ticket after', held === null ? 'not yet' : `${held} s`],
    ['Joins lost', count(tickets.lost)],
    ['DynamoDB throttled', `${databaseThrottledSeconds} s`],
    ['Requests a visitor', `${requestsPerVisitor.cdn}`],
    ['The bill', `${bill.totalUsd.toFixed(2)} USD`],
  ]
  return entries.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')
}

/** After the last ticket the first charts have nothing more to show. */
const RUSH_SHARE = 1.25
const RUSH_SECONDS_MIN = 20

function charts(run: Rehearsed, results: Results): Chart[] {
  const { series, throttles } = run.measures
  const fromSecond = FIRST_MS / 1000
  const whole = Math.ceil(run.plan.waitMs / 1000)
  const { everybodyHoldsSeconds, allHoldSeconds } = results.tickets
  const held = Math.max(allHoldSeconds ?? whole, results.plan.arriveSeconds)
  const rush = Math.min(whole, Math.max(RUSH_SECONDS_MIN, Math.ceil(held * RUSH_SHARE)))
  const line = (name: string, colour: number, values: ArrayLike<number>): Line => ({
    name,
    colour,
    values,
  })
  const refused = COMPONENTS.filter(name => throttles[name].count > 0)
  const refusedLines = refused
    .slice(0, 4)
    .map((name, at) => line(NAMES[name], at + 1, throttles[name].perSecond))
  const made: (Chart | null)[] = [
    {
      title: 'Arrivals and tickets',
      says: `${count(results.tickets.hold)} of ${count(results.tickets.came)} hold a ticket; the last of them got theirs ${everybodyHoldsSeconds ?? 'more'} s after the first visitor.`,
      unit: 'visitors a second',
      fromSecond,
      seconds: rush,
      lines: [line('arrive', 1, series.arrivals), line('get their ticket', 2, series.tickets)],
    },
    refusedLines.length === 0
      ? null
      : {
          title: 'What gave way',
          says: 'Requests that AWS refused. The page asks again by itself; nobody loses a place by it.',
          unit: 'refusals a second',
          fromSecond,
          seconds: rush,
          lines: refusedLines,
        },
    {
      title: 'The line',
      says: `The tail is the last place drawn, the front the last one let in: ${count(results.turns.front)} of ${count(results.turns.tail)} at the end.`,
      unit: 'places',
      fromSecond,
      seconds: whole,
      lines: [line('tail', 1, series.tail), line('front', 2, series.front)],
    },
    seatsChart(run, whole),
    enteredChart(run, whole),
    {
      title: 'Requests',
      says: `${results.requestsPerVisitor.cdn} a visitor at the CDN, of which ${results.requestsPerVisitor.behind} reach a function.`,
      unit: 'requests a second',
      fromSecond,
      seconds: whole,
      lines: [
        line('at the CDN', 1, series.cdnRequests),
        line('behind it', 2, series.behindRequests),
      ],
    },
    {
      title: 'Cost',
      says: `${results.bill.totalUsd.toFixed(2)} USD in all.`,
      unit: 'USD since the first visitor',
      fromSecond,
      seconds: whole,
      lines: [line('cost', 1, costSoFar(run, results))],
    },
  ]
  return made.filter(chart => chart !== null)
}

/** How many of the seats have people in them. */
function seatsChart({ plan, measures }: Rehearsed, seconds: number): Chart | null {
  const { capacity } = plan
  if (capacity === null) return null
  const { inside } = measures.series
  return {
    title: 'Seats',
    says: `People in the showroom, of ${count(capacity)} seats.`,
    unit: 'people',
    fromSecond: FIRST_MS / 1000,
    seconds,
    lines: [
      { name: 'inside', colour: 1, values: inside },
      { name: 'seats', colour: 2, values: inside.map(() => capacity), isDashed: true },
    ],
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
  return {
    title: 'Walked in',
    says: `Over the last minute, beside the ${count(plan.ratePerMinute)} that the rate allows.`,
    unit: 'people a minute',
    fromSecond: FIRST_MS / 1000,
    seconds,
    lines: [
      { name: 'walked in', colour: 1, values: lastMinute },
      { name: 'rate', colour: 2, values: entries.map(() => plan.ratePerMinute), isDashed: true },
    ],
  }
}

/** The bill as it grows: what goes by requests follows the requests, the rest those behind the CDN. */
function costSoFar({ measures }: Rehearsed, { bill }: Results): Float64Array {
  const { cdnRequests, behindRequests } = measures.series
  const edge = bill.lines.filter(({ what }) => what.startsWith('CloudFront'))
  const edgeUsd = edge.reduce((total, { usd }) => total + usd, 0)
  const restUsd = bill.lines.reduce((total, { usd }) => total + usd, 0) - edgeUsd
  const all = (list: Float64Array) =>
    Math.max(
      1,
      list.reduce((total, one) => total + one, 0),
    )
  const [perRequest, perBehind] = [edgeUsd / all(cdnRequests), restUsd / all(behindRequests)]
  let total = 0
  return cdnRequests.map((requests, second) => {
    total += requests * perRequest + (behindRequests[second] ?? 0) * perBehind
    return total
  })
}

function tables(results: Results): string {
  const { tickets, turns, order, requestsPerVisitor, database, sale } = results
  const rows: [string, string][] = [
    ['Wait for a ticket', spread(tickets.waitSeconds)],
    ['Tickets lost by failing networks, and replaced', count(tickets.lostAnswers)],
    ['Left before they had one, by their own will', count(tickets.leftBefore)],
    ['Tickets that bots got', count(tickets.botTickets)],
    [
      'Let in; walked in; too late, and of them by the late lane',
      `${count(turns.front)}; ${count(turns.entered)}; ${count(turns.missed)}; ${count(turns.late)}`,
    ],
    ['Wait until they walked in', spread(turns.waitSeconds)],
    ['Cohorts', count(order.cohorts)],
    ['Order: Kendall tau of place and arrival', String(order.kendallTau)],
    ['Nobody before anybody of an earlier cohort', order.cohortOrderKept ? 'yes' : 'no'],
    [
      'Requests at the CDN a visitor',
      `${requestsPerVisitor.cdn} (p50 ${requestsPerVisitor.cdnP50}, p99 ${requestsPerVisitor.cdnP99})`,
    ],
    ['Requests behind it a visitor', String(requestsPerVisitor.behind)],
    ['Lease writes a join', String(database.leaseWritesPerJoin ?? '-')],
    [
      'Ghosts',
      `${count(database.ghosts)} (${(100 * database.ghostShare).toFixed(2)} % of the places)`,
    ],
    ...admissionRows(results).map(([name, value]): [string, string] => [
      sentence(name.trim()),
      value,
    ]),
  ]
  if (sale !== null) {
    const { reading, everybody } = sale.told
    rows.push(
      ['All was sold after', soldText(sale)],
      ['Let in until then', count(sale.letIn)],
      ['Others with a page awake knew within 3 s', percent(reading.withinShare)],
      ['They knew after', toldText(reading)],
      ['All others knew after', toldText(everybody)],
      ['Requests to the CDN in the busiest second', count(sale.cdnPeakPerSecond)],
    )
  }
  const throttled = results.throttles.map(
    ({ component, count: times, seconds, firstSecond, lastSecond }) =>
      `<tr><th scope="row">${escaped(NAMES[component])}</th><td>${count(times)}</td><td>${seconds}</td><td>${firstSecond} to ${lastSecond}</td></tr>`,
  )
  const refusals =
    throttled.length === 0
      ? ''
      : `<table><caption>Refusals</caption><thead><tr><th>Where</th><th>Times</th><th>Seconds</th><th>From, to (s)</th></tr></thead><tbody>${throttled.join('')}</tbody></table>`
  const body = rows.map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  return `<table><caption>The visitors</caption><tbody>${body.join('')}</tbody></table>${refusals}`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function billTable(caption: string, bill: Bill): string {
  const rows = bill.lines.map(
    ({ what, count: times, unit, usd }) =>
      `<tr><th scope="row">${escaped(what)}</th><td>${count(times)} ${escaped(unit)}</td><td>${usd.toFixed(2)}</td></tr>`,
  )
  return `<table><caption>${escaped(caption)}</caption><thead><tr><th>For</th><th>Quantity</th><th>USD</th></tr></thead><tbody>${rows.join('')}</tbody><tfoot><tr><th scope="row">Total</th><td></td><td>${bill.totalUsd.toFixed(2)}</td></tr></tfoot></table>`
}
