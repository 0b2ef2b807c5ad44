/**
 * Every bound of Antichambre, with its reason beside it: one section for each folder that it is of.
 * Error texts are built from these values, so a changed bound changes its message too. A constant of a
 * model has an example of what it does.
 */

/* ---- address: rooms, groups and return addresses in URLs ---- */

/** A room's id is part of paths, cookie names and table keys. */
export const ROOM_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
export const ROOM_ID_RULE = '1 to 63 lower-case letters, digits and inner hyphens'
/** Groups of a room, each with a line of its own; their names are parts of paths. */
export const GROUPS_MAX = 3
export const GROUP_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/
export const GROUP_NAME_RULE = '1 to 32 lower-case letters, digits and inner hyphens'
/** Between a room's id and a group's name in a path: no room's id has it. */
export const GROUP_SEPARATOR = '~'
/** Origins a room may send people back to. */
export const ALLOWED_ORIGINS_MAX = 20
/** A return address: what browsers and CDNs carry without harm. */
export const RETURN_ADDRESS_CHARS_MAX = 2_000

/* ---- cohort: joining, leases, closing, the draw ---- */

/** Counter items a cohort is spread over: one item bears 1,000 writes a second (DynamoDB quota). */
export const SHARDS = 8
/** Indexes one lease may hold: a join costs at least 1/64 write, a lost instance at most 64 ghosts. */
export const LEASE_INDEXES_MAX = 64
/** So many joins in one second of one instance are a trickle: no evidence of more to come. */
export const TRICKLE_JOINS = 4
/**
 * A lease is sized for at most this long: what is left over when a cohort closes stays small. At 10 joins
 * a second an instance leases 20 indexes in a gathering, and 5 when its cohort closes in a second.
 */
export const LEASE_SECONDS_MAX = 2
/** Without a join for this long, a process gives the rest of its lease back. */
export const IDLE_LEASE_MS = 250
/** A lease taken after its cohort was due is given out for this long: to the joins that wait for it. */
export const LATE_LEASE_MS = 250
/** Shards a lease tries when the database throttles one, before the join says 503. */
export const LEASE_TRIES_MAX = 3
/** How many cohorts a join tries before it says 503: it follows closes, never a runaway. */
export const JOIN_COHORTS_MAX = 4
/** Bounds of `attempt`: how often a browser has tried to join by now. */
export const ATTEMPT = { min: 1, max: 1_000_000 } as const
/** Cohorts close after this long while nobody waits. */
export const QUIET_WINDOW_SECONDS = 1
/** Bounds of `arrivalWindowSeconds`. */
export const ARRIVAL_WINDOW_SECONDS = { min: 1, max: 60, default: 5 } as const
/**
 * The arrival window doubles while more than this share of joins tell of a failed attempt. Of 2,000 joins 21
 * make the next window 10 s instead of 5, and 20 do not.
 */
export const RETRIED_SHARE_MAX = 0.01
/** A cohort's size: positions of the draw are counted with 32 bits. */
export const COHORT_SIZE_MAX = 2 ** 32 - 1
/** Rounds of the swap-or-not shuffle; see docs/decisions/0002-draw.md. */
export const DRAW_ROUNDS = 90
/** Cohorts of the first group's line begin here, of the second at twice this: no number is used twice. */
export const GROUP_COHORTS = 1_000_000_000

/* ---- room: what an operator may set ---- */

/** Bounds of `ratePerMinute`: a million a minute is more than any showroom bears. */
export const RATE_PER_MINUTE = { min: 0, max: 1_000_000, default: 600 } as const
/** Entries of a `ratePlan`. */
export const RATE_PLAN_MAX = 50
/** A time of a schedule that is older than a day when it is set is a mistake in its date. */
export const SCHEDULE_AGE_MS_MAX = 86_400_000
/** Bounds of `batchSeconds`: the clock sends a tick each second. */
export const BATCH_SECONDS = { min: 1, max: 60, default: 2 } as const
/** Bounds of `capacity` (null: no limit). */
export const CAPACITY = { min: 1, max: 10_000_000 } as const
/** Bounds of `stock` (null: not counted). */
export const STOCK = { min: 0, max: 100_000_000 } as const
/** Bounds of `turnSeconds`: long enough to find the card, short enough to be a turn. */
export const TURN_SECONDS = { min: 10, max: 3_600, default: 600 } as const
/** Bounds of `sessionSeconds`. */
export const SESSION_SECONDS = { min: 10, max: 86_400, default: 900 } as const
export const GROUP_SHARE_PERCENT = { min: 1, max: 90 } as const
/** Invitations made by one request, and how long one may be good. */
export const INVITATIONS_MAX = 1_000
export const INVITATION_DAYS_MAX = 366
/** Places an operator may let in by hand and that are still owed. */
export const MANUAL_PLACES = { min: 1, max: 100_000 } as const
/** Bounds of the health target. */
export const HEALTH_LATENCY_MS = { min: 1, max: 600_000, default: 2_000 } as const
export const HEALTH_ERROR_SHARE = { min: 0, max: 1, default: 0.05 } as const
export const HEALTH_FLOOR_PERCENT = { min: 0, max: 100, default: 10 } as const
export const HEALTH_HOLD_SECONDS = { min: 1, max: 600, default: 10 } as const
/** A message is part of the status answer, which is at most `STATUS_BYTES_MAX` long. */
export const MESSAGE_BYTES_MAX = 400

/* ---- admission: ticks, batches, pace ---- */

/** Ticks come each second while a room is awake. */
export const TICK_SECONDS = 1
/** A room that nobody uses announces this long before that its ticks will stop; see `sleepsAtMs`. */
export const SLEEP_NOTICE_SECONDS = 10
/** Visitors wake a sleeping room at most once in this time, on each instance: a second tick would only repeat it. */
export const WAKE_MS = 1_000
/** How often one admission step starts again after losing a race for the room's state. */
export const STATE_TRIES_MAX = 5
/** Without ticks for longer than this, the missed places are given up: no rush after an outage. */
export const CATCH_UP_SECONDS_MAX = 10
/**
 * What the rate owes, and nobody could be let in for, is made up for within this, or is over. At 600 a minute
 * a line never has more than 600 places to catch up on.
 */
export const CARRY_MS_MAX = 60_000
/** Batches kept in a room's state; neighbours merge when a turn spans more (turns only get longer). */
export const BATCHES_MAX = 300
/** By so much floating point may miss a whole place: 1.9999999 places owed are 2. */
export const PLACE_ROUNDING = 1e-6
/** The share for people who wait in a group that was taken away, of what the other groups leave. */
export const FORMER_GROUP_SHARE = 0.1
/** "Entered in any minute": the window of the pace. */
export const PACE_WINDOW_MS = 60_000
/** Its points are at most this far apart. */
export const PACE_SPACING_SECONDS_MAX = 5

/* ---- admission: how many of those let in come (docs/decisions/0009-pace-and-show-up.md) ---- */

/**
 * Turns that must be over before show-up counts as measured, and how many it remembers about. Where 13 of the
 * first 20 turns were used the share is 0.65; after 1,000 more turns those 20 count by half.
 */
export const SHOW_UP_TURNS_MIN = 20
export const SHOW_UP_MEMORY = 1_000
/** Turns are over-booked at most 1 / this times: for 100 people who are to enter at most 200 places. */
export const SHOW_UP_MIN = 0.5
/**
 * For the rate a first guess is enough: how many of the turns that are this old have been used. Where 30 of
 * 50 have, 0.6, a minute after the opening instead of ten.
 */
export const EARLY_GUESS_MS = 60_000
/** Entries whose age was seen before it is known how soon people come. */
export const AGES_MIN = 20
/**
 * Where fewer have come than the age of their turns says, those beyond so many standard deviations
 * are late, and still expected. 100 should have come and 80 have, with a deviation of 5: 10 are late.
 */
export const LATE_MARGIN = 2
/**
 * While show-up is not measured everybody let in counts as expected soon for so long. Of 10 people let in
 * 19 s ago who have not come all 10 do; a second later only as many as were seen to come that late.
 */
export const UNMEASURED_HOPE_MS = 20_000
/**
 * Seats kept free against chance, in standard deviations of what is expected: of 400 free seats, with 100
 * people expected, 14 are kept.
 */
export const BOOKING_MARGIN = 1.4
/**
 * How many people are always on their way from their turn to the door is a mean over so long. So people let in now
 * change it slowly: where 20 were and 40 are on their way, the mean is 33 two minutes later.
 */
export const ON_THE_WAY_MS = 120_000
/**
 * That mean is at most so many times what the rate asks for. At 600 a minute, with a walk of 6 s, 60 people are on
 * their way, and at most 120 are counted.
 */
export const ON_THE_WAY_MARGIN = 2

/* ---- admission: health (docs/decisions/0010-health.md) ---- */

/**
 * Admission is cut to this share after each bad hold, and grows by this share of the rate after a good one:
 * from 600 to 300, 150, and back over 210, 270, 330.
 */
export const HEALTH_DECREASE = 0.5
export const HEALTH_INCREASE = 0.1
/** A report counts for this long. A showroom that reports nothing any more does not slow admission down. */
export const HEALTH_REPORT_SECONDS = 60

/* ---- house: who is inside ---- */

/**
 * People inside are counted by when their session ends, in so many slots of a session at most, none
 * shorter than this: the item of the house stays below 1 KB, one write unit (DynamoDB pricing). A session of
 * 15 minutes has slots of 38 s.
 */
export const SEAT_SLOTS = 24
export const SEAT_SLOT_SECONDS_MIN = 15
/** Stretches of kept batches in one slot by which entries are counted: 23 slots to a turn. */
export const TURN_SLOT_STRETCHES = 13
/** Bounds of the classes of a turn's age at entry, seconds: how soon people come. */
export const AGE_SECONDS = [1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300, 900] as const
/** Claimants on hold are counted in stretches this long. A stretch is forgotten so many seconds after its end. */
export const HOLD_BUCKET_SECONDS = 3
export const HOLD_SECONDS_MAX = 4
/** While people wait this share of what is let in is for missed turns: at 600 a minute one each second. */
export const LATE_SHARE = 0.1
/**
 * Seats of the late lane that nobody took are kept for so many seconds of its share: 5 of them at 600 a
 * minute.
 */
export const LATE_BURST_SECONDS = 5
/** The open way bears a burst of a batch and so many seconds of the rate: 20 + 50 people at 600 a minute. */
export const OPEN_WAY_BURST_SECONDS = 5
/**
 * Leases of the open way are tickets of this shard: no counter item has it. Their cohort is the seat
 * slot, their index the number of the lease.
 */
export const OPEN_WAY_SHARD = 999
/** Indexes of entries one lease of the open way takes at most. */
export const OPEN_WAY_LEASE_MAX = 16
/** Leases that one visitor of a rush on one instance waits for, before the line takes them. */
export const OPEN_WAY_TRIES_MAX = 64

/* ---- stock: what is left, and for whom ---- */

/**
 * At most so many people for each article left may hope to buy it: for 97 cars 291. It is what holds until
 * it is measured how many of those inside buy.
 */
export const HOPEFUL_FOR_EACH = 3
/**
 * Once it is measured who buys: so many times what is expected to sell the rest. Where half of
 * the people buy and 10 articles are left, 25 people may hope.
 */
export const STOCK_MARGIN = 1.25
/** Visits whose end was reported, from which on it is known how long visits take. */
export const TOLD_VISITS_MIN = 5
/**
 * A visit that has lasted so many times as long as those did on average counts as decided: where reported
 * visits took 22 s, one that is 44 s old.
 */
export const DECIDED_MEANS = 2
/** Sessions that must be decided, bought or left, before the share of buyers counts as measured. */
export const BUYERS_MIN = 20
/** A sell-out that is farther away than 30 days is none that anybody can foresee. */
export const SELL_OUT_MS_MAX = 30 * 86_400_000
/**
 * While nothing is sold, the sell-out is at least this share of the time since the last purchase away: after a
 * minute without one at least 48 s.
 */
export const SELL_OUT_STILL_SHARE = 0.8

/* ---- tokens: tickets, passes, clocks ---- */

/** A ticket's id as text: `cohort.shard.index`. */
export const TICKET_ID = /^\d{1,10}\.\d{1,3}\.\d{1,10}$/
/** A ticket is accepted this long after it was given. */
export const TICKET_SECONDS_MAX = 30 * 86_400
/** A pass lives this long: time for one redirect. */
export const PASS_SECONDS = 60
/** Clocks of room and gate, and of two instances of the room, may differ by this much. */
export const CLOCK_SKEW_SECONDS = 5
/** Longer tokens are refused before any of them is decoded. */
export const TOKEN_CHARS_MAX = 2_048

/* ---- visitor: statuses, and when pages ask for them ---- */

export const STATUS_BYTES_MAX = 1_024
/** Bounds of the time between two status reads of one page (`visitor/poll-plan.ts`). */
export const POLL_SECONDS = { min: 2, max: 120 } as const
/** The share of the time to the next news after which a page asks again: of a minute 24 s. */
export const POLL_SHARE = 0.4
/** Pages ask again within this many seconds after the opening, spread evenly. */
export const OPENING_SPREAD_SECONDS = 8
/**
 * Near the expected sell-out pages ask again within this share of the time to it, so that everybody
 * knows at once when it is over (20 s before it after 5 s); in the very last seconds as often as this.
 */
export const SELL_OUT_POLL_SHARE = 0.25
export const SELL_OUT_POLL_SECONDS_MIN = 1
/**
 * All pages together ask at most so often: a distribution bears 250,000 requests a second (CloudFront quota). Where
 * 300,000 wait each asks after 1.5 s, not after 1.
 */
export const SELL_OUT_POLLS_PER_SECOND = 200_000
/** How old a room's state may be in one instance's memory; the status says the same. */
export const STATE_CACHE_MS = 1_000
/** Near the sell-out a status is as young as this: everybody is to know at once when all is sold. */
export const SELL_OUT_CACHE_MS = 200
/** Cohort records kept in one instance's memory; each is about 300 bytes. */
export const RECORD_CACHE_MAX = 10_000

/* ---- requests, messages and items ---- */

/** Bodies: a visitor sends a short JSON object, an operator a configuration, a showroom a list. */
export const VISITOR_BODY_BYTES_MAX = 4_096
export const OPERATOR_BODY_BYTES_MAX = 32_768
export const DEPARTURES_BODY_BYTES_MAX = 131_072
export const DEPARTURES_MAX = 1_000
/** Cookies looked at in one request: ours may stand behind many of the same host. */
export const COOKIES_MAX = 200
/**
 * With less of the function's time left no departure is begun, for one that is cut off between its two
 * writes is never counted: it is three requests, each of them three times two seconds at most.
 */
export const DEPARTURE_MS_MAX = 20_000
/** Closed counters, records, claims and history are kept this long after their last use. */
export const RETENTION_SECONDS = 90 * 86_400
/** Rooms listed, and history entries returned, by one answer. */
export const HISTORY_MAX = 1_500
/** Messages SQS takes in one call. */
export const SQS_BATCH_MAX = 10
/** The longest an SQS message may be delayed, seconds. */
export const SQS_DELAY_SECONDS_MAX = 900
