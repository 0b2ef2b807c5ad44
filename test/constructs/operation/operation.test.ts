import { readFileSync } from 'node:fs'
import { Stack, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AlarmSet } from '../../../lib/constructs/operation/alarms.ts'
import { antichambreStack } from '../../../lib/constructs/stack.ts'
import { WaitingRoom } from '../../../lib/constructs/waiting-room.ts'
import type { WaitingRoomProps } from '../../../lib/constructs/waiting-room-props.ts'
import { ROOM_METRICS } from '../../../lib/runtime/metrics.ts'
import { at, placeOf, resources, synthesise, testApp } from '../synthesise.ts'

const BUDGET = { usd: 50, emails: ['ops@shop.example'] }
const OURS = 'WaitingRoom/Operation/'

let all: Template
let usual: Template
beforeAll(() => {
  all = synthesise({ alarms: 'all', monthlyBudget: BUDGET })
  usual = synthesise()
})

const alarmsOf = (template: Template) =>
  Object.values(resources(template, 'AWS::CloudWatch::Alarm')).map(alarm => ({
    name: placeOf(alarm).replace(`${OURS}Alarms/`, ''),
    ...alarm.Properties,
  }))
const namesOf = (template: Template) => alarmsOf(template).map(({ name }) => name)

/** Alarms are paid by the metrics that they look at. */
const metricsOf = (template: Template) =>
  alarmsOf(template).flatMap(({ Metrics = [{ MetricStat: {} }] }) =>
    Metrics.filter((one: { MetricStat?: object }) => one.MetricStat !== undefined),
  ).length

const ESSENTIAL = ['NobodyLetIn', 'TicksWait', 'ClockFails', 'TicksDeadLetters', 'ErrorRate']
const MORE = ['DeparturesDeadLetters', 'Throttles', 'SlowJoins', 'TableThrottles']

describe('which alarms there are', () => {
  const sets: [WaitingRoomProps['alarms'], string[]][] = [
    [undefined, ESSENTIAL],
    ['essential', ESSENTIAL],
    ['all', [...ESSENTIAL, ...MORE]],
    ['none', []],
  ]
  test.each(sets)('%s', (alarms, names) => {
    const template = synthesise(alarms === undefined ? {} : { alarms })
    expect(namesOf(template)).toEqual(names)
  })

  test('with a topic: all of them, and each rings there and says when it is over', () => {
    const template = synthesise(stack => ({ alarmTopic: new Topic(stack, 'Topic') }))
    const topic = [{ Ref: at(template, 'Topic').id }]
    expect(namesOf(template)).toEqual([...ESSENTIAL, ...MORE])
    for (const alarm of alarmsOf(template)) {
      expect([alarm.AlarmActions, alarm.OKActions]).toEqual([topic, topic])
    }
  })

  test('a set that does not exist is refused', () => {
    const alarms = 'some' as AlarmSet
    expect(() => synthesise({ alarms })).toThrow(
      'alarms: some came, none, essential or all is allowed',
    )
  })
})

describe('what is paid while nobody waits', () => {
  test('is at most 1 USD a month, by list prices: the secret and the essential alarms', () => {
    const secrets = Object.keys(resources(usual, 'AWS::SecretsManager::Secret')).length
    const dashboards = Object.keys(resources(usual, 'AWS::CloudWatch::Dashboard')).length
    expect([secrets, metricsOf(usual), dashboards]).toEqual([1, 6, 1])
    expect(secrets * 0.4 + metricsOf(usual) * 0.1).toBeLessThanOrEqual(1)
  })

  test('is what the props say of all alarms: eleven metrics, 1.10 USD', () => {
    expect(metricsOf(all)).toBe(11)
  })
})

describe('what rings', () => {
  const alarm = (name: string) => {
    const found = alarmsOf(all).find(one => one.name === name)
    if (found === undefined) throw new Error(`no alarm ${name}`)
    return found
  }

  test('failure mode 44: people wait and nobody is let in, for three minutes, in any room', () => {
    expect(alarm('NobodyLetIn')).toMatchObject({
      Namespace: 'Antichambre',
      MetricName: 'Standstill',
      Dimensions: [{ Name: 'Deployment', Value: { Ref: at(all, 'WaitingRoom/Table').id } }],
      Statistic: 'Maximum',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    })
  })

  test('failure mode 44: a clock that fails, and one that does not run at all', () => {
    expect(alarm('ClockFails')).toMatchObject({
      MetricName: 'Errors',
      Dimensions: [{ Value: { Ref: at(all, 'WaitingRoom/Functions/Clock').id } }],
      TreatMissingData: 'breaching',
    })
  })

  test.each([
    ['TicksDeadLetters', 'TicksDeadLetters'],
    ['DeparturesDeadLetters', 'DeparturesDeadLetters'],
    ['TicksWait', 'Ticks'],
  ])('%s watches the queue %s', (name, queue) => {
    const { id } = at(all, `WaitingRoom/Queues/${queue}`)
    expect(alarm(name).Dimensions[0].Value).toEqual({ 'Fn::GetAtt': [id, 'QueueName'] })
  })

  test('ticks are old only after the two minutes that the clock sends them ahead', () => {
    expect(alarm('TicksWait').Threshold).toBeGreaterThan(120)
  })

  test('only the clock is missed when it says nothing', () => {
    const missed = alarmsOf(all).filter(one => one.TreatMissingData !== 'notBreaching')
    expect(missed.map(({ name }) => name)).toEqual(['ClockFails'])
  })
})

describe('docs/runbook.md', () => {
  const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
  const sections = new Map(
    runbook
      .split(/^## /m)
      .slice(1)
      .map(text => [text.slice(0, text.indexOf('\n')).trim(), text] as const),
  )
  // that of a gate: gate.test.ts
  const rings = () => [...namesOf(all), 'GateKeys', 'MonthlyBudget']

  test('has a section of its name for every alarm, and each says what, why and what to do', () => {
    for (const name of rings()) {
      const text = sections.get(name) ?? ''
      for (const part of ['Description', 'Investigation', 'Resolution']) {
        expect([name, text.includes(`**${part}.**`)]).toEqual([name, true])
      }
    }
  })

  test('is where the description of every alarm sends its reader', () => {
    for (const { name, AlarmDescription } of alarmsOf(all)) {
      expect(AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${name.toLowerCase()}$`))
    }
  })

  test('says which alarms are the essential ones, and which come with `all`', () => {
    const named = (row: string) => {
      const [, cell = ''] = new RegExp(`^\\| \`${row}\`[^|]*\\| (.*) \\|$`, 'm').exec(runbook) ?? []
      return Array.from(cell.matchAll(/\w+/g), ([name]) => name)
    }
    expect([named('essential'), named('all')]).toEqual([ESSENTIAL, MORE])
  })

  test('has no section of an alarm that is not there', () => {
    const named = [...sections].filter(([, text]) => text.includes('**Investigation.**'))
    expect(named.map(([name]) => name).sort()).toEqual(rings().sort())
  })
})

describe('dashboard', () => {
  const bodyOf = (template: Template) =>
    JSON.stringify(at(template, `${OURS}Dashboard`).Properties.DashboardBody)

  test('shows every number of a room, and the alarms', () => {
    const body = bodyOf(usual)
    for (const name of Object.keys(ROOM_METRICS)) expect(body).toContain(`${name}\\\\\\"`)
    expect(body).toContain('{Antichambre,Deployment,Room}')
    expect(body).toContain(at(usual, `${OURS}Alarms/NobodyLetIn`).id)
  })

  test('is there without alarms too, and not there when it is not wanted', () => {
    expect(bodyOf(synthesise({ alarms: 'none' }))).toContain('Waiting')
    const without = synthesise({ dashboard: false })
    expect(resources(without, 'AWS::CloudWatch::Dashboard')).toEqual({})
  })
})

describe('monthly budget', () => {
  test('tells everybody named at 80 percent, and when it is going to be exceeded', () => {
    const { Budget, NotificationsWithSubscribers } = at(all, `${OURS}MonthlyBudget`).Properties
    expect(Budget.BudgetLimit).toEqual({ Amount: 50, Unit: 'USD' })
    expect(NotificationsWithSubscribers).toMatchObject([
      { Notification: { NotificationType: 'ACTUAL', Threshold: 80 } },
      { Notification: { NotificationType: 'FORECASTED', Threshold: 100 } },
    ])
    expect(NotificationsWithSubscribers[0].Subscribers).toEqual([
      { SubscriptionType: 'EMAIL', Address: 'ops@shop.example' },
    ])
  })

  const emails = (count: number) => Array.from({ length: count }, () => 'ops@shop.example')
  test.each([
    [{ ...BUDGET, usd: 0.99 }, 'monthlyBudget.usd: 0.99 came'],
    [{ ...BUDGET, usd: Number.NaN }, 'monthlyBudget.usd: NaN came'],
    [{ ...BUDGET, emails: [] }, 'monthlyBudget.emails: 0 came'],
    [{ ...BUDGET, emails: emails(11) }, 'monthlyBudget.emails: 11 came'],
    [{ ...BUDGET, emails: ['ops'] }, 'monthlyBudget.emails: ops came'],
  ])('%j is refused', (monthlyBudget, says) => {
    expect(() => synthesise({ monthlyBudget })).toThrow(says)
  })

  test('takes one dollar, and ten addresses', () => {
    expect(() => synthesise({ monthlyBudget: { usd: 1, emails: emails(10) } })).not.toThrow()
  })
})

test('an app of ours gives its props and its region to the room', () => {
  const app = testApp({ 'aws:cdk:bundling-stacks': [] })
  const stack = antichambreStack(app, () => ({ alarms: 'none' }), { env: { region: 'eu-west-3' } })
  expect(stack.region).toBe('eu-west-3')
  expect(stack.templateOptions.description).toContain('waiting room')
  expect(namesOf(Template.fromStack(stack))).toEqual([])
})

test.each([{ region: 'us-east-1' }, { region: 'us-east-1', account: '111122223333' }])(
  'with everything switched on, in %j, the checks find nothing unacknowledged',
  env => {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    const stack = new Stack(app, 'Antichambre', { env })
    new WaitingRoom(stack, 'WaitingRoom', {
      alarms: 'all',
      monthlyBudget: BUDGET,
      firewall: { botControl: true },
      provisionedConcurrency: {
        instances: 100,
        from: '2026-12-01T05:50:00Z',
        until: '2026-12-01T07:00:00Z',
      },
      reservedConcurrency: { admit: 20, clock: 1 },
      tags: { team: 'sales' },
    })
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
    expect(() => app.synth()).not.toThrow()
  },
)
