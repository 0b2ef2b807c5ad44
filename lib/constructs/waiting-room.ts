/** The whole waiting room as one construct. */
import { RemovalPolicy, Tags, Validations } from 'aws-cdk-lib'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2, WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { AlarmSet } from './alarms.ts'
import { checkProps } from './checks.ts'
import { Firewall, type FirewallRules } from './firewall.ts'
import { Front } from './front.ts'
import type { FrontDomain } from './front-domain.ts'
import { HealthAlarms } from './health-alarms.ts'
import { type MonthlyBudget, Operation } from './operation.ts'
import { PageBucket } from './page-bucket.ts'
import { refuse } from './refuse.ts'
import { RoomFunctions } from './room-functions.ts'
import { RoomQueues } from './room-queues.ts'
import { roomTable } from './room-table.ts'
import { WAITING_ROOM_PROPS } from './waiting-room-checks.ts'
import type { WarmWindow } from './warm-window.ts'
import type { ReservedConcurrency } from './wired-function.ts'

export interface WaitingRoomProps {
  /**
   * What becomes of the table and of the master secret when they leave the stack. With `RETAIN` the
   * table is protected against deletion as well; `DESTROY` is for trials.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy
  /**
   * How long the functions' logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays
  /**
   * Units a second that the table bears from its first moment on. A new table bears 4,000 writes
   * and 12,000 reads, which is enough for 300,000 visitors; more is charged once, when it is set.
   *
   * @default - what DynamoDB gives every new table
   */
  readonly warmThroughput?: WarmThroughput
  /**
   * A name of your own for the room.
   *
   * @default - CloudFront's own name, `<something>.cloudfront.net`
   */
  readonly domain?: FrontDomain
  /**
   * Where in the world CloudFront answers.
   *
   * @default PriceClass.PRICE_CLASS_ALL
   */
  readonly priceClass?: PriceClass
  /**
   * A firewall: rules of its own, in a stack in us-east-1; or the one that a `Firewall` made there,
   * `{ webAclArn }`. 8 USD a month while nobody waits. No rule touches the polls of those who wait.
   *
   * @default - none
   */
  readonly firewall?: FirewallRules | { readonly webAclArn: string }
  /**
   * Instances of the visitors' function that stand ready around an opening. Each costs 0.006 USD an
   * hour (512 MB); without them the first second of a rush meets cold starts of about 0.4 s.
   *
   * @default - none: Lambda starts instances as visitors come
   */
  readonly provisionedConcurrency?: WarmWindow
  /**
   * Instances that are kept for a function and are all that it may have, by its name: `visitor`,
   * `operator`, `clock`, `admit`, `departures`, and beside `healthAlarms` `health`. With
   * `{ admit: 20, clock: 1 }` admission goes on however many visitors come. AWS refuses to leave fewer
   * than 100 for the rest of the account.
   *
   * @default - none: the functions share what the account has
   */
  readonly reservedConcurrency?: ReservedConcurrency
  /**
   * Where alarms ring, and say when they are over.
   *
   * @default - nowhere: they are seen on the dashboard
   */
  readonly alarmTopic?: ITopic
  /**
   * Which alarms there are: `none`, `essential` (0.60 USD a month) or `all` (1.10). Each has a section
   * in docs/runbook.md. The first ten of an account are free.
   *
   * @default - `all` with an alarm topic, `essential` without one
   */
  readonly alarms?: AlarmSet
  /**
   * A dashboard. The first three of an account are free; others cost 3 USD a month.
   *
   * @default true
   */
  readonly dashboard?: boolean
  /**
   * Tells by e-mail when the account gets expensive. Budgets are free.
   *
   * @default - none
   */
  readonly monthlyBudget?: MonthlyBudget
  /**
   * Tags for everything here that can have any.
   *
   * @default - none but those of the stack
   */
  readonly tags?: Readonly<Record<string, string>>
  /**
   * Alarms by the id of the room whose showroom they watch, 20 at most, of this account and region;
   * several rooms may have one alarm. While it is in the state ALARM its room lets fewer and fewer
   * people in, down to the floor of the room's `health`, and more again when it is over. An alarm
   * speaks when it changes: one that is in ALARM already when it is given here, or when its room is
   * made, is heard at its next change, and until then the operator can say it.
   *
   * @default - rooms hear of their showroom's health from the operators' API alone
   */
  readonly healthAlarms?: Readonly<Record<string, IAlarm>>
}

export class WaitingRoom extends Construct {
  readonly table: TableV2
  readonly queues: RoomQueues
  /** Every key is derived from it; see lib/store/keys.ts. */
  readonly masterSecret: Secret
  readonly functions: RoomFunctions
  /** Where any were given. */
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

/** The one function that is not in every room. */
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
