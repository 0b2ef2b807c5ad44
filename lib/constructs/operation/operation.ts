/** What a sale is watched with: alarms, a dashboard, a budget. */
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import type { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { refuse } from '../props/refuse.ts'
import { type AlarmSet, makeAlarms, ringAt, type Watched } from './alarms.ts'
import { makeDashboard } from './dashboard.ts'

export interface MonthlyBudget {
  /** What the whole account may cost in a month, US dollars. */
  readonly usd: number
  /** Who is told at 80 percent of it, and when it is going to be exceeded: 1 to 10 addresses. */
  readonly emails: readonly string[]
}

export interface OperationProps extends Watched {
  readonly alarms: AlarmSet
  readonly alarmTopic: ITopic | undefined
  readonly dashboard: boolean
  readonly monthlyBudget: MonthlyBudget | undefined
}

export class Operation extends Construct {
  readonly alarms: readonly Alarm[]
  /** Undefined where none was wanted. */
  readonly dashboard: Dashboard | undefined

  constructor(scope: Construct, id: string, props: OperationProps) {
    super(scope, id)
    const { alarmTopic, monthlyBudget } = props
    this.alarms = makeAlarms(new Construct(this, 'Alarms'), props.alarms, props)
    if (alarmTopic !== undefined) ringAt(alarmTopic, this.alarms)
    this.dashboard = props.dashboard
      ? makeDashboard(this, 'Dashboard', props, this.alarms)
      : undefined
    if (monthlyBudget !== undefined) makeBudget(this, 'MonthlyBudget', monthlyBudget)
  }
}

/** By e-mail, not by the topic: the topic's policy would have to let AWS Budgets in first. */
function makeBudget(scope: Construct, id: string, { usd, emails }: MonthlyBudget): void {
  if (!(usd >= 1 && usd <= 1_000_000)) refuse('monthlyBudget.usd', usd, '1 to 1000000')
  if (emails.length < 1 || emails.length > 10) {
    refuse('monthlyBudget.emails', emails.length, 'a list of 1 to 10')
  }
  const wrong = emails.find(email => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
  if (wrong !== undefined)
    refuse('monthlyBudget.emails', wrong, 'an address such as ops@shop.example')
  const subscribers = emails.map(address => ({ subscriptionType: 'EMAIL', address }))
  const tellAt = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: {
      notificationType,
      threshold,
      thresholdType: 'PERCENTAGE',
      comparisonOperator: 'GREATER_THAN',
    },
    subscribers,
  })
  new CfnBudget(scope, id, {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: usd, unit: 'USD' },
    },
    notificationsWithSubscribers: [tellAt('ACTUAL', 80), tellAt('FORECASTED', 100)],
  })
}
