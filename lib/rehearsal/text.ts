/** The results as a page of text. */
import { NAMES } from './advice.ts'
import type { Bill } from './bill.ts'
import type { Results } from './results.ts'
import { count } from './statistics.ts'

export function resultsText(results: Results): string {
  const { plan, tickets, turns, order, requestsPerVisitor, database, admission } = results
  const parts: (string | null)[] = [
    section(`${count(plan.visitors)} visitors in ${plan.arriveSeconds} s, seed ${plan.seed}`, [
      ['all hold a ticket after', orNever(tickets.allHoldSeconds)],
      ['  failing networks of their own included', orNever(tickets.everybodyHoldsSeconds)],
      ['wait for a ticket', spread(tickets.waitSeconds)],
      ['joins lost', count(tickets.lost)],
      ['left before they had one, by their own will', count(tickets.leftBefore)],
      ['tickets lost by failing networks, and replaced', count(tickets.lostAnswers)],
      ['tickets that bots got', count(tickets.botTickets)],
      ['let in; walked in; came too late', three(turns.front, turns.entered, turns.missed)],
      ['wait until they walked in', spread(turns.waitSeconds)],
      ['places beyond capacity', count(admission.overCapacity)],
      ['let in less than the rate allowed', percent(admission.underByRate)],
      ['seats empty while people waited', percent(admission.emptySeats)],
      ['cohorts; Kendall tau of place and arrival', `${order.cohorts}; ${order.kendallTau}`],
      ['nobody before anybody of an earlier cohort', order.cohortOrderKept ? 'yes' : 'no'],
    ]),
    losersSection(results),
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

function losersSection({ losers, tickets }: Results): string | null {
  if (losers === null) return null
  return section('The others', [
    ['all was sold after', `${tickets.soldOutSecond} s`],
    ['knew it', count(losers.knew)],
    ['knew it after', spread(losers.knewAfterSeconds)],
    ['never looked again', count(losers.unaware)],
  ])
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

function cdnText({ cdn, cdnP50, cdnP99 }: Results['requestsPerVisitor']): string {
  return `${cdn} (p50 ${cdnP50}, p99 ${cdnP99})`
}

export function spread(times: { p50: number; p90: number; p99: number; most: number }): string {
  const { p50, p90, p99, most } = times
  return `p50 ${p50} s, p90 ${p90} s, p99 ${p99} s, at most ${most} s`
}

function three(...counts: number[]): string {
  return counts.map(count).join('; ')
}

function orNever(seconds: number | null): string {
  return seconds === null ? 'not within this rehearsal' : `${seconds} s`
}

function ratio(value: number | null): string {
  return value === null ? '-' : String(value)
}

function percent(share: number | null): string {
  return share === null ? '-' : `${Number((100 * share).toFixed(2))} %`
}
