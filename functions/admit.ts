import { admitHandler } from '../lib/room/handlers.ts'
import { keys, now, store, ticks } from './support/aws.ts'

/** Ticks, from their queue. */
export const handler = admitHandler({ store: store(), ticks: ticks(), keys: await keys(), now })
