import { departuresHandler } from '../lib/service/events.ts'
import { now, store, ticks } from './support/aws.ts'

/** What showrooms say, from the departures queue. */
export const handler = departuresHandler({ store: store(), ticks: ticks(), now })
