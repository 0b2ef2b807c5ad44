/** The outside contract as schemas: types, checks and the OpenAPI document come from them. */
import * as z from 'zod/mini'
import { healthReportSchema } from '../../queue/admission/health.ts'
import {
  ATTEMPT,
  INVITATIONS_MAX,
  MANUAL_PLACES,
  RETURN_ADDRESS_CHARS_MAX,
  STOCK,
  TOKEN_CHARS_MAX,
} from '../../queue/limits.ts'
import { anObject, cameInstead, instantSchema, parseOrName, whole } from '../../queue/parse.ts'
import { roomConfigSchema } from '../../queue/room/config.ts'
import { PHASES } from '../../queue/room/phase.ts'
import { roomStateSchema } from '../../queue/room/state.ts'
import type { TicketStatus } from '../../queue/visitor/ticket-status.ts'

const count = z.int().check(z.gte(0))

/** Joining: `attempt` is 1 at the first try; more say that earlier ones failed. */
export const joinSchema = z.strictObject(
  {
    attempt: z.optional(whole(ATTEMPT)),
    /** To a group's line; and a secret of the browser's own, by which it gets the same ticket again. */
    invitation: z.optional(
      text(`a text of at most ${TOKEN_CHARS_MAX} characters`, TOKEN_CHARS_MAX),
    ),
    holder: z.optional(text('16 to 64 characters of base64url', 64, /^[\w-]{16,64}$/)),
  },
  anObject,
)

/** What a showroom says of its stock: so many are left, and when that was so. */
export const stockWordInputSchema = z.strictObject(
  { left: whole(STOCK), at: instantSchema },
  anObject,
)

/** How many to let in by hand. */
export const letInSchema = z.strictObject({ places: whole(MANUAL_PLACES) }, anObject)

const alarmSchema = z.strictObject(
  { alarm: z.boolean({ error: cameInstead('true or false') }) },
  anObject,
)
/** What a showroom measured of its health, or whether an alarm is on. */
export const healthSchema = z.union([healthReportSchema, alarmSchema])

/** Parses by the form that was meant, so that a complaint names its fields. */
export function parseHealth(body: unknown): z.infer<typeof healthSchema> {
  const isAlarm = typeof body === 'object' && body !== null && 'alarm' in body
  return isAlarm ? parseOrName(alarmSchema, body) : parseOrName(healthReportSchema, body)
}

/** Which invitations are to be made; `count` is 1 and `expiresAt` a week away when left out. */
export const invitationsSchema = z.strictObject(
  {
    group: z.string({ error: cameInstead('the name of a group') }),
    count: z.optional(whole({ min: 1, max: INVITATIONS_MAX })),
    expiresAt: z.optional(instantSchema),
  },
  anObject,
)

export const madeInvitationsSchema = z.object({
  invitations: z.array(z.object({ id: z.string(), token: z.string(), url: z.string() })),
})

export const ticketSchema = z.object({
  /** The signed ticket; the cookie carries the same. */
  ticket: z.string(),
  id: z.string(),
  cohort: count,
  shard: count,
  index: count,
  commitment: z.string(),
})

/** What a gate sends along: SHA-256 in base64url. */
export const nonceSchema = text('43 characters of base64url', 43, /^[\w-]{43}$/)

/** Taking a turn. `to` is checked later, as a return address, and has an error of its own. */
export const takeTurnSchema = z.strictObject(
  {
    nonce: z.optional(nonceSchema),
    to: z.optional(text('an address', RETURN_ADDRESS_CHARS_MAX * 2)),
  },
  anObject,
)

export const passSchema = z.object({ location: z.string(), expiresAtMs: z.int() })

/** As an object, so that a status that is missing here, or is none any more, does not compile. */
const TICKET_STATUSES: Readonly<Record<TicketStatus['status'], true>> = {
  drawing: true,
  waiting: true,
  admitted: true,
  missed: true,
  paused: true,
  'sold-out': true,
  ended: true,
  closed: true,
}

export const placeSchema = z.object({
  status: z.enum(Object.keys(TICKET_STATUSES)),
  place: z.optional(count),
  ahead: z.optional(count),
  waitSeconds: z.optional(z.nullable(count)),
  odds: z.optional(z.nullable(z.number())),
  lateSeats: z.optional(count),
  turnAtMs: z.optional(z.int()),
  turnEndsAtMs: z.optional(z.int()),
})

const jwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('ES256'),
})
export const jwksSchema = z.object({ keys: z.array(jwkSchema) })

/** Any JSON object. */
export const documentSchema = z.looseObject({})

export const acceptedSchema = z.object({ accepted: count })

export const roomSchema = z.object({
  room: z.string(),
  phase: z.enum(PHASES),
  config: roomConfigSchema,
  state: roomStateSchema,
  version: count,
})

/** `broken`: what is stored of the room cannot be read. */
const listedPhaseSchema = z.enum([...PHASES, 'broken'])
export type ListedPhase = z.infer<typeof listedPhaseSchema>
export const roomListSchema = z.object({
  rooms: z.array(
    z.object({ room: z.string(), phase: listedPhaseSchema, wakesAtMs: z.nullable(z.int()) }),
  ),
})

export const historySchema = z.object({
  entries: z.array(
    z.object({
      atMs: z.int(),
      kind: z.string(),
      facts: z.record(z.string(), z.nullable(z.union([z.string(), z.number()]))),
    }),
  ),
})

function text(allowed: string, charsMax: number, pattern = /^/) {
  const error = cameInstead(allowed)
  return z.string({ error }).check(z.maxLength(charsMax, { error }), z.regex(pattern, { error }))
}
