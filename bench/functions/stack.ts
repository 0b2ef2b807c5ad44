/**
 * What the stack is on paper, as it is synthesised: what costs while nobody waits, what it may do, and
 * what cdk-nag said of it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { idleBill } from '../../lib/rehearsal/results/bill.ts'
import { atMost, type Target, targetLines } from '../shared/target.ts'
import { STACK, type Template, type TemplateResource } from './bundles.ts'

export interface IdleLine {
  readonly what: string
  readonly count: number
  readonly unit: string
  /** By the price list, a month. */
  readonly listUsd: number
  /** What is left of it beyond what AWS gives every account for good. */
  readonly usd: number
}

export interface StackFigures {
  readonly idle: readonly IdleLine[]
  /** Types of resources of which nobody has said here what they cost. */
  readonly unknown: readonly string[]
  /** Statements that allow an action `*` or `service:*`. */
  readonly wildActions: number
  /** Actions that are allowed on every resource. */
  readonly wildResources: readonly string[]
  /** Rules of cdk-nag and of CDK that the stack breaks. */
  readonly findings: number
  /** Findings that are accepted, each with a reason in the code. */
  readonly acknowledged: number
}

const IDLE_USD_MAX = 1
const ALARM_METRIC_USD = 0.1
const DASHBOARD_USD = 3
/** A month, of an account (AWS: "Amazon CloudWatch pricing", "SQS pricing", "AWS Lambda pricing"). */
const ALLOWANCES: Readonly<Record<string, number>> = {
  'alarm metrics': 10,
  dashboards: 3,
  'SQS, asked by Lambda for messages': 1_000_000,
  'Lambda requests (clock)': 1_000_000,
  'Lambda time (clock)': 400_000,
  'CloudWatch logs': 5,
}

/** What is paid by use alone, or not at all: nothing while nobody comes but what `idleBill` counts. */
const FREE_WHILE_IDLE = [
  /^AWS::CloudFront::/,
  /^AWS::DynamoDB::GlobalTable$/,
  /^AWS::Events::Rule$/,
  /^AWS::IAM::/,
  /^AWS::Lambda::(?:EventInvokeConfig|EventSourceMapping|Function|LayerVersion|Permission|Url)$/,
  /^AWS::Logs::LogGroup$/,
  /^AWS::S3::(?:Bucket|BucketPolicy)$/,
  /^AWS::SQS::(?:Queue|QueuePolicy)$/,
  /^Custom::/,
]
const COUNTED = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::SecretsManager::Secret',
]

/** @param folder where the template was written to, with what CDK reports beside it. */
export function stackFigures(template: Template, folder: string): StackFigures {
  const resources = Object.values(template.Resources)
  const types = [...new Set(resources.map(({ Type }) => Type))]
  const statements = resources.flatMap(statementsOf)
  return {
    idle: idleLines(resources),
    unknown: types.filter(
      type => !COUNTED.includes(type) && !FREE_WHILE_IDLE.some(free => free.test(type)),
    ),
    wildActions: statements.filter(({ actions }) => actions.some(one => /(?:^|:)\*$/.test(one)))
      .length,
    wildResources: statements
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ actions }) => actions),
    findings: findingsIn(folder),
    acknowledged: acknowledgedIn(folder),
  }
}

export function stackText(figures: StackFigures): string {
  const { idle, acknowledged } = figures
  const usd = (figure: number) => figure.toFixed(2).padStart(8)
  return [
    'an idle month, USD                             count    list    beyond what every account has free',
    ...idle.map(
      ({ what, count, listUsd, usd: left }) =>
        `${what.padEnd(38)}${count.toLocaleString('en').padStart(14)}${usd(listUsd)}${usd(left)}`,
    ),
    `${'together'.padEnd(52)}${usd(total(idle, 'listUsd'))}${usd(total(idle, 'usd'))}`,
    `findings of cdk-nag that are accepted, each with its reason: ${acknowledged}`,
    '',
    ...targetLines(stackTargets(figures)),
  ].join('\n')
}

export function stackTargets(figures: StackFigures): Target[] {
  const { idle, unknown, wildActions, wildResources, findings } = figures
  return [
    atMost('an idle month beyond the free allowances, USD', total(idle, 'usd'), IDLE_USD_MAX),
    atMost('an idle month by the list, USD', total(idle, 'listUsd'), IDLE_USD_MAX),
    atMost(['types of unknown cost', ...unknown].join(' '), unknown.length, 0),
    atMost('statements that allow every action', wildActions, 0),
    atMost(
      ['actions allowed on every resource', ...wildResources].join(' '),
      wildResources.length,
      0,
    ),
    atMost('findings of cdk-nag', findings, 0),
  ]
}

function idleLines(resources: readonly TemplateResource[]): IdleLine[] {
  const of = (type: string) => resources.filter(({ Type }) => Type === type)
  const secrets = of('AWS::SecretsManager::Secret').length
  const alarmMetrics = of('AWS::CloudWatch::Alarm')
    .map(metricsOf)
    .reduce((all, one) => all + one, 0)
  const dashboards = of('AWS::CloudWatch::Dashboard').length
  const paidByUse = idleBill().lines.map(({ what, count, unit, usd }) =>
    // the bill is of one secret
    what === 'Secrets Manager'
      ? { what, count: secrets, unit, usd: usd * secrets }
      : { what, count, unit, usd },
  )
  return [
    ...paidByUse,
    {
      what: 'alarm metrics',
      count: alarmMetrics,
      unit: 'metrics',
      usd: alarmMetrics * ALARM_METRIC_USD,
    },
    { what: 'dashboards', count: dashboards, unit: 'dashboards', usd: dashboards * DASHBOARD_USD },
  ].map(({ what, count, unit, usd }) => {
    const left = Math.max(0, count - (ALLOWANCES[what] ?? 0))
    return { what, count, unit, listUsd: usd, usd: count === 0 ? 0 : (usd * left) / count }
  })
}

/** An alarm on an expression is paid by the metrics in it. */
function metricsOf({ Properties }: TemplateResource): number {
  const metrics: { MetricStat?: object }[] = Properties.Metrics ?? [{ MetricStat: {} }]
  return metrics.filter(({ MetricStat }) => MetricStat !== undefined).length
}

interface Statement {
  readonly actions: readonly string[]
  readonly resources: readonly unknown[]
}

/** What roles are allowed; a policy of a queue or a bucket is about that one alone. */
function statementsOf({ Type, Properties }: TemplateResource): Statement[] {
  if (!Type.startsWith('AWS::IAM::')) return []
  const documents = [Properties.PolicyDocument, ...(Properties.Policies ?? []).map(documentOf)]
  return documents
    .flatMap(document => document?.Statement ?? [])
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Resource }) => ({
      actions: [Action].flat(),
      resources: [Resource].flat(),
    }))
}

function documentOf({ PolicyDocument }: { PolicyDocument: unknown }) {
  return PolicyDocument
}

function findingsIn(folder: string): number {
  const { pluginReports } = JSON.parse(readFileSync(join(folder, 'validation-report.json'), 'utf8'))
  return pluginReports.flatMap(({ violations }: { violations: object[] }) => violations).length
}

function acknowledgedIn(folder: string): number {
  const metadata = JSON.parse(readFileSync(join(folder, `${STACK}.metadata.json`), 'utf8'))
  const entries = Object.values(metadata).flat() as { type: string }[]
  return entries.filter(({ type }) => type === 'aws:cdk:acknowledged-rules').length
}

function total(lines: readonly IdleLine[], column: 'listUsd' | 'usd'): number {
  return lines.reduce((sum, line) => sum + line[column], 0)
}
