import { handle } from 'hono/aws-lambda'
import { visitorApp } from '../lib/web/visitor-app.ts'
import { chance, departures, keys, newId, now, store, ticks, withFreshKeys } from './support/aws.ts'

const fresh = await keys()
const app = visitorApp({
  store: store(),
  ticks: ticks(),
  departures: departures(),
  keys: fresh.ring,
  secureCookies: true,
  now,
  chance,
  newId,
})

/** Visitors' requests, from the function URL. */
export const handler = withFreshKeys(fresh, handle(app))
