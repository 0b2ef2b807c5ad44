/** The whole waiting room as one construct. */
import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import type { TableV2, WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { Front, type FrontDomain } from './front.ts'
import { PageBucket } from './page-bucket.ts'
import { RoomFunctions } from './room-functions.ts'
import { RoomQueues } from './room-queues.ts'
import { roomTable } from './room-table.ts'

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
   * A name of your own for the room; its DNS record is yours to make.
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
}

export class WaitingRoom extends Construct {
  readonly table: TableV2
  readonly queues: RoomQueues
  /** Every key is derived from it; see lib/store/keys.ts. */
  readonly masterSecret: Secret
  readonly functions: RoomFunctions
  readonly front: Front
  /** Where visitors and operators find the room. */
  readonly url: string

  constructor(scope: Construct, id: string, props: WaitingRoomProps = {}) {
    super(scope, id)
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH
    const { domain, warmThroughput } = props

    this.table = roomTable(this, 'Table', { removalPolicy, warmThroughput })
    this.queues = new RoomQueues(this, 'Queues')
    this.masterSecret = masterSecret(this, 'MasterSecret', removalPolicy)
    this.functions = new RoomFunctions(this, 'Functions', {
      table: this.table,
      queues: this.queues,
      masterSecret: this.masterSecret,
      logRetention,
    })
    this.front = new Front(this, 'Front', {
      visitor: this.functions.visitor,
      operator: this.functions.operator,
      pages: new PageBucket(this, 'Pages', { logRetention }).bucket,
      domain,
      priceClass: props.priceClass ?? PriceClass.PRICE_CLASS_ALL,
    })
    this.url = `https://${domain?.name ?? this.front.distribution.distributionDomainName}`
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
