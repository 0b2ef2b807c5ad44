/** The five functions, what each may touch, and what calls those that nobody asks by HTTP. */
import { Duration, Validations } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { SQS_BATCH_MAX } from '../../queue/limits.ts'
import { TIMEOUTS } from '../data/timeouts.ts'
import { refuse, requireWhole } from '../props/refuse.ts'
import { checkWarmWindow, type WarmWindow, withWarmWindow } from './warm-window.ts'
import { type ReservedConcurrency, type WiringProps, wiredFunction } from './wired-function.ts'

/** Instances of `admit` at most: a room needs a fraction of one, and visitors need all others. */
const ADMIT_CONCURRENCY = 20
/** Instances that count departures at once: more would only wait for the same counters. */
const DEPARTURES_CONCURRENCY = 10
/** A message may hold a thousand departures, so a function takes few messages at a time. */
const DEPARTURES_BATCH = 2

export interface RoomFunctionsProps extends WiringProps {
  /** When instances of the visitors' function stand ready; undefined: never. */
  readonly warmWindow?: WarmWindow | undefined
}

export class RoomFunctions extends Construct {
  readonly visitor: NodejsFunction
  /** Where visitors come in: the function itself, or the version whose instances stand ready. */
  readonly entrance: IFunction
  readonly operator: NodejsFunction
  readonly clock: NodejsFunction
  readonly admit: NodejsFunction
  readonly departures: NodejsFunction

  constructor(scope: Construct, id: string, props: RoomFunctionsProps) {
    super(scope, id)
    const { warmWindow, reservedConcurrency } = props
    if (warmWindow !== undefined) checkWarmWindow(this, warmWindow)
    checkReserved(reservedConcurrency, warmWindow)
    this.visitor = wiredFunction(this, 'visitor', props, {
      description: 'Joins, places and turns of visitors',
      // Memory buys processor time: a join is mostly signing and waiting, a cold start mostly
      // loading, and at 512 MB a spike of cold starts is over sooner than its price matters.
      memoryMegabytes: 512,
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
      sends: ['ticks', 'departures'],
      readsSecret: true,
    })
    this.entrance =
      warmWindow === undefined ? this.visitor : withWarmWindow(this.visitor, warmWindow)
    this.operator = wiredFunction(this, 'operator', props, {
      description: 'The API of operators',
      memoryMegabytes: 256,
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
      sends: ['ticks'],
      readsSecret: true,
    })
    this.clock = wiredFunction(this, 'clock', props, {
      description: "Sends each awake room's ticks of the next minute",
      memoryMegabytes: 256,
      tableActions: ['Query'],
      sends: ['ticks'],
      readsSecret: false,
    })
    this.admit = wiredFunction(this, 'admit', props, {
      description: 'One admission step for each tick',
      // As much as for visitors: everybody in the line waits for this function.
      memoryMegabytes: 512,
      tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
      sends: ['ticks'],
      readsSecret: true,
    })
    this.departures = wiredFunction(this, 'departures', props, {
      description: 'Takes up what showrooms say: departures, and what is left to sell',
      // A thousand departures in one message are two thousand calls, one after another.
      memoryMegabytes: 512,
      // A word about the stock changes the room's configuration, and is noted in its history.
      tableActions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      // What was sold is told at once: perhaps it was the last.
      sends: ['ticks'],
      readsSecret: false,
    })
    this.callEachMinute(this.clock)
    feed(this.admit, props.queues.ticks, SQS_BATCH_MAX, ADMIT_CONCURRENCY)
    feed(this.departures, props.queues.departures, DEPARTURES_BATCH, DEPARTURES_CONCURRENCY)
    Validations.of(this).acknowledge(...ACKNOWLEDGED)
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

/**
 * Hands a queue's messages to a function. CDK's `SqsEventSource` would let the role look up the queue and
 * hide messages too, which Lambda never does: these three are all that AWS asks for.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
function feed(target: NodejsFunction, queue: Queue, batchSize: number, maxConcurrency: number) {
  queue.grant(target, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes')
  target.addEventSourceMapping('Messages', {
    eventSourceArn: queue.queueArn,
    batchSize,
    maxConcurrency,
    reportBatchItemFailures: true,
  })
}

/** With fewer instances than a queue has readers, messages would wait until they are given up. */
const RESERVED_MIN: ReservedConcurrency = {
  admit: ADMIT_CONCURRENCY,
  departures: DEPARTURES_CONCURRENCY,
}
/** More than any account is given without talking to AWS. */
const RESERVED_MAX = 100_000

function checkReserved(reserved: ReservedConcurrency = {}, warmWindow?: WarmWindow): void {
  const names = Object.keys(TIMEOUTS) as (keyof typeof TIMEOUTS)[]
  const foreign = Object.keys(reserved).find(name => !(names as string[]).includes(name))
  if (foreign !== undefined) refuse('reservedConcurrency', foreign, `one of ${names.join(', ')}`)
  for (const name of names) {
    const value = reserved[name]
    const bounds = { min: RESERVED_MIN[name] ?? 1, max: RESERVED_MAX }
    if (value !== undefined) requireWhole(`reservedConcurrency.${name}`, value, bounds)
  }
  const { visitor } = reserved
  if (visitor === undefined || warmWindow === undefined || visitor >= warmWindow.instances) return
  refuse(
    'reservedConcurrency.visitor',
    visitor,
    `at least ${warmWindow.instances}, which are to stand ready,`,
  )
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
