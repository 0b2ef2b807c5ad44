/** The queues of ticks and departures in Amazon SQS. */
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { SQS_BATCH_MAX, SQS_DELAY_SECONDS_MAX } from '../queue/limits.ts'
import type { DeparturesQueue, Tick, TickQueue } from './queues.ts'

const BATCHES_AT_ONCE = 8
/** SQS may refuse some messages of a batch: these are sent again. */
const TRIES_MAX = 3

/** The body of a tick: the room alone, for a step computes everything else. */
function tickBody(tick: Tick): string {
  return JSON.stringify({ room: tick.room })
}

export function createTickQueue(client: SQSClient, queueUrl: string): TickQueue {
  return {
    async send(ticks, nowMs) {
      const batches: Tick[][] = []
      for (let at = 0; at < ticks.length; at += SQS_BATCH_MAX) {
        batches.push(ticks.slice(at, at + SQS_BATCH_MAX))
      }
      const next = batches.values()
      const worker = async () => {
        for (const batch of next) await sendBatch(client, queueUrl, batch, nowMs)
      }
      await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker))
    },
  }
}

export function createDeparturesQueue(client: SQSClient, queueUrl: string): DeparturesQueue {
  return {
    async send(message) {
      const body = JSON.stringify(message)
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }))
    },
  }
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  ticks: readonly Tick[],
  nowMs: number,
): Promise<void> {
  let entries = ticks.map((tick, index) => ({
    Id: String(index),
    MessageBody: tickBody(tick),
    DelaySeconds: delaySeconds(tick.dueAtMs - nowMs),
  }))
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })
    const failed = new Set((await client.send(command)).Failed?.map(entry => entry.Id) ?? [])
    entries = entries.filter(entry => failed.has(entry.Id))
    if (entries.length === 0) return
  }
  throw new Error(`${entries.length} ticks were refused by the queue`)
}

/** Rounded up: a tick that comes before its time finds nothing to do. */
function delaySeconds(delayMs: number): number {
  return Math.min(SQS_DELAY_SECONDS_MAX, Math.max(0, Math.ceil(delayMs / 1000)))
}
