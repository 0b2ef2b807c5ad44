/** The whole waiting room as one construct. */
import { RemovalPolicy, Tags, Validations } from 'aws-cdk-lib'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { RoomQueues } from './data/room-queues.ts'
import { roomTable } from './data/room-table.ts'
import { Firewall } from './front/firewall.ts'
import { Front } from './front/front.ts'
import { PageBucket } from './front/page-bucket.ts'
import { HealthAlarms } from './functions/health-alarms.ts'
import { RoomFunctions } from './functions/room-functions.ts'
import type { ReservedConcurrency } from './functions/wired-function.ts'
import { Operation } from './operation/operation.ts'
import { checkProps } from './props/checks.ts'
import { refuse } from './props/refuse.ts'
import { WAITING_ROOM_PROPS, type WaitingRoomProps } from './waiting-room-props.ts'

/**
 * Table, functions, CloudFront, page, alarms and dashboard of one deployment, for any number of rooms.
 *
 * @example
 * ```ts
 * import { App, CfnOutput, Stack } from 'aws-cdk-lib'
 * import { WaitingRoom } from '../lib/constructs/index.ts'
 *
 * const stack = new Stack(new App(), 'Sale')
 * const waitingRoom = new WaitingRoom(stack, 'WaitingRoom')
 * // The command line and the gates ask for these two.
 * new CfnOutput(stack, 'Url', { value: waitingRoom.url })
 * new CfnOutput(stack, 'MasterSecretArn', { value: waitingRoom.masterSecret.secretArn })
 * ```
 */
export class WaitingRoom extends Construct {
  readonly table: TableV2
  readonly queues: RoomQueues
  /** Every key is derived from it; see lib/keys/key-ring.ts. */
  readonly masterSecret: Secret
  readonly functions: RoomFunctions
  /** Undefined without the prop `healthAlarms`. */
  readonly healthAlarms: HealthAlarms | undefined
  readonly front: Front
  /** Alarms, dashboard and budget. */
  readonly operation: Operation
  /** Where visitors and operators find the room. */
  readonly url: string

  /** @throws Error for a prop that is not there, or cannot be. */
  constructor(scope: Construct, id: string, props: WaitingRoomProps = {}) {
    super(scope, id)
    checkProps('props', props, WAITING_ROOM_PROPS)
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH
    const { domain, warmThroughput, healthAlarms: alarms = {}, alarmTopic } = props
    const hasAlarms = Object.keys(alarms).length > 0
    if (!hasAlarms) refuseHealth(props.reservedConcurrency)
    addTags(this, props.tags ?? {})

    this.table = roomTable(this, 'Table', { removalPolicy, warmThroughput })
    this.queues = new RoomQueues(this, 'Queues')
    this.masterSecret = masterSecret(this, 'MasterSecret', removalPolicy)
    const wiring = {
      table: this.table,
      queues: this.queues,
      masterSecret: this.masterSecret,
      logRetention,
      reservedConcurrency: props.reservedConcurrency,
    }
    this.functions = new RoomFunctions(this, 'Functions', {
      ...wiring,
      warmWindow: props.provisionedConcurrency,
    })
    this.healthAlarms = hasAlarms
      ? new HealthAlarms(this, 'HealthAlarms', { ...wiring, alarms })
      : undefined
    this.front = new Front(this, 'Front', {
      visitor: this.functions.entrance,
      operator: this.functions.operator,
      pages: new PageBucket(this, 'Pages', { logRetention }).bucket,
      domain,
      priceClass: props.priceClass ?? PriceClass.PRICE_CLASS_ALL,
      webAclArn: webAclArnOf(this, props.firewall),
    })
    this.url = `https://${domain?.name ?? this.front.distribution.distributionDomainName}`
    this.operation = new Operation(this, 'Operation', {
      table: this.table,
      queues: this.queues,
      functions: this.functions,
      alarms: props.alarms ?? (alarmTopic === undefined ? 'essential' : 'all'),
      alarmTopic,
      dashboard: props.dashboard ?? true,
      monthlyBudget: props.monthlyBudget,
    })
  }
}

/** Only a room with `healthAlarms` has the function `health`. */
function refuseHealth({ health }: ReservedConcurrency = {}): void {
  if (health === undefined) return
  throw new Error(
    `reservedConcurrency.health: ${health} came, but without healthAlarms there is no such function`,
  )
}

function webAclArnOf(scope: Construct, firewall: WaitingRoomProps['firewall']) {
  if (firewall === undefined) return undefined
  return 'webAclArn' in firewall
    ? firewall.webAclArn
    : new Firewall(scope, 'Firewall', firewall).webAclArn
}

/** @see https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
function addTags(scope: Construct, tags: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(tags)) {
    if (!/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu.test(key)) {
      refuse(
        'tags',
        `the key "${key}"`,
        '1 to 128 letters, digits, spaces or _.:/=+-@, not aws:...,',
      )
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) {
      refuse(`tags.${key}`, `"${value}"`, 'at most 256 letters, digits, spaces or _.:/=+-@')
    }
    Tags.of(scope).add(key, value)
  }
}

/** `{ "current": "k1", "k1": "<64 characters>" }`, made by Secrets Manager and seen by nobody. */
function masterSecret(scope: Construct, id: string, removalPolicy: RemovalPolicy): Secret {
  const secret = new Secret(scope, id, {
    description: 'Antichambre: the key that every other is derived from',
    removalPolicy,
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ current: 'k1' }),
      generateStringKey: 'k1',
      passwordLength: 64,
      excludePunctuation: true,
    },
  })
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Rotation is a second key beside the first, added by its owner: one that a timer starts could fall into a sale and end the tickets in it.',
  })
  return secret
}
