/** The page's own bounds, each with its reason; those it shares with the room are in lib/queue. */

/** The first pause after a failed request; it doubles with every further one. */
export const BACKOFF_MS_MIN = 2_000
/** No pause is longer than this, however often a request failed: the page never gives up. */
export const BACKOFF_MS_MAX = 60_000
/** In a rush many requests fail for some seconds: the first pauses are no longer than this. */
export const BACKOFF_RUSH_MS_MAX = 8_000
export const BACKOFF_RUSH_TRIES = 10
/** A request without an answer for this long counts as failed: a cold start under load fits in. */
export const ANSWER_MS_MAX = 15_000

/** Where nobody knows when the next news comes, it is first expected after this. */
export const NEWS_MS_MIN = 5_000
/** A line that stands still may go on at any time: news of it is expected after this at the earliest. */
export const STILL_NEWS_MS = 25_000
/** A turn that is at most this many of the shortest pauses away is waited for in one pause. */
export const SOON_POLLS = 10
/** Goods may come back to a sold-out room: its page asks ever more seldom, once an hour in the end. */
export const SOLD_OUT_POLL_MS_MAX = 3_600_000

/** A visitor before a full house asks about this often. The next free seat is theirs, so they are few. */
export const HOLD_MS = 2_000
/** After a status that tells of a free seat, those who missed their turn ask within this time, spread evenly. */
export const LATE_SPREAD_MS = 3_000
/** The page of a room that is closed for maintenance asks this often. */
export const CLOSED_MS = { min: 60_000, max: 120_000 } as const
/** The same three on the page without JavaScript, which is loaded anew each time. */
export const PLAIN_HOLD_SECONDS = { min: 2, max: 4 } as const
export const PLAIN_LATE_SECONDS = { min: 15, max: 30 } as const
export const PLAIN_CLOSED_SECONDS = { min: 60, max: 120 } as const

/** Goods beyond this are not counted one by one for the odds: on a phone that would be felt. */
export const ODDS_STOCK_MAX = 100_000
/** A chance below `ODDS_NONE` is shown as none, one above 1 - `ODDS_GOOD_GAP` as good. */
export const ODDS_NONE = 0.01
export const ODDS_GOOD_GAP = 0.05
/** Odds that lie farther apart than this are shown as a range. */
export const ODDS_WIDE = 0.15

/** A status may be older than the one before it by less than this; if it is older, a clock was set. */
export const CLOCK_STEP_MS = 60_000

/** The line's pace is measured over at least this: two of the longest batches fit in. */
export const PACE_MS_MIN = 150_000
/** Only a measured pace below this share of the room's rate is used: closer to it the two differ by chance. */
export const PACE_SHARE = 0.75
/** Sightings of the front kept to measure the pace. */
export const SIGHTINGS_MAX = 12

/** Before it knows the pace, the page counts down by itself over at most this share of what is left. */
export const COUNTDOWN_SHARE = 0.5

/** A visitor who is back this soon after walking in was sent back: the page does not send them in again by itself. */
export const RETURN_MS = 60_000
/** After this many tickets that did not come back, the browser keeps no cookies. */
export const LOST_TICKETS_MAX = 3
