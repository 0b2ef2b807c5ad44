/** The page's own bounds, each with its reason; those it shares with the room are in lib/queue. */

/** The first pause after a failed request; it doubles with every further one. */
export const BACKOFF_MS_MIN = 2_000
/** No pause is longer than this, however often a request failed: the page never gives up. */
export const BACKOFF_MS_MAX = 60_000
/** In a rush many fail for seconds: so long the pauses stay at most this wide. */
export const BACKOFF_RUSH_MS_MAX = 8_000
export const BACKOFF_RUSH_TRIES = 10
/** A request without an answer for this long counts as failed: a cold start under load fits in. */
export const ANSWER_MS_MAX = 15_000

/** Where nobody knows when the next news comes, it is first expected after this. */
export const NEWS_MS_MIN = 5_000
/** A line that stands still may go on at any time: people near its front look this often or more. */
export const STILL_NEWS_MS = 25_000
/** A turn that is at most this many of the shortest pauses away is awaited without a look before. */
export const SOON_POLLS = 10
/** A sold-out room is looked at ever more seldom, down to this: goods may come back. */
export const SOLD_OUT_POLL_MS_MAX = 3_600_000

/** Whoever is on hold for a seat asks about this often: the next free one is theirs, so they are few. */
export const HOLD_MS = 2_000
/** Whoever missed a turn asks within this after a status that told of a seat, spread evenly. */
export const LATE_SPREAD_MS = 3_000
/** A room closed for maintenance is looked at this often. */
export const CLOSED_MS = { min: 60_000, max: 120_000 } as const
/** The same three on the page without JavaScript, which is loaded anew each time. */
export const PLAIN_HOLD_SECONDS = { min: 2, max: 4 } as const
export const PLAIN_LATE_SECONDS = { min: 15, max: 30 } as const
export const PLAIN_CLOSED_SECONDS = { min: 60, max: 120 } as const

/** Goods beyond this are not counted one by one for the odds: on a phone that would be felt. */
export const ODDS_STOCK_MAX = 100_000
/** Below this chance nothing is to be hoped for; above one minus `ODDS_GOOD_GAP` nothing to be feared. */
export const ODDS_NONE = 0.01
export const ODDS_GOOD_GAP = 0.05
/** Odds less sure than this are told as a range. */
export const ODDS_WIDE = 0.15

/** Statuses of other moments arrive out of order by less than this; beyond it a clock was set. */
export const CLOCK_STEP_MS = 60_000

/** The line's pace is measured over at least this: two of the longest batches fit in. */
export const PACE_MS_MIN = 150_000
/** A pace below this share of the room's rate is no accident of counting: it is what is told. */
export const PACE_SHARE = 0.75
/** Sightings of the front kept to measure the pace. */
export const SIGHTINGS_MAX = 12

/** Before it knows the pace, the page counts down by itself over at most this share of what is left. */
export const COUNTDOWN_SHARE = 0.5

/** Who is back this soon after walking in did not come for another turn: no round trips for ever. */
export const RETURN_MS = 60_000
/** After this many tickets that did not come back, the browser keeps no cookies. */
export const LOST_TICKETS_MAX = 3
