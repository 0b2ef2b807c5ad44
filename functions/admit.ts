import { admitHandler } from '../lib/service/events.ts'
import { keys, metrics, now, store, ticks, withFreshKeys } from './support/aws.ts'

const fresh = await keys()
const deps = { store: store(), ticks: ticks(), keys: fresh.ring, metrics: metrics(), now }

/** Ticks, from their queue. */
export const handler = withFreshKeys(fresh, admitHandler(deps))
