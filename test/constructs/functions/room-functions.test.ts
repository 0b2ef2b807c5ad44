import { readdirSync } from 'node:fs'
import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { ENVIRONMENT } from '../../../lib/runtime/environment.ts'
import { at, resources, synthesise } from '../synthesise.ts'

const NAMES = ['Visitor', 'Operator', 'Clock', 'Admit', 'Departures'] as const

let template: Template
beforeAll(() => {
  template = synthesise()
})

const functionAt = (name: string) => at(template, `WaitingRoom/Functions/${name}`)

interface Statement {
  Effect: string
  Action: string | string[]
  Resource: object | object[]
}

/** `action on resource` for each permission of a function's role. */
function permissionsOf(name: string): string[] {
  const role = at(template, `WaitingRoom/Functions/${name}Role`)
  expect(role.Properties.ManagedPolicyArns).toBeUndefined()
  const policies = Object.values(resources(template, 'AWS::IAM::Policy')).filter(policy =>
    policy.Properties.Roles.some((one: { Ref: string }) => one.Ref === role.id),
  )
  const statements: Statement[] = policies.flatMap(
    policy => policy.Properties.PolicyDocument.Statement,
  )
  return statements
    .flatMap(({ Effect, Action, Resource }) =>
      [Action]
        .flat()
        .flatMap(action =>
          [Resource].flat().map(one => `${Effect} ${action} on ${JSON.stringify(one)}`),
        ),
    )
    .sort()
}

/** The same, from what a function is meant to be allowed. */
function allowed(name: string, own: Partial<Record<Target, string[]>>): string[] {
  const arn = (place: string) =>
    JSON.stringify({ 'Fn::GetAtt': [at(template, `WaitingRoom/${place}`).id, 'Arn'] })
  const resource: Record<Target, string> = {
    table: arn('Table'),
    ticks: arn('Queues/Ticks'),
    departures: arn('Queues/Departures'),
    secret: JSON.stringify({ Ref: at(template, 'WaitingRoom/MasterSecret').id }),
    log: arn(`Functions/${name}Log`),
  }
  const log = ['logs:CreateLogStream', 'logs:PutLogEvents']
  return Object.entries({ log, ...own })
    .flatMap(([target, actions]) =>
      actions.map(action => `Allow ${action} on ${resource[target as Target]}`),
    )
    .sort()
}
type Target = 'table' | 'ticks' | 'departures' | 'secret' | 'log'

const table = (...actions: string[]) => actions.map(action => `dynamodb:${action}`)
const SEND = ['sqs:SendMessage']
const TAKE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
const READ_SECRET = ['secretsmanager:GetSecretValue']

describe('each function may do exactly this', () => {
  test.each([
    [
      'Visitor',
      {
        table: table('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'),
        ticks: SEND,
        departures: SEND,
        secret: READ_SECRET,
      },
    ],
    [
      'Operator',
      {
        table: table('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
        ticks: SEND,
        secret: READ_SECRET,
      },
    ],
    ['Clock', { table: table('Query'), ticks: SEND }],
    [
      'Admit',
      {
        table: table('GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'),
        ticks: [...SEND, ...TAKE],
        secret: READ_SECRET,
      },
    ],
    [
      'Departures',
      {
        table: table('GetItem', 'Query', 'PutItem', 'UpdateItem'),
        ticks: SEND,
        departures: TAKE,
      },
    ],
  ])('%s', (name, own) => {
    expect(permissionsOf(name)).toEqual(allowed(name, own))
  })

  test('no permission of theirs has a wildcard, in its action or its resource', () => {
    const all = NAMES.flatMap(permissionsOf)
    expect(all.length).toBeGreaterThan(20)
    expect(all.filter(one => one.includes('*'))).toEqual([])
  })
})

describe('each function', () => {
  test('is one file of functions/, and each file is deployed', () => {
    const files = readdirSync(new URL('../../../functions', import.meta.url))
      .filter(file => file.endsWith('.ts'))
      .map(file => file.replace('.ts', ''))
    // Two are deployed where they are asked for: health.test.ts, edge-keys.test.ts.
    const deployed = [...NAMES, 'Health', 'Edge-keys'].map(name => name.toLowerCase())
    expect(files.sort()).toEqual(deployed.sort())
  })

  test.each(NAMES)('%s runs on Node 24, on arm64', name => {
    const { Properties } = functionAt(name)
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] })
    expect(Properties.VpcConfig).toBeUndefined()
    expect(Properties.ReservedConcurrentExecutions).toBeUndefined()
  })

  test.each([
    ['Visitor', ['table', 'ticksQueue', 'departuresQueue', 'masterSecret']],
    ['Operator', ['table', 'ticksQueue', 'masterSecret']],
    ['Clock', ['table', 'ticksQueue']],
    ['Admit', ['table', 'ticksQueue', 'masterSecret']],
    ['Departures', ['table', 'ticksQueue']],
  ] as const)('%s is told what it talks to and nothing else', (name, variables) => {
    const { Variables } = functionAt(name).Properties.Environment
    expect(Object.keys(Variables).sort()).toEqual(variables.map(one => ENVIRONMENT[one]).sort())
    const place = {
      [ENVIRONMENT.table]: 'Table',
      [ENVIRONMENT.ticksQueue]: 'Queues/Ticks',
      [ENVIRONMENT.departuresQueue]: 'Queues/Departures',
      [ENVIRONMENT.masterSecret]: 'MasterSecret',
    }
    for (const [variable, value] of Object.entries(Variables)) {
      const target = place[variable as keyof typeof place]
      expect(value).toEqual({ Ref: at(template, `WaitingRoom/${target}`).id })
    }
  })

  test.each(NAMES)('%s writes JSON into a log of its own that is kept for a month', name => {
    const log = at(template, `WaitingRoom/Functions/${name}Log`)
    expect(log.Properties.RetentionInDays).toBe(30)
    expect(functionAt(name).Properties.LoggingConfig).toEqual({
      LogGroup: { Ref: log.id },
      LogFormat: 'JSON',
      ApplicationLogLevel: 'INFO',
      SystemLogLevel: 'WARN',
    })
  })
})

describe('what calls them', () => {
  test('the clock runs each minute, and a minute that is over is not run again', () => {
    const rule = at(template, 'WaitingRoom/Functions/EachMinute').Properties
    expect(rule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' })
    expect(rule.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: { 'Fn::GetAtt': [functionAt('Clock').id, 'Arn'] },
        RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 },
      },
    ])
    expect(at(template, 'WaitingRoom/Functions/Clock/EventInvokeConfig').Properties).toMatchObject({
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 1,
    })
    expect(functionAt('Clock').Properties.Timeout).toBeLessThan(60)
  })

  test.each([
    ['Admit', 'Ticks', 10, 20],
    ['Departures', 'Departures', 2, 10],
  ])('%s takes %s in bounded batches and gives back only what failed', (...row) => {
    const [name, queue, batch, concurrency] = row
    const sources = Object.values(resources(template, 'AWS::Lambda::EventSourceMapping'))
    expect(sources).toHaveLength(2)
    const own = sources.find(one => one.Properties.FunctionName.Ref === functionAt(name).id)
    expect(own?.Properties).toEqual({
      FunctionName: { Ref: functionAt(name).id },
      EventSourceArn: { 'Fn::GetAtt': [at(template, `WaitingRoom/Queues/${queue}`).id, 'Arn'] },
      BatchSize: batch,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: concurrency },
    })
  })

  test('nobody else calls any of them: Function URLs ask for a signature', () => {
    const urls = Object.values(resources(template, 'AWS::Lambda::Url'))
    expect(urls.map(url => url.Properties.AuthType)).toEqual(['AWS_IAM', 'AWS_IAM'])
    const callers = Object.values(resources(template, 'AWS::Lambda::Permission')).map(
      ({ Properties }) => `${Properties.Principal} ${Properties.Action}`,
    )
    expect(callers.sort()).toEqual([
      'cloudfront.amazonaws.com lambda:InvokeFunction',
      'cloudfront.amazonaws.com lambda:InvokeFunction',
      'cloudfront.amazonaws.com lambda:InvokeFunctionUrl',
      'cloudfront.amazonaws.com lambda:InvokeFunctionUrl',
      'events.amazonaws.com lambda:InvokeFunction',
    ])
    for (const { Properties } of Object.values(resources(template, 'AWS::Lambda::Permission'))) {
      expect(JSON.stringify(Properties.SourceArn)).toMatch(/Distribution|EachMinute/)
    }
  })
})
