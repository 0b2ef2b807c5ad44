/**
 * The deployed stack on one machine: the bundles that were synthesised, each in processes of its own; their
 * variables, roles and triggers from the template; DynamoDB, SQS and Secrets Manager by their protocols; and
 * the distribution in front.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { STACK, type Template } from '../../../bench/functions/bundles.ts'
import { createKeyRing, type KeyRing } from '../../../lib/keys/key-ring.ts'
import { startCloudFront } from './cloudfront.ts'
import { type Deployment, type EventRule, readDeployment } from './deployment.ts'
import type { Call, Fate } from './endpoint.ts'
import { type EventSources, startEventSources } from './event-sources.ts'
import type { Outcome } from './instance.ts'
import { createLambda, type Lambda } from './lambda.ts'
import { createNetwork, type Network } from './network.ts'
import { type Services, startServices } from './services.ts'
import { ACCOUNT, REGION } from './template.ts'

export interface Cloud {
  readonly deployment: Deployment
  readonly services: Services
  readonly lambda: Lambda
  readonly eventSources: EventSources
  readonly network: Network
  /** Where visitors and operators find the room. */
  readonly roomUrl: string
  /** Of the master secret: what gates and operators are given. */
  readonly keys: KeyRing
  /** Every call of AWS that a function, or a trigger with a function's role, made. */
  readonly calls: readonly Call[]
  /** What becomes of calls from now on. */
  decideFates(fateOf: (call: Call) => Fate): void
  /** EventBridge: something happened. Gives how the last attempt of each rule's target ended. */
  happen(event: HappenedEvent): Promise<Outcome[]>
  /** EventBridge: another minute. */
  minute(): Promise<Outcome[]>
  close(): Promise<void>
}

export interface HappenedEvent {
  readonly source: string
  readonly 'detail-type': string
  readonly resources: readonly string[]
  readonly detail: object
}

export interface CloudOptions {
  /** What `synthesiseInto` filled. */
  readonly folder: string
  /**
   * A message that was taken and not deleted comes again after so many seconds, in place of the
   * template's, which are minutes.
   */
  readonly visibilitySeconds?: number
}

export async function startCloud({ folder, visibilitySeconds }: CloudOptions): Promise<Cloud> {
  const json = JSON.parse(readFileSync(join(folder, `${STACK}.template.json`), 'utf8')) as Template
  const calls: Call[] = []
  let fateOf: (call: Call) => Fate = () => 'carried-out'
  const services = await startServices(
    queueUrl => readDeployment(json, folder, queueUrl),
    {
      fateOf: call => fateOf(call),
      kill: caller => lambda.killBusy(caller),
      note: call => void calls.push(call),
    },
    visibilitySeconds,
  )
  const { deployment } = services
  const lambda = createLambda(deployment.functions, name => lambdaEnvironment(services, name))
  const eventSources = startEventSources(deployment.eventSources, lambda, {
    endpoint: services.endpoints.sqs,
    credentialsOf: services.credentialsOf,
  })
  const front = await startCloudFront(deployment, folder, lambda)
  const network = createNetwork()
  network.name(front.host, front.port)

  const invokeBy = async (rule: EventRule, event: object): Promise<Outcome> => {
    let outcome = await lambda.invoke(rule.functionName, event)
    for (let attempt = 1; attempt < rule.attempts && outcome.status !== 'answered'; attempt++) {
      outcome = await lambda.invoke(rule.functionName, event)
    }
    return outcome
  }
  const ruled = (rules: readonly EventRule[], event: HappenedEvent) =>
    Promise.all(rules.map(rule => invokeBy(rule, eventBridgeEvent(event))))

  return {
    deployment,
    services,
    lambda,
    eventSources,
    network,
    roomUrl: `https://${front.host}`,
    keys: createKeyRing(services.masterSecret),
    calls,
    decideFates(decide) {
      fateOf = decide
    },
    happen: event =>
      ruled(
        deployment.rules.filter(rule => fits(rule.pattern, event)),
        event,
      ),
    async minute() {
      const rules = deployment.rules.filter(rule => rule.pattern === undefined)
      const outcomes = rules.map(rule =>
        ruled([rule], {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          resources: [rule.arn],
          detail: {},
        }),
      )
      return (await Promise.all(outcomes)).flat()
    },
    async close() {
      await eventSources.stop()
      await lambda.stop()
      await Promise.all([front.close(), services.close()])
    },
  }
}

/** What Lambda sets besides the stack's variables, and what says that AWS is on this machine. */
export function lambdaEnvironment({ endpoints, credentialsOf }: Services, name: string) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(name)
  return {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsmanager,
  }
}

/** Every field of a pattern names the values that it takes; of a list one is enough. */
function fits(pattern: EventRule['pattern'], event: HappenedEvent): boolean {
  if (pattern === undefined) return false
  const values = new Map<string, readonly string[]>([
    ['source', [event.source]],
    ['detail-type', [event['detail-type']]],
    ['resources', event.resources],
  ])
  return Object.entries(pattern).every(([name, taken]) =>
    values.get(name)?.some(value => taken.includes(value)),
  )
}

function eventBridgeEvent(event: HappenedEvent) {
  return {
    version: '0',
    id: randomUUID(),
    account: ACCOUNT,
    time: new Date().toISOString(),
    region: REGION,
    ...event,
  }
}
