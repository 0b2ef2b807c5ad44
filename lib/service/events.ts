/** What the queue-driven functions do with the events that AWS hands them. */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import type { AlarmWord } from '../queue/admission/health.ts'
import { AntichambreError } from '../queue/errors.ts'
import { ROOM_ID } from '../queue/limits.ts'
import { logFailure } from '../runtime/log.ts'
import type { Metrics } from '../runtime/metrics.ts'
import { showroomMessageSchema } from '../runtime/queues.ts'
import { type AdmitDeps, admit } from './admission/admit.ts'
import { type ClockDeps, sendDueTicks } from './admission/clock.ts'
import { watchRooms } from './admission/standstill.ts'
import { hearShowroom } from './departures.ts'
import { type EditDeps, reportHealth } from './operator/operate.ts'

const tickSchema = z.object({ room: z.string().check(z.regex(ROOM_ID)) })

/**
 * Each minute. It sends the ticks first, because people wait for them. Then it looks whether each room
 * still lets people in.
 */
export function clockHandler(
  deps: ClockDeps & { readonly now: () => number; readonly metrics?: Metrics | undefined },
) {
  return async (): Promise<void> => {
    const { store, metrics } = deps
    await sendDueTicks(deps, deps.now())
    if (metrics !== undefined) await watchRooms({ store, metrics }, deps.now())
  }
}

/** Ticks from the queue: a room asked for several times in one batch takes one step. */
export function admitHandler(deps: AdmitDeps) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const steps = new Map<string, Promise<void>>()
    return handleEach(event, ({ body }) => {
      const { room } = tickSchema.parse(JSON.parse(body))
      const step = steps.get(room) ?? admit(deps, room)
      steps.set(room, step)
      return step
    })
  }
}

/** What showrooms say, from the queue. */
export function departuresHandler(deps: EditDeps) {
  return (event: SQSEvent, context?: TimeLeft): Promise<SQSBatchResponse> => {
    const endsAtMs = context && deps.now() + context.getRemainingTimeInMillis()
    return handleEach(event, ({ body }) =>
      hearShowroom(deps, showroomMessageSchema.parse(JSON.parse(body)), endsAtMs),
    )
  }
}

/** Of Lambda's context. */
type TimeLeft = Pick<Context, 'getRemainingTimeInMillis'>

/** What is read of the event that a CloudWatch alarm sends when its state changes. */
const alarmChangeSchema = z.object({
  resources: z.array(z.string()),
  detail: z.object({
    state: z.object({
      value: z.string(),
      /** To the millisecond; the event's own `time` has seconds alone. */
      timestamp: z.string().check(z.refine(text => Number.isFinite(Date.parse(text)))),
    }),
  }),
})

/**
 * An alarm went on or off. An alarm with too few data counts as off.
 * @param deps `alarms`: the ARN of each room's alarm.
 * @throws the error of the first room that could not be told, after all others were told. AWS then sends
 *   the event again. A report that is repeated, or older than the last one, changes nothing.
 */
export function alarmHandler(
  deps: EditDeps & { readonly alarms: Readonly<Record<string, string>> },
) {
  return async (event: unknown): Promise<void> => {
    const { resources, detail } = alarmChangeSchema.parse(event)
    const rooms = Object.keys(deps.alarms).filter(room =>
      resources.includes(deps.alarms[room] ?? ''),
    )
    const { value, timestamp } = detail.state
    const report = { alarm: value === 'ALARM', atMs: Date.parse(timestamp) }
    const outcomes = await Promise.allSettled(rooms.map(room => tellHealth(deps, room, report)))
    const failed = outcomes.find(outcome => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

/** A report to a room that is not there is dropped: it is not made yet, or was deleted. */
async function tellHealth(deps: EditDeps, room: string, report: AlarmWord): Promise<void> {
  try {
    await reportHealth(deps, room, report)
  } catch (error) {
    if (!(error instanceof AntichambreError && error.code === 'unknown-room')) throw error
  }
}

/**
 * Handles each message by itself and gives back those that failed: they come again alone, and one
 * that never succeeds ends in the dead-letter queue without holding up any other (failure mode 5).
 */
async function handleEach(
  event: SQSEvent,
  handle: (record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  const outcomes = await Promise.all(
    event.Records.map(async record => {
      const { messageId } = record
      try {
        await handle(record)
        return []
      } catch (error) {
        logFailure('message', error, { messageId })
        return [{ itemIdentifier: messageId }]
      }
    }),
  )
  return { batchItemFailures: outcomes.flat() }
}
