import { handle } from 'hono/aws-lambda'
import { visitorApp } from '../lib/web/visitor-app.ts'
import { chance, departures, keys, newId, now, store, ticks } from './support/aws.ts'

/** Visitors' requests, from the function URL. */
export const handler = handle(
  visitorApp({
    store: store(),
    ticks: ticks(),
    departures: departures(),
    keys: await keys(),
    secureCookies: true,
    now,
    chance,
    newId,
  }),
)
