/** A room's configuration: what an operator puts, and what it becomes with its defaults. */
import * as z from 'zod/mini'
import { AntichambreError } from './errors.ts'
import {
  ALLOWED_ORIGINS_MAX,
  ARRIVAL_WINDOW_SECONDS,
  BATCH_SECONDS,
  CAPACITY,
  ENTRIES_PER_TICKET,
  GROUP_NAME,
  GROUP_NAME_RULE,
  GROUP_SHARE_PERCENT,
  GROUPS_MAX,
  HEALTH_ERROR_SHARE,
  HEALTH_FLOOR_PERCENT,
  HEALTH_HOLD_SECONDS,
  HEALTH_LATENCY_MS,
  LATE_SHARE_PERCENT,
  MESSAGE_BYTES_MAX,
  RATE_PER_MINUTE,
  RATE_PLAN_MAX,
  ROOM_ID,
  ROOM_ID_RULE,
  SCHEDULE_AGE_MS_MAX,
  SESSION_SECONDS,
  STOCK,
  STOCK_FACTOR,
  TURN_SECONDS,
} from './limits.ts'
import {
  anObject,
  atMost,
  cameInstead,
  instant,
  lengthOf,
  numberBetween,
  parseOrName,
  whole,
} from './parse.ts'

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

/** From `at` on the rate is another. */
const planned = z.strictObject({ at: instant, ratePerMinute: whole(RATE_PER_MINUTE) }, anObject)

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
  doorsAt: z.nullable(instant),
  opensAt: z.nullable(instant),
  closesAt: z.nullable(instant),
  arrivalWindowSeconds: whole(ARRIVAL_WINDOW_SECONDS),
  batchSeconds: whole(BATCH_SECONDS),
  ratePerMinute: whole(RATE_PER_MINUTE),
  ratePlan: atMost(planned, RATE_PLAN_MAX, 'times and rates'),
  capacity: z.nullable(whole(CAPACITY)),
  /** All there is to sell, bought or not; null: not counted. */
  stock: z.nullable(whole(STOCK)),
  /** What is left of it, as it was told last; null: `stock` without what departures say was bought. */
  stockLeft: z.nullable(whole(STOCK)),
  /** When that was told; an older word that comes later does not count. */
  stockLeftAt: z.nullable(instant),
  stockFactor: numberBetween(STOCK_FACTOR),
  turnSeconds: whole(TURN_SECONDS),
  lateSharePercent: whole(LATE_SHARE_PERCENT),
  entriesPerTicket: whole(ENTRIES_PER_TICKET),
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
      stockFactor: true,
      lateSharePercent: true,
      health: true,
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
    mode: given.mode ?? 'line',
    showroomUrl: new URL(given.showroomUrl).href,
    allowedOrigins: given.allowedOrigins ?? [new URL(given.showroomUrl).origin],
    doorsAt: given.doorsAt ?? null,
    opensAt: given.opensAt === undefined ? time(nowMs) : given.opensAt,
    closesAt: given.closesAt ?? null,
    arrivalWindowSeconds: given.arrivalWindowSeconds ?? ARRIVAL_WINDOW_SECONDS.default,
    batchSeconds: given.batchSeconds ?? BATCH_SECONDS.default,
    ratePerMinute: given.ratePerMinute ?? RATE_PER_MINUTE.default,
    ratePlan: given.ratePlan ?? [],
    capacity: given.capacity ?? null,
    stock: given.stock ?? null,
    stockLeft: given.stockLeft ?? null,
    stockLeftAt: given.stockLeftAt ?? (given.stockLeft == null ? null : time(nowMs)),
    stockFactor: given.stockFactor ?? STOCK_FACTOR.default,
    turnSeconds: given.turnSeconds ?? TURN_SECONDS.default,
    lateSharePercent: given.lateSharePercent ?? LATE_SHARE_PERCENT.default,
    entriesPerTicket: given.entriesPerTicket ?? ENTRIES_PER_TICKET.default,
    sessionSeconds: given.sessionSeconds ?? SESSION_SECONDS.default,
    health: { ...DEFAULT_HEALTH, ...withoutUndefined(given.health ?? {}) },
    groups: given.groups ?? [],
    message: given.message ?? null,
    passAlgorithm: given.passAlgorithm ?? 'HS256',
  }
  return checkedTogether(config, given, nowMs)
}

const DEFAULT_HEALTH: RoomConfig['health'] = {
  latencyMs: HEALTH_LATENCY_MS.default,
  errorRate: HEALTH_ERROR_SHARE.default,
  floorPercent: HEALTH_FLOOR_PERCENT.default,
  holdSeconds: HEALTH_HOLD_SECONDS.default,
}

/**
 * A configuration as it was stored, by this version or an earlier one: fields that did not exist
 * then have their defaults.
 * @throws Error for one that has another form.
 */
export function storedRoomConfig(json: unknown): RoomConfig {
  const { showroomUrl, ...kept } = z.parse(z.looseObject({ showroomUrl: z.string() }), json)
  return z.parse(roomConfigSchema, { ...parseRoomConfig({ showroomUrl }, 0), showroomUrl, ...kept })
}

/**
 * A configuration with some fields changed. A new `stock` counts what was told before as past.
 * @throws like `parseRoomConfig`.
 */
export function patchRoomConfig(config: RoomConfig, patch: unknown, nowMs: number): RoomConfig {
  const given = parseOrName(roomPatchSchema, patch)
  const { health, ...changes } = withoutUndefined(given)
  const isCounted = given.stock !== undefined && given.stockLeft === undefined
  const changed = {
    ...config,
    ...changes,
    ...(isCounted ? { stockLeft: null } : {}),
    ...(given.stockLeft === undefined ? {} : { stockLeftAt: time(nowMs) }),
    health: { ...config.health, ...withoutUndefined(health ?? {}) },
  }
  return checkedTogether(changed, given, nowMs)
}

/**
 * A configuration with the stock that the showroom told of; the same one when a newer word is known
 * already, or nothing is counted.
 */
export function withStockTold(config: RoomConfig, left: number, atMs: number): RoomConfig {
  const knownAtMs = timeMs(config.stockLeftAt)
  if (config.stock === null || (knownAtMs !== null && knownAtMs >= atMs)) return config
  // More than there ever was: the stock has grown.
  const stock = Math.max(config.stock, left)
  return { ...config, stock, stockLeft: left, stockLeftAt: time(atMs) }
}

function time(atMs: number): string {
  return new Date(atMs).toISOString()
}

function withoutUndefined<Fields extends object>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>
  }
}

/** The rate that the plan, or else `ratePerMinute`, sets for this time; before health slows it. */
export function rateAt(config: RoomConfig, atMs: number): number {
  const passed = config.ratePlan.filter(({ at }) => Date.parse(at) <= atMs)
  return passed.at(-1)?.ratePerMinute ?? config.ratePerMinute
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

/** @param given the fields that came now: only they can be too late. */
function checkedTogether(
  config: RoomConfig,
  given: Partial<Record<keyof RoomConfig, unknown>>,
  nowMs: number,
): RoomConfig {
  const complaints = [
    ...timesOutOfOrder(config),
    ...(given.closesAt == null ? [] : closedBefore(config, nowMs)),
    ...(given.ratePlan === undefined ? [] : planComplaints(config, nowMs)),
    ...groupComplaints(config),
  ]
  if (given.stockLeftAt != null && (timeMs(config.stockLeftAt) ?? nowMs) > nowMs) {
    complaints.push(`stockLeftAt: ${config.stockLeftAt} came, no time to come is allowed`)
  }
  if (config.stock === null && config.stockLeft !== null) {
    complaints.push(`stockLeft: ${config.stockLeft} came without a stock, null is allowed`)
  }
  if (config.stock !== null && (config.stockLeft ?? 0) > config.stock) {
    complaints.push(
      `stockLeft: ${config.stockLeft} came, at most the stock (${config.stock}) is allowed`,
    )
  }
  if (!config.allowedOrigins.includes(new URL(config.showroomUrl).origin)) {
    complaints.push("allowedOrigins: the showroom's own origin is missing")
  }
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  return config
}

function timesOutOfOrder(config: RoomConfig): string[] {
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
  return complaints
}

function closedBefore(config: RoomConfig, nowMs: number): string[] {
  const closesAtMs = timeMs(config.closesAt)
  if (closesAtMs === null || closesAtMs > nowMs) return []
  return [`closesAt: ${config.closesAt} came, a time to come is allowed; \`end\` ends a sale now`]
}

function planComplaints({ ratePlan }: RoomConfig, nowMs: number): string[] {
  return ratePlan.flatMap(({ at }, index) => {
    const previous = ratePlan[index - 1]?.at
    const name = `ratePlan.${index}.at`
    if (previous !== undefined && Date.parse(at) <= Date.parse(previous)) {
      return [`${name}: ${at} came, later than the entry before it (${previous}) is allowed`]
    }
    if (Date.parse(at) >= nowMs - SCHEDULE_AGE_MS_MAX) return []
    return [`${name}: ${at} came, a time that is not more than a day past is allowed`]
  })
}

function groupComplaints({ groups }: RoomConfig): string[] {
  const names = groups.map(({ name }) => name)
  const complaints = names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`groups.${index}.name: ${name} came twice`],
  )
  const percent = groups.reduce((sum, { sharePercent }) => sum + sharePercent, 0)
  if (percent <= GROUP_SHARE_PERCENT.max) return complaints
  const all = `groups: shares of ${percent} percent came, together at most`
  return [...complaints, `${all} ${GROUP_SHARE_PERCENT.max} are allowed`]
}

function isHttpAddress(value: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(value) || !URL.canParse(value)) return false
  const url = new URL(value)
  return url.username === '' && url.password === ''
}
