/** The queues of ticks and departures, each with one for messages that failed every time. */
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { TIMEOUTS } from './timeouts.ts'

/**
 * A message stays hidden this many function timeouts, so that nobody else gets it while a slow
 * function, and the retries of a throttled one, still hold it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_TIMEOUTS = 6
/** The longest SQS keeps anything: time to notice and to look. */
const RETENTION_MAX = Duration.days(14)

export class RoomQueues extends Construct {
  readonly ticks: Queue
  readonly departures: Queue
  /** Where the messages of each end that failed every time. */
  readonly deadLetters: { readonly ticks: Queue; readonly departures: Queue }

  constructor(scope: Construct, id: string) {
    super(scope, id)
    const ticks = this.queue('Ticks', {
      timeout: TIMEOUTS.admit,
      // Nobody needs an older tick: the next one does its work. Ten minutes are enough for the delay of a
      // tick and for all its attempts, so one that always fails ends in the dead letters.
      retention: Duration.minutes(10),
      attempts: 3,
    })
    const departures = this.queue('Departures', {
      timeout: TIMEOUTS.departures,
      // A departure that is lost is a seat that stays empty until its session ends.
      retention: RETENTION_MAX,
      attempts: 10,
    })
    this.ticks = ticks.queue
    this.departures = departures.queue
    this.deadLetters = { ticks: ticks.deadLetters, departures: departures.deadLetters }
  }

  private queue(
    id: string,
    props: { timeout: Duration; retention: Duration; attempts: number },
  ): { queue: Queue; deadLetters: Queue } {
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    }
    const deadLetters = new Queue(this, `${id}DeadLetters`, {
      ...common,
      retentionPeriod: RETENTION_MAX,
    })
    Validations.of(deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: 'This queue is where the redrive policy of another one leads.',
    })
    const queue = new Queue(this, id, {
      ...common,
      visibilityTimeout: Duration.seconds(props.timeout.toSeconds() * VISIBILITY_TIMEOUTS),
      retentionPeriod: props.retention,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: props.attempts },
    })
    return { queue, deadLetters }
  }
}
