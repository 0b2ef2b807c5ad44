/** The props of a `WaitingRoom`, and how each is checked. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import type { WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { FrontDomain } from './front/domain.ts'
import { checkRules, type FirewallRules } from './front/firewall.ts'
import type { WarmWindow } from './functions/warm-window.ts'
import type { ReservedConcurrency } from './functions/wired-function.ts'
import type { AlarmSet } from './operation/alarms.ts'
import type { MonthlyBudget } from './operation/operation.ts'
import {
  aNumber,
  aRetention,
  aText,
  aTopic,
  type Check,
  type Checks,
  checkProps,
  construct,
  each,
  memberOf,
  oneOf,
  texts,
  yesOrNo,
} from './props/checks.ts'
import { refuse } from './props/refuse.ts'

/**
 * All of them may be left out. docs/deploy.md says what each costs.
 *
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib'
 * import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
 * import { HostedZone } from 'aws-cdk-lib/aws-route53'
 * import { Topic } from 'aws-cdk-lib/aws-sns'
 * import { WaitingRoom } from '../lib/constructs/index.ts'
 *
 * const env = { account: '111122223333', region: 'us-east-1' }
 * const stack = new Stack(new App(), 'Sale', { env })
 * new WaitingRoom(stack, 'WaitingRoom', {
 *   domain: {
 *     name: 'wait.shop.example',
 *     hostedZone: HostedZone.fromLookup(stack, 'Zone', { domainName: 'shop.example' }),
 *   },
 *   alarmTopic: Topic.fromTopicArn(stack, 'Ops', 'arn:aws:sns:us-east-1:111122223333:ops'),
 *   monthlyBudget: { usd: 50, emails: ['ops@shop.example'] },
 *   firewall: { joinsPerMinute: 600 },
 *   // Sale at 06:00 UTC: 200 instances stand ready for two hours, which costs 2.40 USD.
 *   provisionedConcurrency: {
 *     instances: 200,
 *     from: '2026-12-01T05:50:00Z',
 *     until: '2026-12-01T07:50:00Z',
 *   },
 *   // While the shop's own alarm rings, its room lets fewer people in.
 *   healthAlarms: {
 *     cars: Alarm.fromAlarmArn(
 *       stack,
 *       'ShopIsSlow',
 *       'arn:aws:cloudwatch:us-east-1:111122223333:alarm:shop-is-slow',
 *     ),
 *   },
 * })
 * ```
 */
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
   * people in, down to the floor of the room's `health`, and more again when it is over. Only changes of
   * an alarm are noticed: of one that is in ALARM already when it is given here, or when its room is
   * made, the room hears at the next change. Until then `room health ROOM --alarm on` says it.
   *
   * @default - rooms hear of their showroom's health from the operators' API alone
   */
  readonly healthAlarms?: Readonly<Record<string, IAlarm>>
}

/** Each of them has a row in docs/deploy.md: test/constructs/props.test.ts compares. */
export const WAITING_ROOM_PROPS: Checks<WaitingRoomProps> = {
  // Not SNAPSHOT: neither a table nor a secret can have one.
  removalPolicy: oneOf(
    RemovalPolicy.RETAIN,
    RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    RemovalPolicy.DESTROY,
  ),
  logRetention: aRetention,
  warmThroughput: (prop, value) =>
    checkProps<WarmThroughput>(prop, value, {
      readUnitsPerSecond: aNumber,
      writeUnitsPerSecond: aNumber,
    }),
  domain: (prop, value) =>
    checkProps<FrontDomain>(
      prop,
      value,
      {
        name: aText,
        otherNames: texts,
        certificate: construct('a certificate', 'certificateArn'),
        hostedZone: construct('a hosted zone', 'hostedZoneId'),
      },
      ['name'],
    ),
  priceClass: memberOf('PriceClass', PriceClass),
  firewall: (prop, value) =>
    typeof value === 'object' && value !== null && 'webAclArn' in value
      ? checkProps<{ readonly webAclArn: string }>(prop, value, { webAclArn: anArn }, ['webAclArn'])
      : checkRules(prop, value),
  provisionedConcurrency: (prop, value) =>
    checkProps<WarmWindow>(prop, value, { instances: aNumber, from: aText, until: aText }, [
      'instances',
      'from',
      'until',
    ]),
  reservedConcurrency: each(aNumber),
  alarmTopic: aTopic,
  alarms: oneOf('none', 'essential', 'all'),
  dashboard: yesOrNo,
  monthlyBudget: (prop, value) =>
    checkProps<MonthlyBudget>(prop, value, { usd: aNumber, emails: texts }, ['usd', 'emails']),
  tags: each(aText),
  healthAlarms: each(construct('an alarm such as Alarm.fromAlarmArn(...)', 'alarmArn')),
}

/** An empty ARN would mean no firewall, and nobody would notice. */
const anArn: Check = (prop, value) => {
  aText(prop, value)
  if (value === '') refuse(prop, 'an empty text', 'that of a Firewall')
}
