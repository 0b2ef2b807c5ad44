/** The tables of the report. */

import { count } from '../measures/statistics.ts'
import { NAMES } from './advice.ts'
import type { Bill } from './bill.ts'
import { escaped } from './charts.ts'
import type { Results } from './results.ts'
import { NEWS_WITHIN_MS } from './sell-out-news.ts'
import { admissionRows, cdnText, counts, percent, soldText, spread, toldText } from './text.ts'

export function visitorsTable(results: Results): string {
  const rows = [...visitorRows(results), ...saleRows(results)].map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  return `<table><caption>The visitors</caption><tbody>${rows.join('')}</tbody></table>`
}

/** Empty where nothing was refused. */
export function refusalsTable({ throttles }: Results): string {
  if (throttles.length === 0) return ''
  const rows = throttles.map(
    ({ component, count: times, seconds, firstSecond, lastSecond }) =>
      `<tr><th scope="row">${escaped(NAMES[component])}</th><td>${count(times)}</td><td>${seconds}</td><td>${firstSecond} to ${lastSecond}</td></tr>`,
  )
  return `<table><caption>Refusals</caption><thead><tr><th>Where</th><th>Times</th><th>Seconds</th><th>From, to (s)</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

export function billTable(caption: string, bill: Bill): string {
  const rows = bill.lines.map(
    ({ what, count: times, unit, usd }) =>
      `<tr><th scope="row">${escaped(what)}</th><td>${count(times)} ${escaped(unit)}</td><td>${usd.toFixed(2)}</td></tr>`,
  )
  return `<table><caption>${escaped(caption)}</caption><thead><tr><th>For</th><th>Quantity</th><th>USD</th></tr></thead><tbody>${rows.join('')}</tbody><tfoot><tr><th scope="row">Total</th><td></td><td>${bill.totalUsd.toFixed(2)}</td></tr></tfoot></table>`
}

type Row = [name: string, value: string]

function visitorRows(results: Results): Row[] {
  const { tickets, turns, order, requestsPerVisitor: requests, database } = results
  return [
    ['Wait for a ticket', spread(tickets.waitSeconds)],
    ['Tickets lost by failing networks, and replaced', count(tickets.lostAnswers)],
    ['Left before they had one, by their own will', count(tickets.leftBefore)],
    ['Tickets that bots got', count(tickets.botTickets)],
    [
      'Let in; walked in; too late, and of them by the late lane',
      counts(turns.front, turns.entered, turns.missed, turns.late),
    ],
    ['Wait until they walked in', spread(turns.waitSeconds)],
    ['Cohorts', count(order.cohorts)],
    ['Order: Kendall tau of place and arrival', String(order.kendallTau)],
    ['Nobody before anybody of an earlier cohort', order.cohortOrderKept ? 'yes' : 'no'],
    ['Requests at the CDN a visitor', cdnText(requests)],
    ['Requests behind it a visitor', String(requests.behind)],
    ['Lease writes a join', String(database.leaseWritesPerJoin ?? '-')],
    [
      'Ghosts',
      `${count(database.ghosts)} (${(100 * database.ghostShare).toFixed(2)} % of the places)`,
    ],
    ...admissionRows(results).map(([name, value]): Row => [sentence(name.trim()), value]),
  ]
}

function saleRows({ sale }: Results): Row[] {
  if (sale === null) return []
  const { reading, everybody } = sale.told
  return [
    ['All was sold after', soldText(sale)],
    ['Let in until then', count(sale.letIn)],
    [
      `Others with a page awake knew within ${NEWS_WITHIN_MS / 1000} s`,
      percent(reading.withinShare),
    ],
    ['They knew after', toldText(reading)],
    ['All others knew after', toldText(everybody)],
    ['Requests to the CDN in the busiest second', count(sale.cdnPeakPerSecond)],
  ]
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
