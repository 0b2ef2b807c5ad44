/** The results as a page of text. */

import { count } from '../measures/statistics.ts'
import { NAMES } from './advice.ts'
import type { Bill } from './bill.ts'
import type { Results } from './results.ts'
import { NEWS_WITHIN_MS, type SellOutNews } from './sell-out-news.ts'

export function resultsText(results: Results): string {
  const { plan, tickets, turns, order, requestsPerVisitor, database } = results
  const parts: (string | null)[] = [
    section(`${count(plan.visitors)} visitors in ${plan.arriveSeconds} s, seed ${plan.seed}`, [
      ['all hold a ticket after', orNever(tickets.allHoldSeconds)],
      ['  failing networks of their own included', orNever(tickets.everybodyHoldsSeconds)],
      ['wait for a ticket', spread(tickets.waitSeconds)],
      ['joins lost', count(tickets.lost)],
      ['left before they had one, by their own will', count(tickets.leftBefore)],
      ['tickets lost by failing networks, and replaced', count(tickets.lostAnswers)],
      ['tickets that bots got', count(tickets.botTickets)],
      ['let in; walked in', counts(turns.front, turns.entered)],
      ['came too late; of them by the late lane', counts(turns.missed, turns.late)],
      ['wait until they walked in', spread(turns.waitSeconds)],
      ['cohorts; Kendall tau of place and arrival', `${order.cohorts}; ${order.kendallTau}`],
      ['nobody before anybody of an earlier cohort', order.cohortOrderKept ? 'yes' : 'no'],
    ]),
    section('Admission', admissionRows(results)),
    saleSection(results),
    section('Behind it', [
      ['requests to the CDN a visitor', cdnText(requestsPerVisitor)],
      ['requests behind it a visitor', String(requestsPerVisitor.behind)],
      ['lease writes a join, gathering', ratio(database.leaseWritesPerJoinGathering)],
      ['lease writes a join, live', ratio(database.leaseWritesPerJoinLive)],
      ['ghosts', `${count(database.ghosts)} (${percent(database.ghostShare)} of the places)`],
      ['DynamoDB throttled for', `${results.databaseThrottledSeconds} s in all`],
      ['cold starts', count(database.coldStarts)],
    ]),
    section('What gave way', throttleRows(results)),
    billSection(
      `Bill (${results.bill.pricesOf}, prices of ${results.bill.pricesRead})`,
      results.bill,
    ),
    billSection('A month in which nobody comes', results.idleMonth),
    `Advice\n${results.advice.map(({ says }, at) => `  ${at + 1}. ${says}`).join('\n')}`,
  ]
  return parts.filter(part => part !== null).join('\n\n')
}

/** Seats, and the rate: what was reached beside what was asked for. */
export function admissionRows({ plan, turns, admission }: Results): [string, string][] {
  const { seatsFilled, seatsFilledLeastMinute, insideMost } = admission
  const rows: [string, string][] = []
  if (plan.capacity !== null) {
    const least = percent(seatsFilledLeastMinute)
    rows.push(
      ['seats', count(plan.capacity)],
      ['most inside at once', count(insideMost)],
      ['seats with people in them, from minute 10 on', percent(seatsFilled)],
      ['  the emptiest minute', least],
      ['claimants from then on; who met a full house', heldText(admission)],
      ['  in all', heldText(turns)],
    )
  }
  const { enteredBefore, enteredAfter, enteredWorstShare, showUpMeasuredSecond } = admission
  const measured = showUpMeasuredSecond === null ? 'not yet' : `${showUpMeasuredSecond} s`
  rows.push(['show-up was measured after', measured])
  if (enteredBefore !== null) {
    rows.push(['entered of what the rate allows, before that', percent(enteredBefore.share)])
  }
  if (enteredWorstShare !== null) {
    const shares = enteredAfter.map(({ share }) => percent(share)).join(', ')
    rows.push(['  after it, each 5 minutes', shares])
    rows.push(['  the farthest from the target', percent(enteredWorstShare)])
  }
  return rows
}

type Held = Pick<Results['admission'], 'claimed' | 'held' | 'heldShare'>

function heldText({ claimed, held, heldShare }: Held): string {
  return `${count(claimed)}; ${count(held)} (${percent(heldShare)})`
}

function saleSection({ sale, plan }: Results): string | null {
  if (sale === null) return null
  const { told } = sale
  return section('The end of the sale', [
    ...chosenRow(plan),
    ['all was sold after', soldText(sale)],
    ['sold; let in until then; walked in', counts(sale.sold, sale.letIn, sale.entered)],
    ['the others: pages awake, hidden ones too, on networks that work', count(told.reading.people)],
    [
      `  knew within ${NEWS_WITHIN_MS / 1000} s of the last sale`,
      percent(told.reading.withinShare),
    ],
    ['  knew after', toldText(told.reading)],
    ['everybody else in line too', count(told.everybody.people)],
    ['  of them out of reach', excludedText(told.excludedShare)],
    [
      `  knew within ${NEWS_WITHIN_MS / 1000} s of the last sale`,
      percent(told.everybody.withinShare),
    ],
    ['  knew after', toldText(told.everybody)],
    ['  never looked again', count(told.everybody.never)],
    ['requests to the CDN in the busiest second', count(sale.cdnPeakPerSecond)],
  ])
}

/** What `--sold-in` chose, so that nobody takes it for a setting. */
function chosenRow({ chosen, ratePerMinute, stayMs, opensMs }: Results['plan']) {
  const [min, max] = [stayMs.min / 1000, stayMs.max / 1000]
  const says = {
    opens: `opens after ${(opensMs ?? 0) / 1000} s`,
    rate: `${count(ratePerMinute)} let in a minute`,
    session: `who is in decides within ${min} to ${max} s`,
  }
  const row: [string, string] = ['chosen for it', chosen.map(name => says[name]).join('; ')]
  return chosen.length === 0 ? [] : [row]
}

export function soldText(sale: NonNullable<Results['sale']>): string {
  return `${sale.soldOutAfterOpening} s of selling (second ${sale.soldOutSecond})`
}

export function toldText({ afterSeconds }: SellOutNews): string {
  const { p50, p90, p99, most } = afterSeconds
  const [a, b, c, d] = [p50, p90, p99, most].map(one => (one === null ? 'never' : `${one} s`))
  return `p50 ${a}, p90 ${b}, p99 ${c}, at most ${d}`
}

function excludedText(shares: NonNullable<Results['sale']>['told']['excludedShare']): string {
  const { sleeping, failing } = shares
  return `${percent(sleeping)} on sleeping phones, ${percent(failing)} on failing networks`
}

function throttleRows({ throttles }: Results): [string, string][] {
  if (throttles.length === 0) return [['nothing', '']]
  return throttles.map(({ component, count: times, seconds, firstSecond, lastSecond }) => [
    NAMES[component],
    `${count(times)} times in ${seconds} s, from second ${firstSecond} to ${lastSecond}`,
  ])
}

function billSection(title: string, bill: Bill): string {
  return section(title, [
    ...bill.lines.map(({ what, count: times, unit, usd }): [string, string] => [
      what,
      `${usd.toFixed(2).padStart(8)}   ${count(times)} ${unit}`,
    ]),
    ['total', bill.totalUsd.toFixed(2).padStart(8)],
  ])
}

function section(title: string, rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd())
  return [title, ...lines].join('\n')
}

export function cdnText({ cdn, cdnP50, cdnP99 }: Results['requestsPerVisitor']): string {
  return `${cdn} (p50 ${cdnP50}, p99 ${cdnP99})`
}

export function spread(times: { p50: number; p90: number; p99: number; most: number }): string {
  const { p50, p90, p99, most } = times
  return `p50 ${p50} s, p90 ${p90} s, p99 ${p99} s, at most ${most} s`
}

export function counts(...numbers: number[]): string {
  return numbers.map(count).join('; ')
}

function orNever(seconds: number | null): string {
  return seconds === null ? 'not within this rehearsal' : `${seconds} s`
}

function ratio(value: number | null): string {
  return value === null ? '-' : String(value)
}

export function percent(share: number | null): string {
  return share === null ? '-' : `${Number((100 * share).toFixed(2))} %`
}
