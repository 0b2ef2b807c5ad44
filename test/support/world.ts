/** A whole deployment in one test: the real applications over a real (embedded) database, at a time of its own. */

import type { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { startDynamo } from '../../lib/local/aws.ts'
import { admit } from '../../lib/room/admit.ts'
import { sendDueTicks } from '../../lib/room/clock.ts'
import { countDepartures } from '../../lib/room/departures.ts'
import { createDynamoClient, createDynamoStore, createTable } from '../../lib/store/dynamodb.ts'
import { createKeyRing } from '../../lib/store/keys.ts'
import type { DeparturesMessage, Tick } from '../../lib/store/queues.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'

export const OPERATOR_TOKEN = 'operator-token-of-this-test'
export const MASTER_SECRET = JSON.stringify({ current: 'k1', k1: 'm'.repeat(48) })
export const SHOWROOM = 'https://shop.example/sale'

export interface Answer<Body = Record<string, unknown>> {
  status: number
  headers: Headers
  body: Body
  text: string
}

export type World = Awaited<ReturnType<typeof createWorld>>

export async function createWorld(startsAtMs = Date.parse('2026-12-01T06:00:00Z')) {
  const dynamo = await startDynamo()
  const client = createDynamoClient({ endpoint: dynamo.endpoint })
  await createTable(client, 'antichambre')
  onTestFinished(async () => {
    client.destroy()
    await dynamo.close()
  })
  let nowMs = startsAtMs
  let seed = 1
  let id = 0
  const sent: Tick[] = []
  const departed: DeparturesMessage[] = []
  const store = createDynamoStore({ client, table: 'antichambre' })
  const deps = {
    store,
    keys: createKeyRing(MASTER_SECRET, OPERATOR_TOKEN),
    ticks: { send: async (ticks: readonly Tick[]) => void sent.push(...ticks) },
    departures: { send: async (message: DeparturesMessage) => void departed.push(message) },
    now: () => nowMs,
    chance: () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    },
    newId: () => `entry-${++id}`,
    secureCookies: true,
  }
  const visitors = visitorApp(deps)
  const operators = operatorApp(deps)

  return {
    ...deps,
    sent,
    departed,
    visitors,
    operators,
    client,
    /** Other instances of the same deployment share the database and nothing else. */
    anotherInstance: () => visitorApp(deps),
    setNow: (ms: number) => {
      nowMs = ms
    },
    /** Time goes by; nothing else happens. */
    pass: (ms: number) => {
      nowMs += ms
    },
    /** Time goes by with a tick each second. */
    async run(room: string, seconds: number) {
      for (let second = 0; second < seconds; second++) {
        nowMs += 1000
        await admit(deps, room)
      }
    },
    admit: (room: string) => admit(deps, room),
    clock: () => sendDueTicks(deps, nowMs),
    async countDepartures() {
      for (const message of departed.splice(0)) await countDepartures(store, message, nowMs)
    },
    visitor: (path: string, init?: RequestInit) => request(visitors, path, init),
    operator: (method: string, path: string, body?: unknown) =>
      request(operators, `/operator/api/rooms${path}`, {
        method,
        headers: {
          authorization: `Bearer ${OPERATOR_TOKEN}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
}

/** A browser of one visitor: keeps the room's cookies. */
export function createVisitor(app: Hono, room = 'demo') {
  const jar = new Map<string, string>()
  const send = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) }
    const answer = await request(app, `/r/${room}${path}`, { ...init, headers })
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? ''
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    return answer
  }
  return {
    jar,
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    post: (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

export async function request(app: Hono, path: string, init?: RequestInit): Promise<Answer> {
  const answer = await app.request(path, init)
  const text = await answer.text()
  let body: Record<string, unknown> = {}
  if (answer.headers.get('content-type')?.includes('json')) body = JSON.parse(text)
  return { status: answer.status, headers: answer.headers, body, text }
}

/** The stable code of an error answer. */
export function codeOf(answer: Answer): unknown {
  return (answer.body.error as { code?: unknown } | undefined)?.code
}
