import { handle } from 'hono/aws-lambda'
import { operatorApp } from '../lib/web/operator-app.ts'
import { keys, newId, now, store, ticks, withFreshKeys } from './support/aws.ts'

const fresh = await keys()
const app = operatorApp({ store: store(), ticks: ticks(), keys: fresh.ring, now, newId })

/** Operators' requests, from the function URL. */
export const handler = withFreshKeys(fresh, handle(app))
