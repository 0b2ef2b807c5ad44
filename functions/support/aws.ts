/** What every deployed function is wired with. Made once, when an instance starts. */
import { randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { createFreshKeys, type FreshKeys } from '../../lib/keys/fresh-keys.ts'
import { readSecret } from '../../lib/keys/secret.ts'
import { variable } from '../../lib/runtime/environment.ts'
import { createMetrics, type Metrics } from '../../lib/runtime/metrics.ts'
import { createDeparturesQueue, createTickQueue } from '../../lib/runtime/sqs.ts'
import { createDynamoClient, createDynamoStore } from '../../lib/store/dynamodb/client.ts'

const { env } = process

export const now = Date.now
export const chance = Math.random
export const newId = randomUUID

export function store() {
  return createDynamoStore({ client: createDynamoClient(), table: variable(env, 'table') })
}

export function ticks() {
  return createTickQueue(new SQSClient({}), variable(env, 'ticksQueue'))
}

export function departures() {
  return createDeparturesQueue(new SQSClient({}), variable(env, 'departuresQueue'))
}

/** The ARN of each room's alarm; the stack wrote them as JSON. */
export function healthAlarms(): Readonly<Record<string, string>> {
  return z.record(z.string(), z.string()).parse(JSON.parse(variable(env, 'healthAlarms')))
}

/** Read when an instance starts, and again while it lives. */
export function keys(): Promise<FreshKeys> {
  const client = new SecretsManagerClient({})
  return createFreshKeys(() => readSecret(client, variable(env, 'masterSecret')), now)
}

/** A handler that reads the keys again, when they are old, before it begins. */
export function withFreshKeys<Input extends unknown[], Output>(
  { refresh }: FreshKeys,
  handler: (...input: Input) => Promise<Output>,
): (...input: Input) => Promise<Output> {
  return async (...input) => {
    await refresh()
    return handler(...input)
  }
}

/** Standard output itself: what `console` prints, Lambda wraps. */
export function metrics(): Metrics {
  return createMetrics(variable(env, 'table'), line => process.stdout.write(line))
}
