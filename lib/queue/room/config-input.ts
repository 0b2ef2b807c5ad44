/** Configurations as they are put, changed, told by the showroom, or read from the store. */
import * as z from 'zod/mini'
import {
  ARRIVAL_WINDOW_SECONDS,
  BATCH_SECONDS,
  HEALTH_ERROR_SHARE,
  HEALTH_FLOOR_PERCENT,
  HEALTH_HOLD_SECONDS,
  HEALTH_LATENCY_MS,
  RATE_PER_MINUTE,
  SESSION_SECONDS,
  TURN_SECONDS,
} from '../limits.ts'
import { parseOrName } from '../parse.ts'
import {
  type RoomConfig,
  roomConfigInputSchema,
  roomConfigSchema,
  roomPatchSchema,
  timeMs,
} from './config.ts'
import { checkedTogether } from './config-rules.ts'

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
    turnSeconds: given.turnSeconds ?? TURN_SECONDS.default,
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

/** Fields of earlier versions that are gone: a stored room may still have them. */
const RETIRED = ['stockFactor', 'lateSharePercent', 'entriesPerTicket']

/**
 * A configuration as it was stored, by this version or an earlier one: fields that did not exist
 * then have their defaults, and fields that are gone are left out.
 * @throws Error for one that has another form.
 */
export function storedRoomConfig(json: unknown): RoomConfig {
  const { showroomUrl, ...stored } = z.parse(z.looseObject({ showroomUrl: z.string() }), json)
  for (const field of RETIRED) delete stored[field]
  return z.parse(roomConfigSchema, {
    ...parseRoomConfig({ showroomUrl }, 0),
    showroomUrl,
    ...stored,
  })
}

/**
 * A configuration with some fields changed. A new `stock` takes away what was told to be left of the old.
 * @throws like `parseRoomConfig`.
 */
export function patchRoomConfig(config: RoomConfig, patch: unknown, nowMs: number): RoomConfig {
  const given = parseOrName(roomPatchSchema, patch)
  const { health, ...changes } = withoutUndefined(given)
  const isNewStock = given.stock !== undefined && given.stockLeft === undefined
  const changed = {
    ...config,
    ...changes,
    ...(isNewStock ? { stockLeft: null } : {}),
    ...(given.stockLeft === undefined ? {} : { stockLeftAt: time(nowMs) }),
    health: { ...config.health, ...withoutUndefined(health ?? {}) },
  }
  return checkedTogether(changed, given, nowMs)
}

/**
 * The configuration with what the showroom says is left. It does not change where a later word is known
 * already, or the stock is not counted.
 */
export function withStockLeft(config: RoomConfig, left: number, atMs: number): RoomConfig {
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
