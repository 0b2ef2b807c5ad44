/**
 * DynamoDB, SQS and Secrets Manager with what the stack keeps in them, each behind a door that holds calls
 * against the policies of the template.
 */
import { randomBytes } from 'node:crypto'
import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { createSqsServer } from 'local-aws-sqs'
import { type Database, startDatabase } from './database.ts'
import type { Deployment } from './deployment.ts'
import { type Call, type EndpointDeps, openEndpoint, type Service } from './endpoint.ts'
import { closeServer, portOf } from './http.ts'
import { startSecrets } from './secrets.ts'
import { ACCOUNT, REGION, type Resolved } from './template.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

export interface Services {
  readonly deployment: Deployment
  readonly database: Database['name']
  /** Clients of an administrator, who uses no door. */
  readonly admin: { readonly dynamo: DynamoDBClient; readonly sqs: SQSClient }
  readonly masterSecret: string
  readonly endpoints: Readonly<Record<Service, string>>
  /** Of a function's role. */
  credentialsOf(functionName: string): Credentials
  close(): Promise<void>
}

/**
 * @param read the deployment, once queues have an address: the SDK asks for a message where its queue is.
 * @param visibilitySeconds in place of the template's.
 */
export async function startServices(
  read: (queueUrl: (name: string) => string) => Deployment,
  deps: Pick<EndpointDeps, 'fateOf' | 'kill' | 'note'>,
  visibilitySeconds?: number,
): Promise<Services> {
  const options = { port: 0, hostname: '127.0.0.1', region: REGION, accountId: ACCOUNT }
  const [database, sqsServer] = await Promise.all([startDatabase(), createSqsServer(options)])
  const sqsUrl = `http://127.0.0.1:${portOf(sqsServer)}`
  const sqs = await openEndpoint('sqs', sqsUrl, () => doorDeps)
  const deployment = read(name => `${sqs.url}/${ACCOUNT}/${name}`)
  const secrets = await startSecrets(deployment.secret)
  const credentials = new Map(
    deployment.functions.map(({ name }) => [name, newCredentials()] as const),
  )
  const doorDeps: EndpointDeps = {
    ...deps,
    callers: new Map([...credentials].map(([name, one]) => [one.accessKeyId, { name, ...one }])),
    policies: deployment.policies,
    resourcesOf: (service, input) => resourcesOf(deployment, service, input),
  }
  const dynamodb = await openEndpoint('dynamodb', database.endpoint, () => doorDeps)
  const secretsmanager = await openEndpoint('secretsmanager', secrets.endpoint, () => doorDeps)
  const own = { region: REGION, credentials: newCredentials() }
  const admin = {
    dynamo: new DynamoDBClient({ ...own, endpoint: database.endpoint }),
    sqs: new SQSClient({ ...own, endpoint: sqsUrl }),
  }
  await makeTable(admin.dynamo, deployment.table)
  await makeQueues(admin.sqs, deployment.queues, visibilitySeconds)
  return {
    deployment,
    database: database.name,
    admin,
    masterSecret: secrets.text,
    endpoints: { dynamodb: dynamodb.url, sqs: sqs.url, secretsmanager: secretsmanager.url },
    credentialsOf(name) {
      const found = credentials.get(name)
      if (found === undefined) throw new Error(`no function ${name}`)
      return found
    },
    async close() {
      admin.dynamo.destroy()
      admin.sqs.destroy()
      await Promise.all([dynamodb, sqs, secretsmanager, secrets].map(one => one.close()))
      await Promise.all([database.close(), closeServer(sqsServer)])
    },
  }
}

/** Letters and digits alone: DynamoDB Local takes no other access key. */
function newCredentials(): Credentials {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('hex'),
    sessionToken: randomBytes(32).toString('base64'),
  }
}

async function makeTable(client: DynamoDBClient, { ref, properties }: Resolved): Promise<void> {
  const { AttributeDefinitions, KeySchema, BillingMode, TimeToLiveSpecification } = properties
  await client.send(
    new CreateTableCommand({ TableName: ref, AttributeDefinitions, KeySchema, BillingMode }),
  )
  await client
    .send(new UpdateTimeToLiveCommand({ TableName: ref, TimeToLiveSpecification }))
    // dynalite knows nothing of times to live
    .catch(() => undefined)
}

/** Dead letters first: who sends to them names them. */
async function makeQueues(
  client: SQSClient,
  queues: readonly Resolved[],
  visibilitySeconds?: number,
): Promise<void> {
  const inOrder = queues.toSorted(
    (one, other) =>
      Number('RedrivePolicy' in one.properties) - Number('RedrivePolicy' in other.properties),
  )
  for (const { id, properties } of inOrder) {
    const { MessageRetentionPeriod, RedrivePolicy, VisibilityTimeout } = properties
    const seconds = visibilitySeconds ?? VisibilityTimeout
    const Attributes = {
      MessageRetentionPeriod: String(MessageRetentionPeriod),
      ...(seconds === undefined ? {} : { VisibilityTimeout: String(seconds) }),
      ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    }
    await client.send(new CreateQueueCommand({ QueueName: id, Attributes }))
  }
}

/** The ARNs that a call touches, by its input. A name that the stack does not have is an ARN of nothing. */
function resourcesOf(
  { table, queues, secret }: Deployment,
  service: Service,
  input: Call['input'],
): readonly string[] {
  switch (service) {
    case 'dynamodb':
      return [input.TableName ?? Object.keys(input.RequestItems ?? {})]
        .flat()
        .map(name => (name === table.ref ? table.attribute('Arn') : `no table ${name}`))
    case 'sqs': {
      const queue = queues.find(one => one.ref === input.QueueUrl)
      return [queue?.attribute('Arn') ?? `no queue ${input.QueueUrl}`]
    }
    case 'secretsmanager':
      return [input.SecretId === secret.ref ? secret.ref : `no secret ${input.SecretId}`]
  }
}
