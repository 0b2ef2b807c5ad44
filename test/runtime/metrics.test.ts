import { expect, test } from 'vitest'
import {
  createMetrics,
  DEPLOYMENT_METRICS,
  METRICS_NAMESPACE,
  ROOM_METRICS,
} from '../../lib/runtime/metrics.ts'

/** What CloudWatch's format asks of a line, as its specification has it. */
function checked(line: string) {
  expect(line).toMatch(/^\{[^\n]*\}\n$/)
  const root = JSON.parse(line)
  const { Timestamp, CloudWatchMetrics, ...rest } = root._aws
  expect(Number.isInteger(Timestamp) && Object.keys(rest).length === 0).toBe(true)
  for (const { Namespace, Dimensions, Metrics } of CloudWatchMetrics) {
    expect(Namespace).toBe(METRICS_NAMESPACE)
    for (const set of Dimensions) {
      for (const name of set) expect(root[name]).toMatch(/^.{1,1024}$/)
    }
    expect(Metrics.length).toBeLessThanOrEqual(100)
    for (const { Name, Unit } of Metrics) {
      expect(['Count', 'Milliseconds']).toContain(Unit)
      expect(Number.isFinite(root[Name])).toBe(true)
    }
  }
  return root
}

function written(write: (metrics: ReturnType<typeof createMetrics>) => void) {
  const lines: string[] = []
  write(createMetrics('table', line => lines.push(line)))
  return lines.map(checked)
}

test("a room's line is one JSON object with its metrics at the root, by deployment and room", () => {
  const [line] = written(metrics => metrics.ofRoom('cars', { Arrivals: 3, TickAge: 12 }, 1_000))
  expect(line).toEqual({
    Deployment: 'table',
    Room: 'cars',
    Arrivals: 3,
    TickAge: 12,
    _aws: {
      Timestamp: 1_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Antichambre',
          Dimensions: [['Deployment', 'Room']],
          Metrics: [
            { Name: 'Arrivals', Unit: 'Count' },
            { Name: 'TickAge', Unit: 'Milliseconds' },
          ],
        },
      ],
    },
  })
})

test("a deployment's line is without a room, for its alarm; facts are no dimension", () => {
  const [line] = written(metrics =>
    metrics.ofDeployment({ Standstill: 2 }, 1_000, { rooms: 'cars, vans' }),
  )
  expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Deployment']])
  expect(line).toMatchObject({ rooms: 'cars, vans', Standstill: 2 })
})

test('no number, no line', () => {
  expect(written(metrics => metrics.ofRoom('cars', {}, 0))).toEqual([])
})

test('a room costs 2.40 USD for a month in which it never sleeps: 8 metrics of 0.30', () => {
  expect(Object.keys(ROOM_METRICS)).toHaveLength(8)
  expect(Object.keys(DEPLOYMENT_METRICS)).toHaveLength(1)
})
