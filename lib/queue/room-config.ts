/** A room's configuration: what an operator puts, and what it becomes with its defaults. */
import * as z from 'zod/mini'
import { AntichambreError } from './errors.ts'
import {
  ALLOWED_ORIGINS_MAX,
  ARRIVAL_WINDOW_SECONDS,
  BATCH_SECONDS,
  CAPACITY,
  MESSAGE_BYTES_MAX,
  RATE_PER_MINUTE,
  ROOM_ID,
  ROOM_ID_RULE,
  SESSION_SECONDS,
  STOCK,
  TURN_SECONDS,
} from './limits.ts'

/** "came, allowed": every message of this file says both. */
const cameInstead = (allowed: string) => (issue: { input?: unknown }) =>
  `${shown(issue.input)} came, ${allowed} is allowed`

function shown(input: unknown): string {
  if (typeof input === 'number' || typeof input === 'boolean') return String(input)
  if (input === null) return 'null'
  return Array.isArray(input)
    ? 'a list'
    : ({ string: 'a text', object: 'an object' }[typeof input as 'string'] ?? 'nothing')
}

function lengthOf(input: unknown): number {
  return Array.isArray(input) ? input.length : 0
}

interface Bounds {
  readonly min: number
  readonly max: number
}

function whole({ min, max }: Bounds) {
  const error = cameInstead(`a whole number from ${min} to ${max}`)
  return z.int({ error }).check(z.gte(min, { error }), z.lte(max, { error }))
}

const instant = z.iso.datetime({
  offset: true,
  error: cameInstead('a time with its zone, such as 2026-12-01T06:00:00Z,'),
})

const anAddress = { error: cameInstead('an http(s) address without credentials') }
const httpAddress = z.string(anAddress).check(z.refine(isHttpAddress, anAddress))

const anOrigin = { error: cameInstead('an origin without a path, such as https://shop.example,') }
const origin = z
  .string(anOrigin)
  .check(z.refine(value => isHttpAddress(value) && new URL(value).origin === value, anOrigin))
const origins = z.array(origin, { error: cameInstead('a list of origins') }).check(
  z.refine(list => list.length >= 1 && list.length <= ALLOWED_ORIGINS_MAX, {
    error: issue => `${lengthOf(issue.input)} came, 1 to ${ALLOWED_ORIGINS_MAX} are allowed`,
  }),
)

/** A message counts as it travels: in JSON, where quotes, line breaks and the like take more bytes. */
const messageBytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length - 2

const message = z.string({ error: cameInstead('a text') }).check(
  z.refine(text => messageBytes(text) <= MESSAGE_BYTES_MAX, {
    error: issue =>
      `${messageBytes(String(issue.input))} bytes of JSON came, at most ${MESSAGE_BYTES_MAX} are allowed`,
  }),
)

const fields = {
  showroomUrl: httpAddress,
  allowedOrigins: origins,
  doorsAt: z.nullable(instant),
  opensAt: z.nullable(instant),
  closesAt: z.nullable(instant),
  arrivalWindowSeconds: whole(ARRIVAL_WINDOW_SECONDS),
  batchSeconds: whole(BATCH_SECONDS),
  ratePerMinute: whole(RATE_PER_MINUTE),
  capacity: z.nullable(whole(CAPACITY)),
  stock: z.nullable(whole(STOCK)),
  turnSeconds: whole(TURN_SECONDS),
  sessionSeconds: whole(SESSION_SECONDS),
  message: z.nullable(message),
  passAlgorithm: z.enum(['HS256', 'ES256'], { error: cameInstead('HS256 or ES256') }),
}

const anObject = { error: cameInstead('an object') }

/** A complete configuration, as it is stored and given back. */
export const roomConfigSchema = z.strictObject(fields, anObject)
export type RoomConfig = z.infer<typeof roomConfigSchema>

/** What an operator puts: all but `showroomUrl` may be left out. */
export const roomConfigInputSchema = z.strictObject(
  { ...z.partial(z.strictObject(fields)).shape, showroomUrl: httpAddress },
  anObject,
)

/** What an operator may change while a sale runs, without touching anything else. */
export const roomPatchSchema = z.strictObject(
  z.partial(
    z.pick(z.strictObject(fields), {
      ratePerMinute: true,
      capacity: true,
      stock: true,
      message: true,
      opensAt: true,
      closesAt: true,
    }),
  ).shape,
  anObject,
)
export type RoomPatch = z.infer<typeof roomPatchSchema>

/**
 * Parses a configuration and fills in the defaults: doors open at once; `opensAt` left out means
 * now, null means when the operator says so; no closing; no limit of people inside; stock not counted.
 * @throws AntichambreError `bad-request`, naming every field that is wrong.
 */
export function parseRoomConfig(input: unknown, nowMs: number): RoomConfig {
  const given = parseOrName(roomConfigInputSchema, input)
  const config: RoomConfig = {
    showroomUrl: new URL(given.showroomUrl).href,
    allowedOrigins: given.allowedOrigins ?? [new URL(given.showroomUrl).origin],
    doorsAt: given.doorsAt ?? null,
    opensAt: given.opensAt === undefined ? new Date(nowMs).toISOString() : given.opensAt,
    closesAt: given.closesAt ?? null,
    arrivalWindowSeconds: given.arrivalWindowSeconds ?? ARRIVAL_WINDOW_SECONDS.default,
    batchSeconds: given.batchSeconds ?? BATCH_SECONDS.default,
    ratePerMinute: given.ratePerMinute ?? RATE_PER_MINUTE.default,
    capacity: given.capacity ?? null,
    stock: given.stock ?? null,
    turnSeconds: given.turnSeconds ?? TURN_SECONDS.default,
    sessionSeconds: given.sessionSeconds ?? SESSION_SECONDS.default,
    message: given.message ?? null,
    passAlgorithm: given.passAlgorithm ?? 'HS256',
  }
  return checkedTogether(config)
}

/** A configuration with some fields changed. @throws like `parseRoomConfig`. */
export function patchRoomConfig(config: RoomConfig, patch: unknown): RoomConfig {
  const given = parseOrName(roomPatchSchema, patch)
  const changes = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  )
  return checkedTogether({ ...config, ...changes })
}

/** @throws AntichambreError `bad-room-id` */
export function parseRoomId(id: string): string {
  if (ROOM_ID.test(id)) return id
  throw new AntichambreError('bad-room-id', `a room's id has ${ROOM_ID_RULE}`)
}

/** Milliseconds of a time in the configuration; null stays null. */
export function timeMs(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}

/** Parses with a schema and names every field that is wrong, what came and what is allowed. */
export function parseOrName<Schema extends z.core.$ZodType>(
  schema: Schema,
  input: unknown,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, input)
  if (outcome.success) return outcome.data
  const complaints = outcome.error.issues.map(complaintOf)
  throw new AntichambreError('bad-request', complaints.join('; '))
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map(key => `${[...issue.path, key].join('.').slice(0, 80)}: no such field`)
      .join('; ')
  }
  return `${issue.path.length === 0 ? 'body' : issue.path.join('.')}: ${issue.message}`
}

function checkedTogether(config: RoomConfig): RoomConfig {
  const complaints: string[] = []
  const before = (
    earlier: 'doorsAt' | 'opensAt',
    later: 'opensAt' | 'closesAt',
    strictly: boolean,
  ) => {
    const a = timeMs(config[earlier])
    const b = timeMs(config[later])
    if (a === null || b === null || a < b || (a === b && !strictly)) return
    const relation = strictly ? 'later than' : 'not before'
    complaints.push(
      `${later}: ${config[later]} came, ${relation} ${earlier} (${config[earlier]}) is allowed`,
    )
  }
  before('doorsAt', 'opensAt', false)
  before('opensAt', 'closesAt', true)
  if (config.opensAt === null) before('doorsAt', 'closesAt', true)
  if (!config.allowedOrigins.includes(new URL(config.showroomUrl).origin)) {
    complaints.push("allowedOrigins: the showroom's own origin is missing")
  }
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  return config
}

function isHttpAddress(value: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(value) || !URL.canParse(value)) return false
  const url = new URL(value)
  return url.username === '' && url.password === ''
}
