/** Numbers, lengths of time and times of day, as people say them. */

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

export interface Format {
  count(value: number): string
  /** Of a share, 0 .. 1: "40%". */
  percent(share: number): string
  /** "14:05", "1:02:33", or "3 days" while it is far away. */
  countdown(ms: number): string
  /** Rounded up, coarsely: "about 12 minutes". */
  wait(ms: number): string
  /** Shorter, for a tab: "12 min". */
  shortWait(ms: number): string
  /** "14:30"; with the day where it is not today. */
  time(atMs: number, nowMs: number): string
  /** "at 14:30", "on Monday 30 November at 14:30". */
  moment(atMs: number, nowMs: number): string
}

/** @param locale of the texts. @param timeZone the visitor's, unless a test says another. */
export function createFormat(locale: string, timeZone?: string): Format {
  const numbers = new Intl.NumberFormat(locale)
  const percents = new Intl.NumberFormat(locale, { style: 'percent' })
  const zone = timeZone === undefined ? {} : { timeZone }
  const clock = { hour: '2-digit', minute: '2-digit', ...zone } as const
  const time = new Intl.DateTimeFormat(locale, clock)
  const day = { weekday: 'long', day: 'numeric', month: 'long', ...zone } as const
  const dayAndTime = new Intl.DateTimeFormat(locale, { ...day, ...clock })
  const dayAlone = new Intl.DateTimeFormat(locale, { ...day, year: 'numeric' })
  const plural = (count: number, one: string, more: string) =>
    `${numbers.format(count)} ${count === 1 ? one : more}`

  const isSameDay = (atMs: number, nowMs: number) =>
    dayAlone.format(atMs) === dayAlone.format(nowMs)

  return {
    count: value => numbers.format(value),
    percent: share => percents.format(share),
    countdown(ms) {
      const seconds = Math.ceil(ms / SECOND_MS)
      const hours = Math.floor(seconds / 3600)
      if (hours >= 48) return plural(Math.floor(hours / 24), 'day', 'days')
      const two = (value: number) => String(value).padStart(2, '0')
      const minutes = Math.floor((seconds % 3600) / 60)
      const start = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes)
      return `${start}:${two(seconds % 60)}`
    },
    wait(ms) {
      if (ms <= 5 * SECOND_MS) return 'a few seconds'
      if (ms <= 90 * SECOND_MS) return `about ${upTo(ms, 10 * SECOND_MS) / SECOND_MS} seconds`
      if (ms <= 90 * MINUTE_MS) {
        return `about ${plural(upTo(ms, MINUTE_MS) / MINUTE_MS, 'minute', 'minutes')}`
      }
      const rounded = upTo(ms, 15 * MINUTE_MS)
      const hours = plural(Math.floor(rounded / HOUR_MS), 'hour', 'hours')
      const minutes = (rounded % HOUR_MS) / MINUTE_MS
      return minutes === 0 ? `about ${hours}` : `about ${hours} ${minutes} minutes`
    },
    shortWait(ms) {
      if (ms <= 90 * SECOND_MS) return `${Math.max(10, upTo(ms, 10 * SECOND_MS) / SECOND_MS)} s`
      if (ms <= 90 * MINUTE_MS) return `${numbers.format(upTo(ms, MINUTE_MS) / MINUTE_MS)} min`
      return `${numbers.format(upTo(ms, HOUR_MS) / HOUR_MS)} h`
    },
    time(atMs, nowMs) {
      return isSameDay(atMs, nowMs) ? time.format(atMs) : dayAndTime.format(atMs)
    },
    moment(atMs, nowMs) {
      const isToday = isSameDay(atMs, nowMs)
      return isToday ? `at ${time.format(atMs)}` : `on ${dayAndTime.format(atMs)}`
    },
  }
}

function upTo(value: number, step: number): number {
  return Math.ceil(value / step) * step
}

/** Long numbers are written smaller, so that they fit on a phone. */
export function figureSize(value: string): 'large' | 'medium' | 'small' {
  if (value.length <= 5) return 'large'
  return value.length <= 7 ? 'medium' : 'small'
}
