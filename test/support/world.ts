/** A whole deployment in one test: the real applications over a real (embedded) database, at a time of its own. */

import type { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { createKeyRing, type KeyRing } from '../../lib/keys/key-ring.ts'
import { startDynamo } from '../../lib/local/aws.ts'
import {
  SIGNATURE_HEADER,
  type Signed,
  signMessage,
} from '../../lib/queue/tokens/showroom-signature.ts'
import type { Status } from '../../lib/queue/visitor/room-status.ts'
import type { ShowroomMessage, Tick } from '../../lib/runtime/queues.ts'
import { admit } from '../../lib/service/admission/admit.ts'
import { sendDueTicks } from '../../lib/service/admission/clock.ts'
import { hearShowroom } from '../../lib/service/departures.ts'
import {
  createDynamoClient,
  createDynamoStore,
  createTable,
} from '../../lib/store/dynamodb/client.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import { isWrite } from '../contract/harness.ts'

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
  const said: ShowroomMessage[] = []
  const commands: string[] = []
  client.middlewareStack.add(
    (next, context) => args => {
      commands.push(context.commandName ?? '')
      return next(args)
    },
    { step: 'initialize' },
  )
  const store = createDynamoStore({ client, table: 'antichambre' })
  const deps = {
    store,
    keys: createKeyRing(MASTER_SECRET, OPERATOR_TOKEN),
    ticks: { send: async (ticks: readonly Tick[]) => void sent.push(...ticks) },
    departures: { send: async (message: ShowroomMessage) => void said.push(message) },
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
  const stateOf = async (room: string) => {
    const loaded = await store.loadRoom(room, { consistent: true })
    if (loaded === undefined) throw new Error('no such room')
    return loaded.state
  }

  return {
    ...deps,
    sent,
    /** What the departures queue holds. */
    said,
    /** Commands that were sent to the database so far, by name. */
    commands,
    /** How many of them were writes. */
    writes: () => commands.filter(isWrite).length,
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
    /** The departures function takes up what showrooms said. */
    async hear() {
      for (const message of said.splice(0)) await hearShowroom(deps, message)
    },
    /** A showroom's signed word by HTTP. */
    tell: (what: Signed, room: string, body: unknown) =>
      request(visitors, `/r/${room}/${what}`, signed(deps.keys, what, room, body)),
    stateOf,
    houseOf: async (room: string) => store.loadHouse(room, (await stateOf(room)).epoch),
    /** The status as an instance without memory tells it. */
    statusOf: async (room: string) =>
      (await request(visitorApp(deps), `/r/${room}/status`)).body as unknown as Status,
    visitor: (path: string, init?: RequestInit) => request(visitors, path, init),
    operator: (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) =>
      request(operators, `/operator/api/rooms${path}`, {
        method,
        headers: {
          authorization: `Bearer ${OPERATOR_TOKEN}`,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
}

function signed(keys: KeyRing, what: Signed, room: string, body: unknown): RequestInit {
  const [key] = keys.gateKeys(room)
  if (key === undefined) throw new Error('no key')
  const text = JSON.stringify(body)
  const headers = {
    'content-type': 'application/json',
    [SIGNATURE_HEADER]: signMessage(what, room, text, key),
  }
  return { method: 'POST', headers, body: text }
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
