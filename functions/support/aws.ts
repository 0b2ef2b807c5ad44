/** What every deployed function is wired with. Made once, when an instance starts. */
import { randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createDynamoClient, createDynamoStore } from '../../lib/store/dynamodb.ts'
import { variable } from '../../lib/store/environment.ts'
import { createKeyRing, type KeyRing } from '../../lib/store/keys.ts'
import { readSecret } from '../../lib/store/secret.ts'
import { createDeparturesQueue, createTickQueue } from '../../lib/store/sqs.ts'

const { env } = process
const endpoint = (url: string | undefined) => (url === undefined ? {} : { endpoint: url })

export const now = Date.now
export const chance = Math.random
export const newId = randomUUID

export function store() {
  const client = createDynamoClient(endpoint(env.DYNAMODB_ENDPOINT))
  return createDynamoStore({ client, table: variable(env, 'table') })
}

export function ticks() {
  return createTickQueue(new SQSClient(endpoint(env.SQS_ENDPOINT)), variable(env, 'ticksQueue'))
}

export function departures() {
  const client = new SQSClient(endpoint(env.SQS_ENDPOINT))
  return createDeparturesQueue(client, variable(env, 'departuresQueue'))
}

export async function keys(): Promise<KeyRing> {
  const secret = await readSecret(new SecretsManagerClient({}), variable(env, 'masterSecret'))
  return createKeyRing(secret)
}
