import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TemplateResource } from '../../../bench/functions/bundles.ts'
import { stackFigures, stackTargets } from '../../../bench/functions/stack.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'antichambre-test-'))
  reported([])
  write('Antichambre.metadata.json', { '/A': [{ type: 'aws:cdk:acknowledged-rules' }] })
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: object) =>
  writeFileSync(join(folder, name), JSON.stringify(content))
const reported = (violations: object[]) =>
  write('validation-report.json', { pluginReports: [{ violations }] })

const figuresOf = (...resources: [string, object][]) =>
  stackFigures(
    {
      Resources: Object.fromEntries(
        resources.map(([Type, Properties], at) => [
          `R${at}`,
          { Type, Properties } as TemplateResource,
        ]),
      ),
    },
    folder,
  )
const policy = (Action: unknown, Resource: unknown, Effect = 'Allow') =>
  ['AWS::IAM::Policy', { PolicyDocument: { Statement: [{ Effect, Action, Resource }] } }] as [
    string,
    object,
  ]
const idle = (figures: ReturnType<typeof stackFigures>, name: string) =>
  figures.idle.find(({ what }) => what === name)

test('an alarm on an expression is paid by its metrics, and ten metrics are free', () => {
  const expression = { Metrics: [{ Expression: 'a / b' }, { MetricStat: {} }, { MetricStat: {} }] }
  const alarms = (count: number) =>
    Array.from({ length: count }, (): [string, object] => ['AWS::CloudWatch::Alarm', {}])
  const ten = figuresOf(['AWS::CloudWatch::Alarm', expression], ...alarms(8))
  expect(idle(ten, 'alarm metrics')).toMatchObject({ count: 10, usd: 0 })
  expect(idle(ten, 'alarm metrics')?.listUsd).toBeCloseTo(1)
  const eleven = figuresOf(['AWS::CloudWatch::Alarm', expression], ...alarms(9))
  expect(idle(eleven, 'alarm metrics')?.usd).toBeCloseTo(0.1)
})

test('the fourth dashboard is paid', () => {
  const dashboards = (count: number) =>
    figuresOf(
      ...Array.from({ length: count }, (): [string, object] => ['AWS::CloudWatch::Dashboard', {}]),
    )
  expect(idle(dashboards(3), 'dashboards')).toMatchObject({ listUsd: 9, usd: 0 })
  expect(idle(dashboards(4), 'dashboards')).toMatchObject({ listUsd: 12, usd: 3 })
})

test('what nobody has said the cost of is named, and misses its target', () => {
  const figures = figuresOf(['AWS::SQS::Queue', {}], ['AWS::KMS::Key', {}])
  expect(figures.unknown).toEqual(['AWS::KMS::Key'])
  expect(missed(figures)).toContain('types of unknown cost AWS::KMS::Key')
})

test('an action or a resource without a bound misses its target; a refusal does not', () => {
  expect(missed(figuresOf(policy('sqs:*', 'arn:one')))).toContain(
    'statements that allow every action',
  )
  expect(missed(figuresOf(policy(['a:B', 'c:D'], ['arn:one', '*'])))).toContain(
    'actions allowed on every resource a:B c:D',
  )
  const bounded = missed(figuresOf(policy('s3:Get*', 'arn:one'), policy('*', '*', 'Deny')))
  expect(bounded.filter(what => /action/.test(what))).toEqual([])
})

test('a finding misses its target, and an accepted one is counted', () => {
  expect(figuresOf().acknowledged).toBe(1)
  expect(missed(figuresOf())).not.toContain('findings of cdk-nag')
  reported([{}])
  expect(missed(figuresOf())).toContain('findings of cdk-nag')
  reported([])
})

function missed(figures: ReturnType<typeof stackFigures>): string[] {
  return stackTargets(figures).flatMap(({ what, met }) => (met ? [] : [what]))
}
