/** How long each function may take. Queues derive from it how long they hide a message. */
import { Duration } from 'aws-cdk-lib'

export const TIMEOUTS = {
  /** While the database is busy a visitor is told within seconds to come again. */
  visitor: Duration.seconds(10),
  /** A history of a day is the longest answer. */
  operator: Duration.seconds(15),
  /** Sends a minute's ticks of every room, ten a call. */
  clock: Duration.seconds(50),
  /** One batch of ticks, each of them a few reads and at most a cohort's closing. */
  admit: Duration.seconds(10),
  /** `DEPARTURES_BATCH` messages of `DEPARTURES_MAX` departures each, two writes a departure. */
  departures: Duration.seconds(60),
  /** One alarm's word to a few rooms, a few requests each. */
  health: Duration.seconds(15),
} as const
