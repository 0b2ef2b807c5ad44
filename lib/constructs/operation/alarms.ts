/** The alarms. Each has a section of its own name in docs/runbook.md; a test checks that. */
import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'
import { DIMENSIONS, METRICS_NAMESPACE } from '../../runtime/metrics.ts'
import type { RoomQueues } from '../data/room-queues.ts'
import type { RoomFunctions } from '../functions/room-functions.ts'

/**
 * `essential`: a sale stands still, or turns people away; 0.60 USD a month. `all`: also what explains
 * why, and what can wait until tomorrow; 1.10 USD a month.
 */
export type AlarmSet = 'none' | 'essential' | 'all'

export interface Watched {
  readonly table: TableV2
  readonly queues: RoomQueues
  readonly functions: RoomFunctions
}

export interface AlarmPlan {
  readonly id: string
  readonly says: string
  readonly isEssential: boolean
  readonly metric: IMetric
  /** Rings at this value and above. */
  readonly threshold: number
  /** `[2, 3]`: in two of the last three minutes. */
  readonly minutes: readonly [number, number]
  /** @default TreatMissingData.NOT_BREACHING: no news is good news */
  readonly missing?: TreatMissingData
}

const MINUTE = Duration.minutes(1)

export function makeAlarms(scope: Construct, set: AlarmSet, watched: Watched): Alarm[] {
  if (set === 'none') return []
  return plansFor(watched)
    .filter(plan => set === 'all' || plan.isEssential)
    .map(plan => alarmOf(scope, plan))
}

/** Has alarms tell the topic when they begin and when they are over. */
export function ringAt(topic: ITopic, alarms: readonly Alarm[]): void {
  const tell = new SnsAction(topic)
  for (const alarm of alarms) {
    alarm.addAlarmAction(tell)
    alarm.addOkAction(tell)
  }
}

export function alarmOf(scope: Construct, plan: Omit<AlarmPlan, 'isEssential'>): Alarm {
  const [datapointsToAlarm, evaluationPeriods] = plan.minutes
  return new Alarm(scope, plan.id, {
    alarmDescription: `Antichambre: ${plan.says} What to do: docs/runbook.md#${plan.id.toLowerCase()}`,
    metric: plan.metric,
    threshold: plan.threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm,
    evaluationPeriods,
    treatMissingData: plan.missing ?? TreatMissingData.NOT_BREACHING,
  })
}

function plansFor({ table, queues, functions }: Watched): AlarmPlan[] {
  const { visitor, clock } = functions
  return [
    {
      id: 'NobodyLetIn',
      says: 'people wait in a room, and nobody is let in.',
      isEssential: true,
      metric: new Metric({
        namespace: METRICS_NAMESPACE,
        metricName: 'Standstill',
        dimensionsMap: { [DIMENSIONS.deployment]: table.tableName },
        statistic: Stats.MAXIMUM,
        period: MINUTE,
      }),
      threshold: 1,
      minutes: [3, 3],
    },
    {
      id: 'TicksWait',
      says: 'requests for admission steps wait in their queue, and nobody takes them.',
      isEssential: true,
      metric: queues.ticks.metricApproximateAgeOfOldestMessage({
        period: MINUTE,
        statistic: 'max',
      }),
      // The clock sends ticks up to two minutes ahead; they may count as old all that time.
      threshold: 240,
      minutes: [2, 2],
    },
    {
      id: 'ClockFails',
      says: 'the clock, which wakes rooms each minute, fails or does not run.',
      isEssential: true,
      metric: clock.metricErrors({ period: MINUTE }),
      threshold: 1,
      minutes: [5, 5],
      // A run without an error counts as 0. No count at all means that the clock did not run.
      missing: TreatMissingData.BREACHING,
    },
    { id: 'TicksDeadLetters', isEssential: true, ...deadLetters(queues, 'ticks') },
    {
      id: 'ErrorRate',
      says: "more than one in twenty of visitors' requests fails.",
      isEssential: true,
      metric: new MathExpression({
        // Below 20 requests a minute a share says nothing.
        expression: 'IF(requests >= 20, 100 * FILL(failed, 0) / requests, 0)',
        usingMetrics: {
          failed: visitor.metric('Url5xxCount', { statistic: Stats.SUM, period: MINUTE }),
          requests: visitor.metric('UrlRequestCount', { statistic: Stats.SUM, period: MINUTE }),
        },
        label: 'Requests that failed, percent',
        period: MINUTE,
      }),
      threshold: 5,
      minutes: [3, 3],
    },
    { id: 'DeparturesDeadLetters', isEssential: false, ...deadLetters(queues, 'departures') },
    {
      id: 'Throttles',
      says: "Lambda turns visitors' requests away: too few may run at once.",
      isEssential: false,
      metric: visitor.metricThrottles({ period: MINUTE }),
      threshold: 10,
      minutes: [2, 3],
    },
    {
      id: 'SlowJoins',
      says: "one in a hundred of visitors' requests takes three seconds and more.",
      isEssential: false,
      metric: visitor.metricDuration({ period: MINUTE, statistic: Stats.p(99) }),
      threshold: 3_000,
      minutes: [3, 3],
    },
    {
      id: 'TableThrottles',
      says: 'the table refuses reads or writes: it has not grown to this rush yet.',
      isEssential: false,
      metric: new MathExpression({
        // SUM passes over a metric that was never written; with `reads + writes` there would be no number.
        expression: 'SUM([reads, writes])',
        usingMetrics: {
          reads: table.metric('ReadThrottleEvents', { statistic: Stats.SUM, period: MINUTE }),
          writes: table.metric('WriteThrottleEvents', { statistic: Stats.SUM, period: MINUTE }),
        },
        label: 'Requests that the table refused',
        period: MINUTE,
      }),
      threshold: 100,
      minutes: [2, 3],
    },
  ]
}

function deadLetters(queues: RoomQueues, name: 'ticks' | 'departures') {
  const queue = queues.deadLetters[name]
  return {
    says: `a message of the queue of ${name} failed every time.`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: 'max' }),
    threshold: 1,
    minutes: [1, 1],
  } satisfies Partial<AlarmPlan>
}
