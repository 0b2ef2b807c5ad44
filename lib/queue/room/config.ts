/** A room's configuration: its fields, and what each may be. */
import * as z from 'zod/mini'
import { complaintAboutCount } from '../complaint.ts'
import {
  ALLOWED_ORIGINS_MAX,
  ARRIVAL_WINDOW_SECONDS,
  BATCH_SECONDS,
  CAPACITY,
  GROUP_NAME,
  GROUP_NAME_RULE,
  GROUP_SHARE_PERCENT,
  GROUPS_MAX,
  HEALTH_ERROR_SHARE,
  HEALTH_FLOOR_PERCENT,
  HEALTH_HOLD_SECONDS,
  HEALTH_LATENCY_MS,
  MESSAGE_BYTES_MAX,
  RATE_PER_MINUTE,
  RATE_PLAN_MAX,
  SESSION_SECONDS,
  STOCK,
  TURN_SECONDS,
} from '../limits.ts'
import {
  anObject,
  atMost,
  cameInstead,
  instantSchema,
  lengthOf,
  numberBetween,
  whole,
} from '../parse.ts'

const anAddress = { error: cameInstead('an http(s) address without credentials') }
const httpAddress = z.string(anAddress).check(z.refine(isHttpAddress, anAddress))

const anOrigin = { error: cameInstead('an origin without a path, such as https://shop.example,') }
const origin = z
  .string(anOrigin)
  .check(z.refine(value => isHttpAddress(value) && new URL(value).origin === value, anOrigin))
const origins = z.array(origin, { error: cameInstead('a list of origins') }).check(
  z.refine(list => list.length >= 1 && list.length <= ALLOWED_ORIGINS_MAX, {
    error: issue => complaintAboutCount(lengthOf(issue.input), `1 to ${ALLOWED_ORIGINS_MAX}`),
  }),
)

/** A message counts as it travels: in JSON, where quotes, line breaks and the like take more bytes. */
const messageBytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length - 2

const message = z.string({ error: cameInstead('a text') }).check(
  z.refine(text => messageBytes(text) <= MESSAGE_BYTES_MAX, {
    error: issue => {
      const came = `${messageBytes(String(issue.input))} bytes of JSON`
      return complaintAboutCount(came, `at most ${MESSAGE_BYTES_MAX}`)
    },
  }),
)

/** From `at` on the rate is another. */
const planned = z.strictObject(
  { at: instantSchema, ratePerMinute: whole(RATE_PER_MINUTE) },
  anObject,
)

const groupName = z
  .string({ error: cameInstead('a name') })
  .check(z.regex(GROUP_NAME, { error: cameInstead(`a name of ${GROUP_NAME_RULE}`) }))
/** People who are invited stand in a line of their own, which gets this share of what is let in. */
const group = z.strictObject(
  { name: groupName, sharePercent: whole(GROUP_SHARE_PERCENT) },
  anObject,
)

/** Reports beyond either bound slow admission down, to the floor at most, one step each hold. */
const healthFields = {
  latencyMs: whole(HEALTH_LATENCY_MS),
  errorRate: numberBetween(HEALTH_ERROR_SHARE),
  floorPercent: whole(HEALTH_FLOOR_PERCENT),
  holdSeconds: whole(HEALTH_HOLD_SECONDS),
}
const health = z.strictObject(healthFields, anObject)

export const MODES = ['line', 'auto', 'off', 'closed'] as const
export type Mode = (typeof MODES)[number]

const fields = {
  /**
   * `line`: a line from the doors on. `auto`: nobody notices the room until more come than the rate
   * or the capacity bears. `off`: everybody goes straight through. `closed`: for maintenance.
   */
  mode: z.enum(MODES, { error: cameInstead(`one of ${MODES.join(', ')}`) }),
  showroomUrl: httpAddress,
  allowedOrigins: origins,
  doorsAt: z.nullable(instantSchema),
  opensAt: z.nullable(instantSchema),
  closesAt: z.nullable(instantSchema),
  arrivalWindowSeconds: whole(ARRIVAL_WINDOW_SECONDS),
  batchSeconds: whole(BATCH_SECONDS),
  ratePerMinute: whole(RATE_PER_MINUTE),
  ratePlan: atMost(planned, RATE_PLAN_MAX, 'times and rates'),
  capacity: z.nullable(whole(CAPACITY)),
  /** All there is to sell, bought or not; null: not counted. */
  stock: z.nullable(whole(STOCK)),
  /** What is left of it by the last word; null: `stock` less what departures say was bought. */
  stockLeft: z.nullable(whole(STOCK)),
  /** When that was said. A word from before that does not count, even if it comes later. */
  stockLeftAt: z.nullable(instantSchema),
  turnSeconds: whole(TURN_SECONDS),
  sessionSeconds: whole(SESSION_SECONDS),
  health,
  groups: atMost(group, GROUPS_MAX, 'groups'),
  message: z.nullable(message),
  passAlgorithm: z.enum(['HS256', 'ES256'], { error: cameInstead('HS256 or ES256') }),
}

/** A complete configuration, as it is given back. */
export const roomConfigSchema = z.strictObject(fields, anObject)
export type RoomConfig = z.infer<typeof roomConfigSchema>

const inputFields = {
  ...fields,
  health: z.strictObject(z.partial(z.strictObject(healthFields)).shape, anObject),
}

/** What an operator puts: all but `showroomUrl` may be left out. */
export const roomConfigInputSchema = z.strictObject(
  { ...z.partial(z.strictObject(inputFields)).shape, showroomUrl: httpAddress },
  anObject,
)

/** What an operator may change while a sale runs, without touching anything else. */
export const roomPatchSchema = z.strictObject(
  z.partial(
    z.pick(z.strictObject(inputFields), {
      mode: true,
      ratePerMinute: true,
      ratePlan: true,
      capacity: true,
      stock: true,
      stockLeft: true,
      health: true,
      message: true,
      opensAt: true,
      closesAt: true,
    }),
  ).shape,
  anObject,
)

/** The rate that the plan, or else `ratePerMinute`, sets for this time; before health slows it. */
export function rateAt(config: RoomConfig, atMs: number): number {
  const passed = config.ratePlan.filter(({ at }) => Date.parse(at) <= atMs)
  return passed.at(-1)?.ratePerMinute ?? config.ratePerMinute
}

/** Milliseconds of a time in the configuration; null stays null. */
export function timeMs(time: string | null): number | null {
  return time === null ? null : Date.parse(time)
}

function isHttpAddress(value: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(value) || !URL.canParse(value)) return false
  const url = new URL(value)
  return url.username === '' && url.password === ''
}
