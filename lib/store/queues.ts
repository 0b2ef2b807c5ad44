/** What the use cases need from the world besides the store. */
import * as z from 'zod/mini'
import { DEPARTURES_MAX } from '../queue/limits.ts'

/** A request for one admission step of a room. */
export interface Tick {
  readonly room: string
  /** When the step is due; queues round to whole seconds. */
  readonly dueAtMs: number
}

/** The queue of ticks. A tick that comes twice, late or out of order does no harm. */
export interface TickQueue {
  send(ticks: readonly Tick[], nowMs: number): Promise<void>
}

/** `cohort.shard.index`, as in a ticket. */
export const ticketIdSchema = z
  .string()
  .check(z.regex(/^\d{1,10}\.\d{1,3}\.\d{1,10}$/, 'a ticket id such as 0.3.41 is allowed'))

export const departureSchema = z.strictObject({
  ticket: ticketIdSchema,
  reason: z.enum(['bought', 'left']),
})

export const departuresSchema = z
  .array(departureSchema)
  .check(z.minLength(1), z.maxLength(DEPARTURES_MAX))

/** What a showroom says about people who left; the body of a message in the departures queue. */
export const departuresMessageSchema = z.strictObject({
  room: z.string(),
  departures: departuresSchema,
})
export type DeparturesMessage = z.infer<typeof departuresMessageSchema>

/** The queue of departures. */
export interface DeparturesQueue {
  send(message: DeparturesMessage): Promise<void>
}
