import { alarmHandler } from '../lib/service/events.ts'
import { healthAlarms, now, store, ticks } from './support/aws.ts'

/** State changes of the alarms that watch showrooms. */
export const handler = alarmHandler({
  store: store(),
  ticks: ticks(),
  now,
  alarms: healthAlarms(),
})
