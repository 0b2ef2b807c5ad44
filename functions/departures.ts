import { departuresHandler } from '../lib/room/handlers.ts'
import { now, store } from './support/aws.ts'

/** Departures, from their queue. */
export const handler = departuresHandler({ store: store(), now })
