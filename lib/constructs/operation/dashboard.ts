/** One page on which to watch a sale. Rooms appear on it by themselves, with their first numbers. */
import { Duration } from 'aws-cdk-lib'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { DIMENSIONS, METRICS_NAMESPACE, type RoomMetric } from '../../runtime/metrics.ts'
import type { Watched } from './alarms.ts'

const MINUTE = Duration.minutes(1)
/** Of the 24 columns that a dashboard has. */
const THIRD = 8
const WHOLE = 24

export function makeDashboard(
  scope: Construct,
  id: string,
  watched: Watched,
  alarms: readonly Alarm[],
): Dashboard {
  const { table, queues, functions } = watched
  const { visitor, operator, clock, admit, departures } = functions
  const ofRooms = (title: string, metrics: readonly RoomMetric[], statistic: string) =>
    graph(
      title,
      metrics.map(metric => search(table.tableName, metric, statistic)),
    )
  const each = (metric: string, statistic: string) =>
    [visitor, operator, clock, admit, departures].map(one =>
      one.metric(metric, { statistic, period: MINUTE }),
    )
  const dashboard = new Dashboard(scope, id, { periodOverride: PeriodOverride.INHERIT })
  const rows: IWidget[][] = [
    [new TextWidget({ width: WHOLE, height: 2, markdown: HEADING })],
    ...(alarms.length === 0
      ? []
      : [[new AlarmStatusWidget({ width: WHOLE, height: 3, alarms: [...alarms] })]]),
    [
      ofRooms('Arrivals and admissions a minute', ['Arrivals', 'Admitted'], Stats.SUM),
      ofRooms('Waiting', ['Waiting'], Stats.MAXIMUM),
      ofRooms('Inside, and on hold at a full house', ['Inside', 'Held'], Stats.MAXIMUM),
    ],
    [
      ofRooms('Walked in and left a minute', ['Entered', 'Departed'], Stats.SUM),
      ofRooms('How late batches come', ['TickAge'], Stats.MAXIMUM),
      graph('Queues: oldest tick (s), departures', [
        queues.ticks.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: 'max' }),
        queues.departures.metricApproximateNumberOfMessagesVisible({ period: MINUTE }),
      ]),
    ],
    [
      graph("Visitors' requests", [
        ...['UrlRequestCount', 'Url4xxCount', 'Url5xxCount'].map(name =>
          visitor.metric(name, { statistic: Stats.SUM, period: MINUTE }),
        ),
      ]),
      graph("How long visitors' requests take (ms)", [
        visitor.metricDuration({ period: MINUTE, statistic: Stats.p(50) }),
        visitor.metricDuration({ period: MINUTE, statistic: Stats.p(99) }),
      ]),
      graph('Functions at once', each('ConcurrentExecutions', Stats.MAXIMUM)),
    ],
    [
      graph('Functions that failed or were throttled', [
        ...each('Errors', Stats.SUM),
        ...each('Throttles', Stats.SUM),
      ]),
      graph('Table: units a minute', [
        table.metricConsumedReadCapacityUnits({ period: MINUTE, statistic: Stats.SUM }),
        table.metricConsumedWriteCapacityUnits({ period: MINUTE, statistic: Stats.SUM }),
      ]),
      graph('Table: refused', [
        table.metric('ReadThrottleEvents', { statistic: Stats.SUM, period: MINUTE }),
        table.metric('WriteThrottleEvents', { statistic: Stats.SUM, period: MINUTE }),
      ]),
    ],
  ]
  for (const row of rows) dashboard.addWidgets(...row)
  return dashboard
}

const HEADING =
  '# Antichambre\nWhat each alarm means and what to do: `docs/runbook.md`. Before a sale: `npm run -s cli -- preflight ROOM`.'

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, width: THIRD, height: 6, left: [...left], leftYAxis: { min: 0 } })
}

/** The metric of every room of this deployment, also of rooms that are made later. */
function search(deployment: string, metric: RoomMetric, statistic: string): MathExpression {
  const schema = [METRICS_NAMESPACE, DIMENSIONS.deployment, DIMENSIONS.room].join(',')
  const which = `MetricName="${metric}" ${DIMENSIONS.deployment}="${deployment}"`
  return new MathExpression({
    expression: `SEARCH('{${schema}} ${which}', '${statistic}', 60)`,
    label: '',
    usingMetrics: {},
    period: MINUTE,
  })
}
