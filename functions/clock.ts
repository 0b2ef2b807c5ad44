import { clockHandler } from '../lib/service/events.ts'
import { metrics, now, store, ticks } from './support/aws.ts'

/** Each minute, from the scheduled rule. */
export const handler = clockHandler({ store: store(), ticks: ticks(), metrics: metrics(), now })
