/** What the use cases need from the world besides the store. */
import * as z from 'zod/mini'
import { DEPARTURES_MAX, STOCK, TICKET_ID } from '../queue/limits.ts'
import { anObject, cameInstead, instantSchema, whole } from '../queue/parse.ts'

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

const aTicketId = { error: cameInstead('a ticket id such as 0.3.41') }
export const ticketIdSchema = z.string(aTicketId).check(z.regex(TICKET_ID, aTicketId))

const departureSchema = z.strictObject(
  {
    ticket: ticketIdSchema,
    reason: z.enum(['bought', 'left'], { error: cameInstead('bought or left') }),
    /** When it was said. Accepted and not used: a ticket departs once, whenever that was said. */
    at: z.optional(instantSchema),
  },
  anObject,
)

const aList = { error: cameInstead(`a list of 1 to ${DEPARTURES_MAX} departures`) }
export const departuresSchema = z
  .array(departureSchema, aList)
  .check(z.minLength(1, aList), z.maxLength(DEPARTURES_MAX, aList))

/** What a showroom says about people who left; the body of a message in the departures queue. */
const departuresWordSchema = z.strictObject({ room: z.string(), departures: departuresSchema })

/** What a showroom says about what is left, and when it was so; another body of the same queue. */
const stockWordSchema = z.strictObject({
  room: z.string(),
  stockLeft: whole(STOCK),
  atMs: z.int(),
})

export const showroomMessageSchema = z.union([departuresWordSchema, stockWordSchema])
export type ShowroomMessage = z.infer<typeof showroomMessageSchema>
export type DeparturesMessage = z.infer<typeof departuresWordSchema>

/** The queue of what showrooms say. */
export interface DeparturesQueue {
  send(message: ShowroomMessage): Promise<void>
}
