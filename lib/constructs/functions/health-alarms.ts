/** Alarms that slow rooms down: each change of an alarm is told to the rooms whose showroom it watches. */
import { Duration, Stack, Validations } from 'aws-cdk-lib'
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { Construct } from 'constructs'
import { complaintAboutCount } from '../../queue/complaint.ts'
import { ROOM_ID, ROOM_ID_RULE } from '../../queue/limits.ts'
import { ENVIRONMENT } from '../../runtime/environment.ts'
import { type WiringProps, wiredFunction } from './wired-function.ts'

/**
 * Rooms that may have an alarm: with ARNs of a hundred characters, which is usual, all of them fit
 * into one event pattern (2,048 characters) and into one function's environment (4 KB).
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const HEALTH_ALARMS_MAX = 20

/** How long, and how often, a change is told again after a failure. A lost OK would leave its room slow. */
const WORD_AGE_MAX = Duration.hours(1)
const WORD_RETRIES = 2

export interface HealthAlarmsProps extends WiringProps {
  /** By the id of the room; several rooms may have one alarm. */
  readonly alarms: Readonly<Record<string, IAlarm>>
}

export class HealthAlarms extends Construct {
  readonly health: NodejsFunction

  constructor(scope: Construct, id: string, props: HealthAlarmsProps) {
    super(scope, id)
    const { alarms, ...wiring } = props
    refuseWrongRooms(Object.keys(alarms))
    const arns = Object.entries(alarms).map(([room, alarm]) => [room, alarm.alarmArn] as const)
    this.health = wiredFunction(this, 'health', wiring, {
      description: 'Tells rooms of the alarms that watch their showrooms',
      memoryMegabytes: 256,
      tableActions: ['Query', 'UpdateItem'],
      sends: ['ticks'],
      readsSecret: false,
      environment: {
        [ENVIRONMENT.healthAlarms]: Stack.of(this).toJsonString(Object.fromEntries(arns)),
      },
    })
    const patience = { maxEventAge: WORD_AGE_MAX, retryAttempts: WORD_RETRIES }
    this.health.configureAsyncInvoke(patience)
    new Rule(this, 'AlarmChanges', {
      description: 'Antichambre: an alarm of a showroom went on or off',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: [...new Set(arns.map(([, arn]) => arn))],
      },
      targets: [new LambdaFunction(this.health, patience)],
    })
    Validations.of(this).acknowledge(...ACKNOWLEDGED)
  }
}

function refuseWrongRooms(rooms: readonly string[]): void {
  const wrong = rooms.filter(room => !ROOM_ID.test(room))
  if (wrong.length > 0) {
    throw new Error(`healthAlarms: ${wrong.join(', ')} came, a room's id has ${ROOM_ID_RULE}`)
  }
  if (rooms.length > HEALTH_ALARMS_MAX) {
    const came = `${rooms.length} rooms`
    throw new Error(`healthAlarms: ${complaintAboutCount(came, `at most ${HEALTH_ALARMS_MAX}`)}`)
  }
}

const LAST_WORD =
  'A word that failed three times is not kept: told hours later it would be wrong. The operator says by hand whether the showroom suffers.'
const ACKNOWLEDGED = [
  { id: 'Serverless-LambdaDLQ', reason: LAST_WORD },
  { id: 'Serverless-LambdaAsyncFailureDestination', reason: LAST_WORD },
  { id: 'Serverless-EventBusDLQ', reason: LAST_WORD },
  {
    id: 'Serverless-LambdaTracing',
    reason: 'It runs when an alarm changes; its log says all that a trace would.',
  },
]
