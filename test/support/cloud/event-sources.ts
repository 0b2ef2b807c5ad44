/**
 * Event source mappings: messages of a queue become batches for a function, whose role takes them. What it
 * gives back as failed, and everything of a batch that ended badly, stays in the queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import { setTimeout as pause } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { EventSource } from './deployment.ts'
import type { Lambda } from './lambda.ts'
import { REGION } from './template.ts'

export interface EventSources {
  /** What the console calls disabling a trigger: nobody takes the function's messages any more. */
  disable(functionName: string): Promise<void>
  enable(functionName: string): void
  stop(): Promise<void>
}

/** Between two looks at an empty queue. */
const IDLE_MS = 50

export function startEventSources(
  sources: readonly EventSource[],
  lambda: Pick<Lambda, 'invoke'>,
  connection: {
    readonly endpoint: string
    readonly credentialsOf: (functionName: string) => {
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken: string
    }
  },
): EventSources {
  const pollers = new Map(sources.map(source => [source.functionName, createPoller(source)]))

  function createPoller(source: EventSource) {
    const client = new SQSClient({
      endpoint: connection.endpoint,
      region: REGION,
      credentials: connection.credentialsOf(source.functionName),
    })
    let running: Promise<void> | undefined
    let isOn = false
    const loop = async () => {
      // AWS looks how full the queue is, to know how many readers it needs.
      const command = new GetQueueAttributesCommand({
        QueueUrl: source.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      await client.send(command)
      while (isOn) {
        if ((await takeBatch(client, source, lambda)) === 0) await pause(IDLE_MS)
      }
    }
    const stop = async () => {
      isOn = false
      await running
    }
    const start = () => {
      isOn = true
      running = loop()
    }
    start()
    return { start, stop, destroy: () => client.destroy() }
  }
  const pollerOf = (name: string) => {
    const poller = pollers.get(name)
    if (poller === undefined) throw new Error(`nothing feeds ${name}`)
    return poller
  }
  return {
    disable: name => pollerOf(name).stop(),
    enable: name => pollerOf(name).start(),
    async stop() {
      await Promise.all([...pollers.values()].map(poller => poller.stop()))
      for (const poller of pollers.values()) poller.destroy()
    },
  }
}

/** Gives how many messages came. */
async function takeBatch(
  client: SQSClient,
  source: EventSource,
  lambda: Pick<Lambda, 'invoke'>,
): Promise<number> {
  const { queueUrl: QueueUrl, batchSize } = source
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: batchSize,
      // As Lambda gets them. The older name is the one that the embedded queue knows.
      MessageSystemAttributeNames: ['All'],
      AttributeNames: ['All'],
    }),
  )
  if (Messages.length === 0) return 0
  const Records = Messages.map(message => recordOf(message, source))
  const outcome = await lambda.invoke(source.functionName, { Records })
  const kept = outcome.status === 'answered' ? failuresOf(outcome.payload) : undefined
  const done =
    kept === undefined ? [] : Messages.filter(({ MessageId = '' }) => !kept.has(MessageId))
  if (done.length > 0) {
    const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
  return Messages.length
}

/** An answer that lists no failures, or none at all, is a success of the whole batch. */
function failuresOf(payload: unknown): Set<string> {
  const { batchItemFailures = [] } = (payload ?? {}) as {
    batchItemFailures?: readonly { readonly itemIdentifier: string }[]
  }
  return new Set(batchItemFailures.map(failure => failure.itemIdentifier))
}

function recordOf(message: Message, source: EventSource) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: {},
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: source.queueArn,
    awsRegion: REGION,
  }
}
