/** Amazon's services on one machine: DynamoDB by dynalite, SQS by local-aws-sqs, both over HTTP. */
import type { Server } from 'node:http'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import dynalite from 'dynalite'
import { createSqsServer } from 'local-aws-sqs'

export interface Embedded {
  readonly endpoint: string
  close(): Promise<void>
}

/** @param path a folder that keeps the tables between runs; in memory when left out. */
export async function startDynamo(path?: string): Promise<Embedded> {
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(path === undefined ? {} : { path }),
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return embedded(server)
}

export async function startSqs(): Promise<Embedded> {
  const server = await createSqsServer({ port: 0, hostname: '127.0.0.1' })
  return embedded(server)
}

/** A client for an embedded or other local SQS. */
export function createSqsClient(endpoint: string): SQSClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new SQSClient({ endpoint, region: 'us-east-1', credentials })
}

/** Makes a queue, or finds it, and gives its address. */
export async function createQueue(client: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }))
  if (QueueUrl === undefined) throw new Error('the queue has no address')
  return QueueUrl
}

function embedded(server: Server): Embedded {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
