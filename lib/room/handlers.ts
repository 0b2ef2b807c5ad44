/** What the queue-driven functions do with the events that AWS hands them. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod/mini'
import { ROOM_ID } from '../queue/limits.ts'
import { departuresMessageSchema } from '../store/queues.ts'
import type { Store } from '../store/store.ts'
import { type AdmitDeps, admit } from './admit.ts'
import { type ClockDeps, sendDueTicks } from './clock.ts'
import { countDepartures } from './departures.ts'

const tickSchema = z.object({ room: z.string().check(z.regex(ROOM_ID)) })

/** Each minute. */
export function clockHandler(deps: ClockDeps & { readonly now: () => number }) {
  return async (): Promise<void> => {
    await sendDueTicks(deps, deps.now())
  }
}

/** Ticks from the queue: a room asked for several times in one batch takes one step. */
export function admitHandler(deps: AdmitDeps) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const steps = new Map<string, Promise<void>>()
    return settle(event, body => {
      const { room } = tickSchema.parse(JSON.parse(body))
      const step = steps.get(room) ?? admit(deps, room)
      steps.set(room, step)
      return step
    })
  }
}

/** Departures from the queue. */
export function departuresHandler(deps: { readonly store: Store; readonly now: () => number }) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    settle(event, async body => {
      const message = departuresMessageSchema.parse(JSON.parse(body))
      await countDepartures(deps.store, message, deps.now())
    })
}

/**
 * Handles each message by itself and gives back those that failed: they come again alone, and one
 * that never succeeds ends in the dead-letter queue without holding up any other (failure mode 5).
 */
async function settle(
  event: SQSEvent,
  handle: (body: string) => Promise<void>,
): Promise<SQSBatchResponse> {
  const outcomes = await Promise.all(
    event.Records.map(async ({ messageId, body }) => {
      try {
        await handle(body)
        return []
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown'
        console.error(JSON.stringify({ level: 'error', error: name, messageId }))
        return [{ itemIdentifier: messageId }]
      }
    }),
  )
  return { batchItemFailures: outcomes.flat() }
}
