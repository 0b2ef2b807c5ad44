/** The walk through the bundles, and what it proves of them: permissions, variables, keys, logs, metrics. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { WATCHED_ROOM } from '../../bench/functions/bundles.ts'
import { METRICS_NAMESPACE } from '../../lib/runtime/metrics.ts'
import { type Cloud, startCloud } from '../support/cloud/cloud.ts'
import { type Around, startAround } from './around.ts'
import { allowedBy, doneBy, keyNamesOf, setsEnd, without } from './evidence.ts'
import { leaks, metricLines } from './logs.ts'
import { walk } from './walk.ts'

let cloud: Cloud
let around: Around & { close(): Promise<void> }
beforeAll(async () => {
  cloud = await startCloud({ folder: inject('assembly') })
  const steps: string[] = []
  around = await startAround(cloud, WATCHED_ROOM, step => void steps.push(step))
  try {
    await walk(around)
  } finally {
    const heading = `A walk through the bundles, over ${cloud.services.database}:`
    console.log([heading, ...steps.map((step, at) => `${at + 1}. ${step}`)].join('\n'))
  }
}, 120_000)
afterAll(async () => {
  await around.close()
  await cloud.close()
})

test('the bundles take visitors from showroom to showroom, each function in a process of its own', () => {
  for (const { name } of cloud.deployment.functions) {
    expect([name, cloud.lambda.coldStarts(name) > 0]).toEqual([name, true])
  }
})

describe('what a function does is what it may', () => {
  test('nothing was refused', () => {
    expect(cloud.calls.filter(call => !call.isAllowed)).toEqual([])
  })

  test('it may do nothing that it never does', () => {
    const logs = [...allowedBy(cloud)].filter(one => one.includes(' logs:'))
    // Lambda itself writes what was printed, in the function's name.
    expect(logs).toHaveLength(2 * cloud.deployment.functions.length)
    expect(without(allowedBy(cloud), new Set([...doneBy(cloud.calls), ...logs]))).toEqual([])
  })

  test('it is told of nothing that it does not use', () => {
    const { table, queues, secret } = cloud.deployment
    const places = [table, ...queues, secret]
    for (const { name, environment } of cloud.deployment.functions) {
      for (const [variable, value] of Object.entries(environment)) {
        const resource = places.find(one => one.ref === value)
        if (variable === 'HEALTH_ALARMS') continue
        const arn = resource?.attribute('Arn')
        const isUsed = cloud.calls.some(call => call.caller === name && call.resource === arn)
        expect([name, variable, isUsed]).toEqual([name, variable, true])
      }
    }
  })
})

describe('the table', () => {
  const calls = () => cloud.calls.filter(call => call.service === 'dynamodb')

  test('is asked by the key attributes that the stack gives it', () => {
    const { KeySchema } = cloud.deployment.table.properties
    const names = KeySchema.map((key: { AttributeName: string }) => key.AttributeName).join()
    const used = new Set(calls().flatMap(call => keyNamesOf(call).map(one => one.join())))
    expect([...used]).toEqual([names])
    for (const { input } of calls().filter(call => call.operation === 'PutItem')) {
      expect(Object.keys(input.Item).slice(0, KeySchema.length).join()).toBe(names)
    }
  })

  test('forgets what is past by the attribute by which the stack lets it', () => {
    const { AttributeName, Enabled } = cloud.deployment.table.properties.TimeToLiveSpecification
    expect(Enabled).toBe(true)
    const writers = calls().filter(call => setsEnd(call, AttributeName))
    expect(new Set(writers.map(call => call.caller))).toEqual(
      new Set(['Visitor', 'Operator', 'Admit', 'Departures']),
    )
  })
})

describe('what the processes print', () => {
  test('is JSON, line by line', () => {
    expect(cloud.lambda.printed.length).toBeGreaterThan(0)
    for (const { line } of cloud.lambda.printed) expect(() => JSON.parse(line)).not.toThrow()
  })

  test('failure mode 42: holds no token, cookie, secret or query', () => {
    const secrets = around.secrets()
    expect(secrets.size).toBeGreaterThan(30)
    expect(leaks(cloud.lambda.printed, secrets)).toEqual([])
    // The search finds what it is looking for.
    for (const line of [...secrets].filter(secret => secret.length >= 12)) {
      expect(
        leaks([{ functionName: 'Visitor', line: `{"told":"${line}"}` }], secrets),
      ).toHaveLength(1)
    }
  })

  test('is numbers that CloudWatch finds, under the namespace and dimensions of dashboard and alarms', () => {
    const lines = metricLines(cloud.lambda.printed)
    expect(new Set(lines.map(line => line.functionName))).toEqual(new Set(['Admit']))
    for (const { line, namespace, dimensions, metrics } of lines) {
      expect([namespace, dimensions]).toEqual([METRICS_NAMESPACE, ['Deployment', 'Room']])
      expect(line.Deployment).toBe(cloud.deployment.table.ref)
      for (const metric of metrics) expect(line[metric]).toEqual(expect.any(Number))
    }
    for (const metric of ['Entered', 'Departed']) {
      const told = lines.filter(({ line }) => line.Room === WATCHED_ROOM)
      expect([metric, told.reduce((sum, { line }) => sum + Number(line[metric]), 0)]).toEqual([
        metric,
        2,
      ])
    }
  })
})
