import { handle } from 'hono/aws-lambda'
import { operatorApp } from '../lib/web/operator-app.ts'
import { keys, now, store, ticks } from './support/aws.ts'

/** Operators' requests, from the function URL. */
export const handler = handle(
  operatorApp({ store: store(), ticks: ticks(), keys: await keys(), now }),
)
