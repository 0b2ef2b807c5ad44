/** What the synthesised stack deploys, as the local cloud needs it. */
import { join } from 'node:path'
import type { Template } from '../../../bench/functions/bundles.ts'
import type { FunctionPlan } from './instance.ts'
import { type Policies, policiesOf } from './policies.ts'
import { type Resolved, type ResolvedTemplate, resolveTemplate } from './template.ts'

/** What an event source mapping says. */
export interface EventSource {
  readonly functionName: string
  readonly queueUrl: string
  readonly queueArn: string
  readonly batchSize: number
}

/** A rule of EventBridge. */
export interface EventRule {
  readonly arn: string
  readonly functionName: string
  /** Attempts of an asynchronous invocation, the first one included. */
  readonly attempts: number
  /** Undefined for a schedule. */
  readonly pattern: Readonly<Record<string, readonly string[]>> | undefined
}

export interface Deployment {
  readonly template: ResolvedTemplate
  /** Of the room's own functions; CDK's run during a deployment alone. */
  readonly functions: readonly FunctionPlan[]
  readonly policies: Policies
  readonly table: Resolved
  readonly queues: readonly Resolved[]
  readonly secret: Resolved
  readonly eventSources: readonly EventSource[]
  readonly rules: readonly EventRule[]
}

export function readDeployment(
  json: Template,
  folder: string,
  queueUrl: (name: string) => string,
): Deployment {
  const template = resolveTemplate(json, queueUrl)
  const only = (type: string) => {
    const [found, ...others] = template.ofType(type)
    if (found === undefined || others.length > 0) throw new Error(`not one ${type}`)
    return found
  }
  const deployed = template
    .ofType('AWS::Lambda::Function')
    .filter(({ place }) => /\/(?:Functions|HealthAlarms)\/\w+$/.test(place))
  const nameOf = (reference: string) => {
    const found = deployed.find(one => [one.ref, one.attribute('Arn')].includes(reference))
    if (found === undefined) throw new Error(`no function ${reference}`)
    return nameAt(found)
  }
  const queues = template.ofType('AWS::SQS::Queue')
  return {
    template,
    functions: deployed.map(one => planOf(one, folder)),
    policies: policiesOf(template, rolesOf(template, deployed)),
    table: only('AWS::DynamoDB::GlobalTable'),
    queues,
    secret: only('AWS::SecretsManager::Secret'),
    eventSources: template.ofType('AWS::Lambda::EventSourceMapping').map(({ properties }) => {
      const queue = queues.find(one => one.attribute('Arn') === properties.EventSourceArn)
      if (queue === undefined) throw new Error(`no queue ${properties.EventSourceArn}`)
      return {
        functionName: nameOf(properties.FunctionName),
        queueUrl: queue.ref,
        queueArn: properties.EventSourceArn,
        batchSize: properties.BatchSize,
      }
    }),
    rules: template.ofType('AWS::Events::Rule').map(rule => {
      const functionName = nameOf(rule.properties.Targets[0].Arn)
      const patience = template
        .ofType('AWS::Lambda::EventInvokeConfig')
        .find(({ properties }) => nameOf(properties.FunctionName) === functionName)
      return {
        arn: rule.attribute('Arn'),
        functionName,
        attempts: 1 + patience?.properties.MaximumRetryAttempts,
        pattern: rule.properties.EventPattern,
      }
    }),
  }
}

const nameAt = ({ place }: Resolved) => place.slice(place.lastIndexOf('/') + 1)

function planOf(one: Resolved, folder: string): FunctionPlan {
  const { properties, assetPath } = one
  if (assetPath === undefined) throw new Error(`${one.place} has no asset`)
  return {
    name: nameAt(one),
    arn: one.attribute('Arn'),
    taskRoot: join(folder, assetPath),
    handler: properties.Handler,
    runtime: properties.Runtime,
    memoryMegabytes: properties.MemorySize,
    timeoutSeconds: properties.Timeout,
    logFormat: properties.LoggingConfig.LogFormat,
    logLevel: properties.LoggingConfig.ApplicationLogLevel,
    environment: properties.Environment.Variables,
  }
}

/** The logical id of each function's role. */
function rolesOf(template: ResolvedTemplate, deployed: readonly Resolved[]): Map<string, string> {
  const roles = template.ofType('AWS::IAM::Role')
  return new Map(
    deployed.map(one => {
      const role = roles.find(other => other.attribute('Arn') === one.properties.Role)
      if (role === undefined) throw new Error(`${one.place} has no role`)
      return [nameAt(one), role.ref]
    }),
  )
}
