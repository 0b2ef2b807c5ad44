/**
 * Numbers for operators, as log lines that CloudWatch makes metrics of: a line costs what any log
 * line costs, and nobody waits for it (docs/decisions/0013-metrics.md).
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

export const METRICS_NAMESPACE = 'Antichambre'

/**
 * A deployment is named by its table, which every function knows: two deployments in one account
 * stay apart. All numbers are of one room, but for those of the whole deployment.
 */
export const DIMENSIONS = { deployment: 'Deployment', room: 'Room' } as const

/** Every metric of a room and its unit. Each costs 0.30 USD for a whole month in which it is written. */
export const ROOM_METRICS = {
  /** Places drawn: those who joined, once their cohort is closed. */
  Arrivals: 'Count',
  /** Places let in. */
  Admitted: 'Count',
  /** People who walked in. */
  Entered: 'Count',
  /** Departures that the showroom told and that counted. */
  Departed: 'Count',
  /** Places that are drawn and not let in. */
  Waiting: 'Count',
  /** People in the showroom. */
  Inside: 'Count',
  /** Claimants who wait for the next free seat. */
  Held: 'Count',
  /** How late the batch came that was due. */
  TickAge: 'Milliseconds',
} as const

/** Metrics of the deployment: an alarm can watch them without knowing the rooms. */
export const DEPLOYMENT_METRICS = {
  /** Rooms in which people wait and nobody is let in. Written only when there are any. */
  Standstill: 'Count',
} as const

const UNITS = { ...ROOM_METRICS, ...DEPLOYMENT_METRICS }
export type RoomMetric = keyof typeof ROOM_METRICS
export type Values<Name extends string> = Readonly<Partial<Record<Name, number>>>

export interface Metrics {
  ofRoom(room: string, values: Values<RoomMetric>, atMs: number): void
  /** @param facts what is kept in the log beside the numbers, for somebody who looks. */
  ofDeployment(
    values: Values<keyof typeof DEPLOYMENT_METRICS>,
    atMs: number,
    facts: Readonly<Record<string, string>>,
  ): void
}

/**
 * @param write takes a whole line. Not `console.log`: Lambda wraps what that prints into JSON of its
 *   own, and CloudWatch finds metrics at the root of a line alone.
 */
export function createMetrics(deployment: string, write: (line: string) => void): Metrics {
  const put = (
    values: Values<string>,
    atMs: number,
    dimensions: Readonly<Record<string, string>>,
    facts: Readonly<Record<string, string>>,
  ) => {
    const names = Object.keys(values)
    if (names.length === 0) return
    const directive = {
      Namespace: METRICS_NAMESPACE,
      Dimensions: [Object.keys(dimensions)],
      Metrics: names.map(Name => ({ Name, Unit: UNITS[Name as keyof typeof UNITS] })),
    }
    const _aws = { Timestamp: atMs, CloudWatchMetrics: [directive] }
    write(`${JSON.stringify({ ...facts, ...dimensions, ...values, _aws })}\n`)
  }
  const ours = { [DIMENSIONS.deployment]: deployment }
  return {
    ofRoom: (room, values, atMs) => put(values, atMs, { ...ours, [DIMENSIONS.room]: room }, {}),
    ofDeployment: (values, atMs, facts) => put(values, atMs, ours, facts),
  }
}
