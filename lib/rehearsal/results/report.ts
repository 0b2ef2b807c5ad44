/** The report: one HTML file that needs nothing else, for people who decide about a sale. */

import { count } from '../measures/statistics.ts'
import type { Rehearsed } from '../rehearse.ts'
import { chartSvg, escaped } from './charts.ts'
import { reportCharts } from './report-charts.ts'
import { REPORT_STYLE } from './report-style.ts'
import { billTable, refusalsTable, visitorsTable } from './report-tables.ts'
import type { Results } from './results.ts'

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
<section><h2>How it went</h2>${reportCharts(run, results).map(chartSvg).join('\n')}</section>
<section><h2>In numbers</h2>${visitorsTable(results)}${refusalsTable(results)}</section>
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
