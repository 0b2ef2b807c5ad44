/** What an owner may set aside before a rush: instances, units of the table; and tags. */
import { Stack } from 'aws-cdk-lib'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WaitingRoom } from '../../lib/constructs/waiting-room.ts'
import type { WaitingRoomProps } from '../../lib/constructs/waiting-room-props.ts'
import { frontOf } from './distribution.ts'
import { at, resources, synthesise, testApp } from './synthesise.ts'
import { withAlarm } from './with-alarm.ts'

const WINDOW = { instances: 200, from: '2026-12-01T05:50:00Z', until: '2026-12-01T08:00:00+01:00' }
const refusal = (props: WaitingRoomProps) => expect(() => synthesise(props))

describe('instances that stand ready', () => {
  test('are there in their window alone, in UTC', () => {
    const { Properties } = at(
      synthesise({ provisionedConcurrency: WINDOW }),
      'WaitingRoom/Functions/Visitor/Warm/AliasScaling/Target',
    )
    expect([Properties.MinCapacity, Properties.MaxCapacity]).toEqual([0, 200])
    expect(Properties.ScheduledActions).toMatchObject([
      {
        Schedule: 'at(2026-12-01T05:50:00)',
        ScalableTargetAction: { MinCapacity: 200, MaxCapacity: 200 },
      },
      {
        Schedule: 'at(2026-12-01T07:00:00)',
        ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 0 },
      },
    ])
  })

  test('are those that visitors reach: CloudFront goes by their alias, and may', () => {
    const template = synthesise({ provisionedConcurrency: WINDOW })
    const url = at(template, 'WaitingRoom/Functions/Visitor/Warm/FunctionUrl')
    expect(url.Properties).toMatchObject({ AuthType: 'AWS_IAM', Qualifier: 'warm' })
    const front = frontOf(template)
    expect(front.behaviour('/r/*/*').TargetOriginId).toBe(front.originOf(url.id).id)
    const allowed = Object.values(resources(template, 'AWS::Lambda::Permission')).filter(one =>
      JSON.stringify(one.Properties.FunctionName).includes(url.id),
    )
    expect(allowed.map(({ Properties }) => Properties.Action).sort()).toEqual([
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ])
  })

  test('are not there by themselves, and neither is an alias', () => {
    const template = synthesise()
    expect(resources(template, 'AWS::ApplicationAutoScaling::ScalableTarget')).toEqual({})
    expect(resources(template, 'AWS::Lambda::Alias')).toEqual({})
  })

  test.each([
    [{ instances: 0 }, 'instances: 0 came, a whole number from 1 to 3000'],
    [{ instances: 3_001 }, 'instances: 3001 came'],
    [{ instances: 1.5 }, 'instances: 1.5 came'],
    [{ from: '2026-12-01' }, 'from: 2026-12-01 came, a time with its zone'],
    [{ until: '2026-12-01T08:00:00' }, 'until: 2026-12-01T08:00:00 came, a time with its zone'],
    [{ until: '2026-13-01T08:00:00Z' }, 'until: 2026-13-01T08:00:00Z came, a time with its zone'],
    [{ from: '2026-11-31T05:50:00Z' }, 'from: 2026-11-31T05:50:00Z came, a time with its zone'],
    [{ until: WINDOW.from }, `until: ${WINDOW.from} came, a time later than`],
    [{ until: '2026-12-08T05:50:01Z' }, 'by a week at most'],
  ])('with %j are refused', (wrong, says) => {
    refusal({ provisionedConcurrency: { ...WINDOW, ...wrong } }).toThrow(says)
  })

  test.each([{ instances: 1 }, { instances: 3_000 }, { until: '2026-12-08T05:50:00Z' }])(
    'with %j are taken',
    right => {
      refusal({ provisionedConcurrency: { ...WINDOW, ...right } }).not.toThrow()
    },
  )
})

describe('a window that is over', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
  })

  /** What a synthesis at this time says, and makes. */
  function synthesisedAt(nowMs: number) {
    vi.useFakeTimers({ now: nowMs, toFake: ['Date'] })
    vi.stubEnv('CDK_VALIDATION', 'false')
    const stack = new Stack(testApp({ 'aws:cdk:bundling-stacks': [] }), 'Antichambre')
    new WaitingRoom(stack, 'WaitingRoom', { provisionedConcurrency: WINDOW })
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue())
    return {
      warnings: warnings.map(({ entry }) => String(entry.data)),
      template: Template.fromStack(stack).toJSON(),
    }
  }

  test('is warned of from its last moment on, and synthesises as before: it stays in an app', () => {
    const overMs = Date.parse(WINDOW.until)
    const before = synthesisedAt(overMs - 1)
    const after = synthesisedAt(overMs)
    expect(before.warnings).toEqual([])
    expect(after.warnings).toEqual([
      expect.stringContaining(
        'provisionedConcurrency: the window was over at 2026-12-01T08:00:00+01:00, so no instances will stand ready',
      ),
    ])
    expect(after.template).toEqual(before.template)
  })
})

describe('instances that are kept for a function', () => {
  test('are its own; the others share what is left', () => {
    const template = synthesise({ reservedConcurrency: { admit: 20, clock: 1 } })
    const reserved = (name: string) =>
      at(template, `WaitingRoom/Functions/${name}`).Properties.ReservedConcurrentExecutions
    expect(['Admit', 'Clock', 'Visitor'].map(reserved)).toEqual([20, 1, undefined])
  })

  test.each([
    [{ admit: 19 }, 'reservedConcurrency.admit: 19 came, a whole number from 20'],
    [{ departures: 9 }, 'reservedConcurrency.departures: 9 came, a whole number from 10'],
    [{ visitor: 0 }, 'reservedConcurrency.visitor: 0 came, a whole number from 1'],
    [{ visitor: 1.5 }, 'reservedConcurrency.visitor: 1.5 came'],
    [{ visitors: 5 } as object, 'reservedConcurrency: visitors came, one of visitor, operator'],
  ])('%j is refused', (reservedConcurrency, says) => {
    refusal({ reservedConcurrency }).toThrow(says)
  })

  test.each([{}, { healthAlarms: {} }])('with %j are not for health, which is not there', none => {
    refusal({ ...none, reservedConcurrency: { health: 2 } }).toThrow(
      'reservedConcurrency.health: 2 came, but without healthAlarms there is no such function',
    )
  })

  test('are for health where rooms have alarms', () => {
    const template = synthesise(stack => ({
      ...withAlarm(stack),
      reservedConcurrency: { health: 2 },
    }))
    const { Properties } = at(template, 'WaitingRoom/HealthAlarms/Health')
    expect(Properties.ReservedConcurrentExecutions).toBe(2)
  })

  test('are no fewer than are to stand ready', () => {
    const props = { provisionedConcurrency: WINDOW }
    refusal({ ...props, reservedConcurrency: { visitor: 199 } }).toThrow(
      'reservedConcurrency.visitor: 199 came, at least 200, which are to stand ready, is allowed',
    )
    refusal({ ...props, reservedConcurrency: { visitor: 200 } }).not.toThrow()
  })
})

describe('warm throughput', () => {
  const warm = (readUnitsPerSecond: number, writeUnitsPerSecond: number) => ({
    warmThroughput: { readUnitsPerSecond, writeUnitsPerSecond },
  })

  test('below what a new table bears by itself is refused', () => {
    refusal(warm(11_999, 4_000)).toThrow('readUnitsPerSecond: 11999 came')
    refusal(warm(12_000, 3_999)).toThrow('writeUnitsPerSecond: 3999 came')
    refusal(warm(12_000, 4_000)).not.toThrow()
  })

  test('is a whole number', () => {
    refusal(warm(12_000, 4_000.5)).toThrow('writeUnitsPerSecond: 4000.5 came')
  })
})

describe('tags', () => {
  test('reach everything that can have any', () => {
    const template = synthesise({ tags: { 'cost centre': 'sales-7' } })
    const tag = { Key: 'cost centre', Value: 'sales-7' }
    for (const place of ['MasterSecret', 'Queues/Ticks', 'Functions/Visitor', 'Pages/Bucket']) {
      expect(at(template, `WaitingRoom/${place}`).Properties.Tags).toContainEqual(tag)
    }
  })

  test.each([
    [{ 'aws:mine': 'x' }, 'tags: the key "aws:mine" came'],
    [{ '': 'x' }, 'tags: the key "" came'],
    [{ ['k'.repeat(129)]: 'x' }, 'tags: the key'],
    [{ team: 'v'.repeat(257) }, 'tags.team'],
    [{ team: 'sales;drop' }, 'tags.team: "sales;drop" came'],
  ])('%j are refused', (tags, says) => {
    refusal({ tags: tags as Record<string, string> }).toThrow(says)
  })
})
