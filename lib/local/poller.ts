/** What Lambda's event source mapping does: takes messages from a queue and gives them to a handler. */
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { SQS_BATCH_MAX } from '../queue/limits.ts'

export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse>

export interface Poller {
  /** Resolves when the message in hand is done. */
  stop(): Promise<void>
}

/** Between two requests to an empty queue. A long poll of the embedded SQS returns at its end only, even when a message comes. */
const IDLE_MS = 100

export function startPoller(client: SQSClient, queueUrl: string, handler: SqsHandler): Poller {
  let running = true
  let wake = () => {}
  const loop = async () => {
    while (running) {
      const taken = await takeBatch(client, queueUrl, handler).catch(() => 0)
      if (taken > 0 || !running) continue
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, IDLE_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const done = loop()
  return {
    stop() {
      running = false
      wake()
      return done
    },
  }
}

/** One batch, whose failures stay in the queue. Gives how many messages came. */
async function takeBatch(
  client: SQSClient,
  queueUrl: string,
  handler: SqsHandler,
): Promise<number> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: SQS_BATCH_MAX,
      WaitTimeSeconds: 0,
      VisibilityTimeout: 30,
    }),
  )
  if (Messages.length === 0) return 0
  const { batchItemFailures } = await handler({ Records: Messages.map(toRecord) })
  const failed = new Set(batchItemFailures.map(failure => failure.itemIdentifier))
  const done = Messages.filter(message => !failed.has(message.MessageId ?? ''))
  if (done.length > 0) {
    const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
  }
  return Messages.length
}

function toRecord(message: Message): SQSEvent['Records'][number] {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:local',
    awsRegion: 'us-east-1',
  }
}
