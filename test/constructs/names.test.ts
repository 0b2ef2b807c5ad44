/** Two deployments in one account: production and staging, or a sale that moves to another region. */
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test, vi } from 'vitest'
import { WaitingRoom } from '../../lib/constructs/waiting-room.ts'
import { resources, testApp } from './synthesise.ts'

/** Names that are fixed in the template, by the logical ids of what has them. */
function namesIn(stackName: string): Record<string, string> {
  vi.stubEnv('CDK_VALIDATION', 'false')
  try {
    const app = testApp({ 'aws:cdk:bundling-stacks': [] })
    const stack = new Stack(app, 'Antichambre', { stackName })
    new WaitingRoom(stack, 'WaitingRoom')
    const named = Object.entries(resources(Template.fromStack(stack))).flatMap(
      ([id, { Properties = {} }]) =>
        [Properties, ...Object.values(Properties)].flatMap(part =>
          NAMES.flatMap(name => {
            // biome-ignore lint/suspicious/noExplicitAny: a template is whatever JSON it is
            const value = (part as any)?.[name]
            return value === undefined ? [] : [[id, JSON.stringify(value)]]
          }),
        ),
    )
    return Object.fromEntries(named)
  } finally {
    vi.unstubAllEnvs()
  }
}

const NAMES = [
  ...['Name', 'AlarmName', 'BucketName', 'DashboardName', 'FunctionName', 'LogGroupName'],
  ...['QueueName', 'RoleName', 'TableName'],
]

describe('the names of what a stack makes', () => {
  test('are those of another stack in nothing, so that both may be in one account', () => {
    const [one, other] = [namesIn('Antichambre'), namesIn('Antichambre2')]
    // The others say what is meant, and name nothing.
    const made = Object.entries(one).filter(([, name]) => !/^\{"(?:Ref|Fn::GetAtt)"/.test(name))
    // Functions at the edge, policies, and access to origins: CloudFront wants a name for each.
    expect(made.length).toBeGreaterThanOrEqual(8)
    expect(made.filter(([id, name]) => other[id] === name)).toEqual([])
  })
})
