import { RemovalPolicy } from 'aws-cdk-lib'
import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { coveredUntilMs } from '../../lib/queue/admission/waking.ts'
import { TABLE_KEYS } from '../../lib/store/table.ts'
import { at, resources, synthesise } from './synthesise.ts'

let template: Template
beforeAll(() => {
  template = synthesise()
})

describe('table', () => {
  test('has the keys and the expiry that the store writes', () => {
    const { Properties: table } = at(template, 'WaitingRoom/Table')
    expect(table.KeySchema).toEqual([
      { AttributeName: TABLE_KEYS.partition, KeyType: 'HASH' },
      { AttributeName: TABLE_KEYS.sort, KeyType: 'RANGE' },
    ])
    expect(table.AttributeDefinitions).toEqual([
      { AttributeName: TABLE_KEYS.partition, AttributeType: 'S' },
      { AttributeName: TABLE_KEYS.sort, AttributeType: 'S' },
    ])
    expect(table.TimeToLiveSpecification).toEqual({
      AttributeName: TABLE_KEYS.timeToLive,
      Enabled: true,
    })
  })

  test('is on demand, recoverable to any second, kept and protected', () => {
    const table = at(template, 'WaitingRoom/Table')
    expect(table.Properties.BillingMode).toBe('PAY_PER_REQUEST')
    expect(table.Properties.Replicas).toEqual([
      {
        Region: { Ref: 'AWS::Region' },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      },
    ])
    expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
  })

  test('of a trial goes with its stack, and so does its secret', () => {
    const trial = synthesise({ removalPolicy: RemovalPolicy.DESTROY })
    const table = at(trial, 'WaitingRoom/Table')
    expect(table.DeletionPolicy).toBe('Delete')
    expect(table.Properties.Replicas[0].DeletionProtectionEnabled).toBe(false)
    expect(at(trial, 'WaitingRoom/MasterSecret').DeletionPolicy).toBe('Delete')
  })

  test('failure mode 45: a table can be warmed before the rush', () => {
    expect(at(template, 'WaitingRoom/Table').Properties.WarmThroughput).toBeUndefined()
    const warm = synthesise({
      warmThroughput: { readUnitsPerSecond: 24_000, writeUnitsPerSecond: 12_000 },
    })
    expect(at(warm, 'WaitingRoom/Table').Properties.WarmThroughput).toEqual({
      ReadUnitsPerSecond: 24_000,
      WriteUnitsPerSecond: 12_000,
    })
  })
})

describe('master secret', () => {
  test('failure mode 29: no deployment changes the keys', () => {
    // CloudFormation makes a new secret when its logical id changes, and a new value when any of
    // these does: every ticket would be worthless.
    const secret = at(template, 'WaitingRoom/MasterSecret')
    expect(secret.id).toBe('WaitingRoomMasterSecretFF7561FC')
    expect(secret.Properties.GenerateSecretString).toEqual({
      SecretStringTemplate: '{"current":"k1"}',
      GenerateStringKey: 'k1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    })
    expect([secret.DeletionPolicy, secret.UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
  })

  test('has the form that the key ring reads', () => {
    const { GenerateSecretString: how } = at(template, 'WaitingRoom/MasterSecret').Properties
    const made = {
      ...JSON.parse(how.SecretStringTemplate),
      [how.GenerateStringKey]: 'x'.repeat(how.PasswordLength),
    }
    expect(createKeyRing(JSON.stringify(made)).currentId).toBe('k1')
  })

  test('has no value in the template, and is handed to functions by its name', () => {
    const text = JSON.stringify(template.toJSON())
    expect(text).not.toContain('"SecretString"')
    expect(text).not.toContain('{{resolve:')
    const { id } = at(template, 'WaitingRoom/MasterSecret')
    const { Environment } = at(template, 'WaitingRoom/Functions/Visitor').Properties
    expect(Environment.Variables.MASTER_SECRET_ARN).toEqual({ Ref: id })
    expect(template.toJSON().Outputs ?? {}).toEqual({})
  })
})

describe('queues', () => {
  const names = ['Ticks', 'Departures']

  test.each(names)('%s sends what keeps failing to dead letters that are kept 14 days', name => {
    const queue = at(template, `WaitingRoom/Queues/${name}`)
    const dead = at(template, `WaitingRoom/Queues/${name}DeadLetters`)
    expect(queue.Properties.RedrivePolicy.deadLetterTargetArn).toEqual({
      'Fn::GetAtt': [dead.id, 'Arn'],
    })
    expect(dead.Properties.MessageRetentionPeriod).toBe(14 * 86_400)
    expect(dead.Properties.RedrivePolicy).toBeUndefined()
  })

  test.each(names)('%s hides a message for six times as long as its function may take', name => {
    const reader = name === 'Ticks' ? 'Admit' : 'Departures'
    const { Timeout } = at(template, `WaitingRoom/Functions/${reader}`).Properties
    const { VisibilityTimeout } = at(template, `WaitingRoom/Queues/${name}`).Properties
    expect(VisibilityTimeout).toBe(6 * Timeout)
  })

  test('a tick that always fails ends in the dead letters before it is forgotten', () => {
    const { Properties: ticks } = at(template, 'WaitingRoom/Queues/Ticks')
    const clockAheadSeconds = (coveredUntilMs(0) - 0) / 1000
    const attemptsSeconds = ticks.VisibilityTimeout * ticks.RedrivePolicy.maxReceiveCount
    expect(clockAheadSeconds + attemptsSeconds).toBeLessThan(ticks.MessageRetentionPeriod)
    expect(ticks.MessageRetentionPeriod).toBeLessThanOrEqual(600)
  })

  test('departures wait as long as SQS keeps anything', () => {
    const { Properties: departures } = at(template, 'WaitingRoom/Queues/Departures')
    expect(departures.MessageRetentionPeriod).toBe(14 * 86_400)
  })

  test('every queue is encrypted and refuses what does not come by TLS', () => {
    const queues = resources(template, 'AWS::SQS::Queue')
    const policies = Object.values(resources(template, 'AWS::SQS::QueuePolicy'))
    expect(Object.keys(queues)).toHaveLength(4)
    for (const [id, queue] of Object.entries(queues)) {
      expect(queue.Properties.SqsManagedSseEnabled).toBe(true)
      const policy = policies.find(({ Properties }) => Properties.Queues[0].Ref === id)
      expect(policy?.Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ])
    }
  })
})

test('what holds state keeps its name whatever the props, so that no deployment replaces it', () => {
  const pinned = {
    'WaitingRoom/Table': 'WaitingRoomTableFB84D37B',
    'WaitingRoom/MasterSecret': 'WaitingRoomMasterSecretFF7561FC',
    'WaitingRoom/Queues/Ticks': 'WaitingRoomQueuesTicks20D1AC1F',
    'WaitingRoom/Queues/Departures': 'WaitingRoomQueuesDepartures8D7AAC65',
    'WaitingRoom/Queues/TicksDeadLetters': 'WaitingRoomQueuesTicksDeadLettersD751FF6F',
    'WaitingRoom/Queues/DeparturesDeadLetters': 'WaitingRoomQueuesDeparturesDeadLetters51BAB698',
    'WaitingRoom/Pages/Bucket': 'WaitingRoomPagesBucketD7ECCB85',
    'WaitingRoom/Front/Distribution': 'WaitingRoomFrontDistributionCA35F048',
  }
  const found = (one: Template) =>
    Object.fromEntries(Object.keys(pinned).map(place => [place, at(one, place).id]))
  expect(found(template)).toEqual(pinned)
  const provisionedConcurrency = {
    instances: 5,
    from: '2026-12-01T05:50:00Z',
    until: '2026-12-01T07:00:00Z',
  }
  const otherwise = { alarms: 'all', tags: { team: 'sales' }, provisionedConcurrency } as const
  expect(found(synthesise(otherwise))).toEqual(pinned)
})
