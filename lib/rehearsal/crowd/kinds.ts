/** What kinds of visitors there are, as bits; most have none of them. */
export const KIND = {
  impatient: 1,
  tabs: 2,
  sleeper: 4,
  flaky: 8,
  hidden: 16,
  bot: 32,
  absent: 64,
} as const

/** Shares of the visitors. Assumed; the rehearsal's docs say so. */
export const SHARES = { impatient: 0.05, tabs: 0.03, sleeper: 0.05, flaky: 0.02, hidden: 0.25 }

/** Their phone sleeps just now, or their network fails: the room cannot tell them at once. */
export const NOT_READING = KIND.sleeper | KIND.flaky
