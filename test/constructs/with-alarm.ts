/** A waiting room whose rooms listen to alarms of their owner. */
import type { Stack } from 'aws-cdk-lib'
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { WaitingRoomProps } from '../../lib/constructs/waiting-room-props.ts'

/** One alarm of this stack for two rooms, one of another stack for a third. */
export function withAlarm(stack: Stack): WaitingRoomProps {
  const slow = new Alarm(stack, 'Slow', {
    metric: new Metric({ namespace: 'Shop', metricName: 'Latency' }),
    threshold: 2,
    evaluationPeriods: 1,
  })
  const imported = Alarm.fromAlarmArn(stack, 'Imported', IMPORTED_ARN)
  return { healthAlarms: { cars: slow, vans: slow, boats: imported } }
}

export const IMPORTED_ARN = 'arn:aws:cloudwatch:eu-west-3:111122223333:alarm:boats'
