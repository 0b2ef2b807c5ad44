/** What each prop of a `WaitingRoom` is. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { PriceClass } from 'aws-cdk-lib/aws-cloudfront'
import type { WarmThroughput } from 'aws-cdk-lib/aws-dynamodb'
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
} from './checks.ts'
import { checkRules } from './firewall.ts'
import type { FrontDomain } from './front-domain.ts'
import type { MonthlyBudget } from './operation.ts'
import { refuse } from './refuse.ts'
import type { WaitingRoomProps } from './waiting-room.ts'
import type { WarmWindow } from './warm-window.ts'

/** An empty one would be no firewall, and nobody would be told. */
const anArn: Check = (prop, value) => {
  aText(prop, value)
  if (value === '') refuse(prop, 'an empty text', 'that of a Firewall')
}

/** Each of them has a row in docs/deploy.md; a test compares. */
export const WAITING_ROOM_PROPS: Checks<WaitingRoomProps> = {
  // a snapshot there is of neither table nor secret
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
