/** The outside contract as schemas: types, checks and the OpenAPI document come from them. */
import * as z from 'zod/mini'
import { RETURN_ADDRESS_CHARS_MAX } from '../queue/limits.ts'
import { PHASES } from '../queue/phase.ts'
import { roomConfigSchema } from '../queue/room-config.ts'
import { roomStateSchema } from '../queue/state.ts'

const count = z.int().check(z.gte(0))

/** Joining: `attempt` is 1 at the first try; more say that earlier ones failed. */
export const joinSchema = z.strictObject({
  attempt: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
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
export const nonceSchema = z
  .string()
  .check(z.regex(/^[\w-]{43}$/, '43 characters of base64url are allowed'))

/** Taking a turn. `to` is checked as a return address, and told as such when it is refused. */
export const takeTurnSchema = z.strictObject({
  nonce: z.optional(nonceSchema),
  to: z.optional(z.string().check(z.maxLength(RETURN_ADDRESS_CHARS_MAX * 2))),
})

export const passSchema = z.object({ location: z.string(), expiresAtMs: z.int() })

export const placeSchema = z.object({
  status: z.enum(['drawing', 'waiting', 'admitted', 'missed', 'paused', 'sold-out', 'ended']),
  place: z.optional(count),
  ahead: z.optional(count),
  waitSeconds: z.optional(z.nullable(count)),
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

export const acceptedSchema = z.object({ accepted: count })

export const roomSchema = z.object({
  room: z.string(),
  phase: z.enum(PHASES),
  config: roomConfigSchema,
  state: roomStateSchema,
  version: count,
})

export const roomListSchema = z.object({
  rooms: z.array(
    z.object({ room: z.string(), phase: z.enum(PHASES), wakesAtMs: z.nullable(z.int()) }),
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
