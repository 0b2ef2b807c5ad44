/** Rooms that listen to alarms: what is deployed for it, and that it is as narrow as the rest. */
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag'
import { beforeAll, describe, expect, test } from 'vitest'
import { RoomQueues } from '../../../lib/constructs/data/room-queues.ts'
import { roomTable } from '../../../lib/constructs/data/room-table.ts'
import { HEALTH_ALARMS_MAX, HealthAlarms } from '../../../lib/constructs/functions/health-alarms.ts'
import { WaitingRoom } from '../../../lib/constructs/waiting-room.ts'
import { ENVIRONMENT } from '../../../lib/runtime/environment.ts'
import { at, resources, synthesise, testApp } from '../synthesise.ts'
import { IMPORTED_ARN, withAlarm } from '../with-alarm.ts'

let template: Template
beforeAll(() => {
  template = synthesise(withAlarm)
})

const place = 'WaitingRoom/HealthAlarms'
const slowArn = () => ({ 'Fn::GetAtt': [at(template, 'Slow').id, 'Arn'] })

describe('a waiting room whose rooms have alarms', () => {
  test('listens to the state changes of those alarms and of no other, each once', () => {
    const rule = at(template, `${place}/AlarmChanges`).Properties
    expect(rule.EventPattern).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: [slowArn(), IMPORTED_ARN],
    })
    expect(rule.State).toBe('ENABLED')
    const { id } = at(template, `${place}/Health`)
    expect(rule.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: { 'Fn::GetAtt': [id, 'Arn'] },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 2 },
      },
    ])
  })

  test('tells its function which alarm is of which room', () => {
    const { Variables } = at(template, `${place}/Health`).Properties.Environment
    expect(Object.keys(Variables).sort()).toEqual(
      [ENVIRONMENT.table, ENVIRONMENT.ticksQueue, ENVIRONMENT.healthAlarms].sort(),
    )
    const [separator, parts] = Variables[ENVIRONMENT.healthAlarms]['Fn::Join']
    const json = parts
      .map((part: unknown) => (typeof part === 'string' ? part : 'arn-of-slow'))
      .join(separator)
    expect(JSON.parse(json)).toEqual({
      cars: 'arn-of-slow',
      vans: 'arn-of-slow',
      boats: IMPORTED_ARN,
    })
  })

  test('lets that function read and change rooms and send ticks, and nothing else', () => {
    const role = at(template, `${place}/HealthRole`)
    expect(role.Properties.ManagedPolicyArns).toBeUndefined()
    const own = Object.values(resources(template, 'AWS::IAM::Policy')).filter(
      policy => policy.Properties.Roles[0].Ref === role.id,
    )
    const arn = (one: string) => ({ 'Fn::GetAtt': [at(template, one).id, 'Arn'] })
    const statements = own.flatMap(policy => policy.Properties.PolicyDocument.Statement)
    expect(
      statements.map(({ Action, Resource }) => [[Action].flat().join(' '), Resource]).sort(),
    ).toEqual(
      [
        ['logs:CreateLogStream logs:PutLogEvents', arn(`${place}/HealthLog`)],
        ['dynamodb:Query dynamodb:UpdateItem', arn('WaitingRoom/Table')],
        ['sqs:SendMessage', arn('WaitingRoom/Queues/Ticks')],
      ].sort(),
    )
    expect(JSON.stringify(statements)).not.toContain('*')
  })

  test('lets this rule, and nobody else, call it', () => {
    const { id } = at(template, `${place}/Health`)
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission')).filter(one =>
      JSON.stringify(one.Properties.FunctionName).includes(`"${id}"`),
    )
    expect(permissions.map(({ Properties }) => Properties.Principal)).toEqual([
      'events.amazonaws.com',
    ])
    expect(JSON.stringify(permissions[0]?.Properties.SourceArn)).toContain('AlarmChanges')
  })

  test('passes the checks', () => {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    const stack = new Stack(app, 'Antichambre')
    new WaitingRoom(stack, 'WaitingRoom', withAlarm(stack))
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app))
    expect(() => app.synth()).not.toThrow()
  })
})

describe('no alarms', () => {
  test.each([{}, { healthAlarms: {} }])('%j deploys nothing for them', props => {
    const places = Object.values(resources(synthesise(props))).map(one =>
      JSON.stringify(one.Metadata),
    )
    expect(places.filter(one => one?.includes('HealthAlarms'))).toEqual([])
  })
})

describe('rooms that cannot be', () => {
  const alarmed = (rooms: readonly string[]) => () =>
    synthesise(stack => {
      const alarm = Alarm.fromAlarmArn(stack, 'Imported', IMPORTED_ARN)
      return { healthAlarms: Object.fromEntries(rooms.map(room => [room, alarm])) }
    })

  test('are refused by name', () => {
    expect(alarmed(['Cars', 'cars', 'cars~members'])).toThrow(
      /healthAlarms: Cars, cars~members came/,
    )
  })

  test(`are refused when they are more than ${HEALTH_ALARMS_MAX}`, () => {
    const rooms = (count: number) => Array.from({ length: count }, (_, at) => `room-${at}`)
    expect(alarmed(rooms(HEALTH_ALARMS_MAX))).not.toThrow()
    expect(alarmed(rooms(HEALTH_ALARMS_MAX + 1))).toThrow(
      /healthAlarms: 21 rooms came, at most 20 are allowed/,
    )
  })
})

describe('the bundle', () => {
  test('is at most 400 KB and starts as Lambda starts it', async () => {
    const app = testApp()
    const stack = new Stack(app, 'Antichambre')
    new HealthAlarms(stack, 'HealthAlarms', {
      table: roomTable(stack, 'Table', {
        removalPolicy: RemovalPolicy.DESTROY,
        warmThroughput: undefined,
      }),
      queues: new RoomQueues(stack, 'Queues'),
      masterSecret: new Secret(stack, 'Secret'),
      logRetention: RetentionDays.ONE_DAY,
      alarms: { cars: Alarm.fromAlarmArn(stack, 'Imported', IMPORTED_ARN) },
    })
    const assembly = app.synth()
    const bundled = Template.fromJSON(assembly.getStackByName('Antichambre').template)
    const { S3Key } = at(bundled, 'HealthAlarms/Health').Properties.Code
    const asset = `asset.${String(S3Key).replace('.zip', '')}`
    const file = join(assembly.directory, asset, 'index.mjs')
    expect(statSync(file).size).toBeLessThanOrEqual(400_000)

    // An alarm of no room: nothing is told, so nothing is called.
    const state = { value: 'ALARM', timestamp: '2026-12-01T06:00:00.000+0000' }
    const event = { resources: ['arn:other'], detail: { state } }
    const script = `import(process.argv[1]).then(({ handler }) => handler(${JSON.stringify(event)}, {}))
      .then(answer => process.stdout.write(JSON.stringify(answer ?? null)))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script, file], {
      env: {
        AWS_REGION: 'eu-west-3',
        TABLE_NAME: 'table',
        TICKS_QUEUE_URL: 'http://127.0.0.1:1/1/ticks',
        HEALTH_ALARMS: JSON.stringify({ cars: IMPORTED_ARN }),
      },
    })
    expect(stdout).toBe('null')
  })
})
