/** The five functions, what each may touch, and what calls those that nobody asks by HTTP. */
import { Duration, Validations } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { SQS_BATCH_MAX } from '../queue/limits.ts'
import { ENVIRONMENT } from '../store/environment.ts'
import { roomFunction } from './room-function.ts'
import type { RoomQueues } from './room-queues.ts'
import { TIMEOUTS } from './timeouts.ts'

/** Instances that admit at once: a room needs a fraction of one, and visitors need the rest. */
const ADMIT_CONCURRENCY = 20
/** Instances that count departures at once: more would only wait for the same counters. */
const DEPARTURES_CONCURRENCY = 10
/** A message may hold a thousand departures, so a function takes few messages at a time. */
const DEPARTURES_BATCH = 2

export interface RoomFunctionsProps {
  readonly table: TableV2
  readonly queues: RoomQueues
  readonly masterSecret: Secret
  readonly logRetention: RetentionDays
}

export class RoomFunctions extends Construct {
  readonly visitor: NodejsFunction
  readonly operator: NodejsFunction
  readonly clock: NodejsFunction
  readonly admit: NodejsFunction
  readonly departures: NodejsFunction

  constructor(scope: Construct, id: string, props: RoomFunctionsProps) {
    super(scope, id)
    this.visitor = this.function('visitor', props, {
      description: 'Joins, places and turns of visitors',
      // Memory buys processor time: a join is mostly signing and waiting, a cold start mostly
      // loading, and at 512 MB a spike of cold starts is over sooner than its price matters.
      memoryMegabytes: 512,
      // It deletes an entry that it could not count.
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      sends: ['ticks', 'departures'],
      readsSecret: true,
    })
    this.operator = this.function('operator', props, {
      description: 'The API of operators',
      memoryMegabytes: 256,
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      sends: ['ticks'],
      readsSecret: true,
    })
    this.clock = this.function('clock', props, {
      description: "Sends each awake room's ticks of the next minute",
      memoryMegabytes: 256,
      tableActions: ['Query'],
      sends: ['ticks'],
      readsSecret: false,
    })
    this.admit = this.function('admit', props, {
      description: 'One admission step for each tick',
      // As for visitors: everybody in the line waits for this one.
      memoryMegabytes: 512,
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      sends: ['ticks'],
      readsSecret: true,
    })
    this.departures = this.function('departures', props, {
      description: 'Counts sessions that ended',
      // A thousand departures in one message are two thousand calls, one after another.
      memoryMegabytes: 512,
      tableActions: ['GetItem', 'UpdateItem'],
      sends: [],
      readsSecret: false,
    })
    this.callEachMinute(this.clock)
    this.admit.addEventSource(
      new SqsEventSource(props.queues.ticks, {
        batchSize: SQS_BATCH_MAX,
        maxConcurrency: ADMIT_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    )
    this.departures.addEventSource(
      new SqsEventSource(props.queues.departures, {
        batchSize: DEPARTURES_BATCH,
        maxConcurrency: DEPARTURES_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    )
    Validations.of(this).acknowledge(...ACKNOWLEDGED)
  }

  private function(file: keyof typeof TIMEOUTS, props: RoomFunctionsProps, own: OwnProps) {
    const { table, queues, masterSecret, logRetention } = props
    const id = `${file.charAt(0).toUpperCase()}${file.slice(1)}`
    const made = roomFunction(this, id, {
      file,
      description: `Antichambre: ${own.description}`,
      memoryMegabytes: own.memoryMegabytes,
      timeout: TIMEOUTS[file],
      logRetention,
      environment: {
        [ENVIRONMENT.table]: table.tableName,
        ...(own.sends.includes('ticks') && {
          [ENVIRONMENT.ticksQueue]: queues.ticks.queueUrl,
        }),
        ...(own.sends.includes('departures') && {
          [ENVIRONMENT.departuresQueue]: queues.departures.queueUrl,
        }),
        ...(own.readsSecret && { [ENVIRONMENT.masterSecret]: masterSecret.secretArn }),
      },
    })
    table.grant(made, ...own.tableActions.map(action => `dynamodb:${action}`))
    for (const queue of own.sends) queues[queue].grant(made, 'sqs:SendMessage')
    if (own.readsSecret) {
      made.addToRolePolicy(
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue'],
          resources: [masterSecret.secretArn],
        }),
      )
    }
    return made
  }

  /** A run that failed is tried once more; after its minute the next run does all of its work. */
  private callEachMinute(target: NodejsFunction): void {
    target.configureAsyncInvoke({ maxEventAge: Duration.minutes(1), retryAttempts: 1 })
    new Rule(this, 'EachMinute', {
      description: 'Antichambre: wakes the clock',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(target, { maxEventAge: Duration.minutes(1), retryAttempts: 1 })],
    })
  }
}

const ACKNOWLEDGED = [
  {
    id: 'Serverless-LambdaDLQ',
    reason:
      'Dead letters are for asynchronous calls. Four functions get none; a failed run of the fifth, the clock, is made up for by its next run a minute later.',
  },
  {
    id: 'Serverless-LambdaAsyncFailureDestination',
    reason: "The clock's next run, a minute later, does all that a failed one left undone.",
  },
  {
    id: 'Serverless-EventBusDLQ',
    reason: 'A minute that was not delivered is of no use later: the next one does its work.',
  },
  {
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason:
      'Messages that fail go to the dead letters of their queue by its redrive policy; SQS event sources take no destination.',
  },
  {
    id: 'Serverless-LambdaTracing',
    reason:
      'A request is one function and one table, so a trace would tell no more than the metrics do, and in a sale of 300,000 visitors it would be paid by the hundred thousand.',
  },
]

interface OwnProps {
  readonly description: string
  readonly memoryMegabytes: number
  /** Exactly what its store calls need, on the one table. */
  readonly tableActions: readonly string[]
  readonly sends: readonly ('ticks' | 'departures')[]
  readonly readsSecret: boolean
}
