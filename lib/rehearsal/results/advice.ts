/** In plain words: which quota gives way first, and what to raise it to. */
import { COMPONENTS, type Component, type Measures } from '../measures/measures.ts'
import { count as shown, sum } from '../measures/statistics.ts'
import type { Plan } from '../plan/options.ts'
import type { QuotaName } from '../plan/quotas.ts'

export interface Advice {
  /** The quota to raise first; null where nothing gave way. */
  readonly quota: QuotaName | null
  readonly raiseTo: number | null
  readonly says: string
}

/** Everybody should hold a ticket about this long after the first came. */
const GOAL_SECONDS = 25
const REQUESTS_PER_EXECUTION = 10

/** @param firstMs the first arrival. */
export function adviceOf(plan: Plan, measures: Measures, firstMs: number): Advice[] {
  const { throttles } = measures
  const gaveWay = COMPONENTS.filter(
    name => name !== 'databaseFault' && throttles[name].count > 0,
  ).sort((a, b) => throttles[a].firstMs - throttles[b].firstMs)
  if (gaveWay.length === 0) return [headroom(plan, measures)]
  // One sentence for each quota: its first failure says enough.
  const quotas = new Set<QuotaName>()
  const firsts = gaveWay.filter(name => {
    const { quota } = raising(name, measures)
    const isNew = !quotas.has(quota)
    quotas.add(quota)
    return isNew
  })
  return firsts.map(name => {
    const { count, firstMs: atMs } = throttles[name]
    const when = `${((atMs - firstMs) / 1000).toFixed(1)} s after the first visitor`
    const { quota, raiseTo, why } = raising(name, measures)
    const raise =
      raiseTo === null || raiseTo <= plan.quotas[quota]
        ? why
        : `${why} Raise ${quota} from ${shown(plan.quotas[quota])} to ${shown(raiseTo)}.`
    const says = `${NAMES[name]} gave way ${when} (${shown(count)} refusals). ${raise}`
    return { quota, raiseTo, says }
  })
}

export const NAMES: Readonly<Record<Component, string>> = {
  cdn: 'CloudFront, requests a second',
  lambdaRequests: 'Lambda, requests a second',
  lambdaScaling: 'Lambda, new environments',
  lambdaConcurrency: 'Lambda, executions at once',
  databaseKey: 'DynamoDB, one partition key',
  databaseTable: 'DynamoDB, the table',
  databaseFault: 'DynamoDB, by the fault rehearsed',
}

function raising(
  name: Component,
  measures: Measures,
): { quota: QuotaName; raiseTo: number | null; why: string } {
  const joins = sum(measures.series.tickets)
  const concurrency = ceilTo(joins / GOAL_SECONDS / REQUESTS_PER_EXECUTION, 500)
  switch (name) {
    case 'cdn':
      return {
        quota: 'cdnRequestsPerSecond',
        raiseTo: ceilTo(
          1.2 * peak(measures.series.cdnRequests, measures.throttles.cdn.perSecond),
          50_000,
        ),
        why: 'Some pages did not load whole and were loaded again.',
      }
    case 'lambdaRequests':
    case 'lambdaConcurrency':
      return {
        quota: 'lambdaConcurrency',
        raiseTo: concurrency,
        why: `Refused joins came again by themselves and nobody lost a place; it took ${shown(joins)} joins at ten requests a second for each execution allowed.`,
      }
    case 'lambdaScaling':
      return {
        quota: 'lambdaEnvironmentsPer10s',
        raiseTo: null,
        why: 'Environments start at a rate that AWS fixes; refused joins came again by themselves. Provisioned concurrency before the sale avoids it.',
      }
    case 'databaseKey':
      return {
        quota: 'keyWritesPerSecond',
        raiseTo: null,
        why: 'No quota changes it: fewer writes on one key do (a lower rate of admission, more shards).',
      }
    case 'databaseTable':
      return {
        quota: 'tableWritesPerSecond',
        raiseTo: ceilTo(
          1.5 * peak(measures.series.writeUnits, measures.throttles.databaseTable.perSecond),
          1_000,
        ),
        why: 'A table bears twice its earlier peak; warm throughput, set before the sale, raises it.',
      }
    case 'databaseFault':
      return { quota: 'tableWritesPerSecond', raiseTo: null, why: 'It was rehearsed to fail.' }
  }
}

/** Nothing gave way: what would, in a larger rush. */
function headroom(plan: Plan, measures: Measures): Advice {
  const { quotas } = plan
  const uses: { quota: QuotaName; peak: number; limit: number; name: string }[] = [
    {
      quota: 'cdnRequestsPerSecond',
      peak: peak(measures.series.cdnRequests),
      limit: quotas.cdnRequestsPerSecond,
      name: NAMES.cdn,
    },
    {
      quota: 'lambdaConcurrency',
      peak: peak(measures.series.behindRequests),
      limit:
        Math.min(quotas.lambdaConcurrency, quotas.lambdaEnvironmentsPer10s) *
        REQUESTS_PER_EXECUTION,
      name: NAMES.lambdaRequests,
    },
    {
      quota: 'tableWritesPerSecond',
      peak: peak(measures.series.writeUnits),
      limit: quotas.tableWritesPerSecond,
      name: NAMES.databaseTable,
    },
  ]
  const [first] = uses.sort((a, b) => b.peak / b.limit - a.peak / a.limit)
  if (first === undefined) throw new Error('there is a first quota')
  const percent = Math.ceil((100 * first.peak) / first.limit)
  const says = `Nothing gave way. First would: ${first.name}, used to ${percent} % at its peak (${shown(Math.ceil(first.peak))} of ${shown(first.limit)}).`
  return { quota: first.quota, raiseTo: null, says }
}

function peak(list: ArrayLike<number>, more?: ArrayLike<number>): number {
  let most = 0
  for (let at = 0; at < list.length; at++)
    most = Math.max(most, (list[at] ?? 0) + (more?.[at] ?? 0))
  return most
}

function ceilTo(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
