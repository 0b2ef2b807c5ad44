/**
 * Every bound of Antichambre, with its reason beside it. Error texts are built from these values,
 * so a changed bound changes its message too.
 */

/** Counter items a cohort is spread over: one item bears 1,000 writes a second (DynamoDB quota). */
export const SHARDS = 8
/** Indexes one lease may hold: a join costs at least 1/64 write, a lost instance at most 64 ghosts. */
export const LEASE_INDEXES_MAX = 64
/** So many joins in one second of one instance are a trickle: no evidence of more to come. */
export const TRICKLE_JOINS = 4
/** A lease is sized for at most this long: what is left over when a cohort closes stays small. */
export const LEASE_SECONDS_MAX = 2
/** A cohort's size: positions of the draw are counted with 32 bits. */
export const COHORT_SIZE_MAX = 2 ** 32 - 1
/** Rounds of the swap-or-not shuffle; see docs/decisions/0002-draw.md. */
export const DRAW_ROUNDS = 90
/** Without a join for this long, a process gives the rest of its lease back. */
export const IDLE_LEASE_MS = 250
/** A lease taken after its cohort was due is given out for this long: to the joins that wait for it. */
export const LATE_LEASE_MS = 250
/** How many cohorts a join tries before it says 503: it follows closes, never a runaway. */
export const JOIN_COHORTS_MAX = 4

/** Shards a lease tries when the database throttles one, before the join says 503. */
export const LEASE_TRIES_MAX = 3

/** Cohorts close after this long while nobody waits. */
export const QUIET_WINDOW_SECONDS = 1
/** Bounds of `arrivalWindowSeconds`. */
export const ARRIVAL_WINDOW_SECONDS = { min: 1, max: 60, default: 5 } as const
/** The arrival window doubles while more than this share of joins tell of a failed attempt. */
export const RETRIED_SHARE_MAX = 0.01
/** Bounds of `batchSeconds`: the clock sends a tick each second. */
export const BATCH_SECONDS = { min: 1, max: 60, default: 2 } as const
/** Bounds of `ratePerMinute`: a million a minute is more than any showroom bears. */
export const RATE_PER_MINUTE = { min: 0, max: 1_000_000, default: 600 } as const
/** Bounds of `capacity` (null: no limit). */
export const CAPACITY = { min: 1, max: 10_000_000 } as const
/** Bounds of `stock` (null: not counted). */
export const STOCK = { min: 0, max: 100_000_000 } as const
/** Bounds of `turnSeconds`: long enough to find the card, short enough to be a turn. */
export const TURN_SECONDS = { min: 10, max: 3_600, default: 600 } as const
/** Bounds of `sessionSeconds`. */
export const SESSION_SECONDS = { min: 10, max: 86_400, default: 900 } as const
/** A message is part of the status answer, which is at most `STATUS_BYTES_MAX` long. */
export const MESSAGE_BYTES_MAX = 400
export const STATUS_BYTES_MAX = 1_024
/** Origins a room may send people back to. */
export const ALLOWED_ORIGINS_MAX = 20
/** A room's id is part of paths, cookie names and table keys. */
export const ROOM_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
export const ROOM_ID_RULE = '1 to 63 lower-case letters, digits and inner hyphens'

/** Without ticks for longer than this, the missed places are given up: no rush after an outage. */
export const CATCH_UP_SECONDS_MAX = 10
/** Batches kept in a room's state; neighbours merge when a turn spans more (turns only get longer). */
export const BATCHES_MAX = 300
/** Ticks come each second while a room is awake. */
export const TICK_SECONDS = 1
/** A room that nobody uses announces this long before that its ticks will stop; see `sleepsAtMs`. */
export const SLEEP_NOTICE_SECONDS = 10
/** How often one admission step starts again after losing a race for the room's state. */
export const STATE_TRIES_MAX = 5

/** People inside are counted by entry time, in stretches this long. */
export const BUCKET_SECONDS = 15
/** A pass lives this long: time for one redirect. */
export const PASS_SECONDS = 60
/** Clocks of room and gate may differ by this much. */
export const CLOCK_SKEW_SECONDS = 5
/** A ticket is accepted this long after it was given. */
export const TICKET_SECONDS_MAX = 30 * 86_400
/** Closed counters, records, claims and history are kept this long after their last use. */
export const RETENTION_SECONDS = 90 * 86_400

/** Bounds of the time between two status reads of one page (docs/architecture.md, poll plan). */
export const POLL_SECONDS = { min: 2, max: 120 } as const
/** The share of the time to the next news after which a page asks again. */
export const POLL_SHARE = 0.4
/** Pages ask again within this many seconds after the opening, spread evenly. */
export const OPENING_SPREAD_SECONDS = 8

/** How old a room's state may be in one instance's memory; the status says the same. */
export const STATE_CACHE_MS = 1_000
/** Cohort records kept in one instance's memory; each is about 300 bytes. */
export const RECORD_CACHE_MAX = 10_000

/** Bodies: a visitor sends a short JSON object, an operator a configuration, a showroom a list. */
export const VISITOR_BODY_BYTES_MAX = 4_096
export const OPERATOR_BODY_BYTES_MAX = 32_768
export const DEPARTURES_BODY_BYTES_MAX = 131_072
export const DEPARTURES_MAX = 1_000
/** A return address: what browsers and CDNs carry without harm. */
export const RETURN_ADDRESS_CHARS_MAX = 2_000
/** Cookies looked at in one request: ours may stand behind many of the same host. */
export const COOKIES_MAX = 200
/** Longer tokens are refused before any of them is decoded. */
export const TOKEN_CHARS_MAX = 2_048

/** Messages SQS takes in one call. */
export const SQS_BATCH_MAX = 10
/** The longest an SQS message may be delayed, seconds. */
export const SQS_DELAY_SECONDS_MAX = 900
/** Rooms listed, and history entries returned, by one answer. */
export const HISTORY_MAX = 1_500
