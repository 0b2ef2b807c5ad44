/**
 * A sale, played with the real functions on an embedded DynamoDB that refuses each function what its
 * role in the template does not allow: a permission too few would show on AWS alone otherwise, and
 * one too many never.
 */
import { randomUUID } from 'node:crypto'
import type { SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKeyRing } from '../../lib/keys/key-ring.ts'
import { type Embedded, startDynamo } from '../../lib/local/aws.ts'
import { createMetrics } from '../../lib/runtime/metrics.ts'
import type { Tick } from '../../lib/runtime/queues.ts'
import {
  admitHandler,
  alarmHandler,
  clockHandler,
  departuresHandler,
} from '../../lib/service/events.ts'
import {
  createDynamoClient,
  createDynamoStore,
  createTable,
} from '../../lib/store/dynamodb/client.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import { at, resources, synthesise } from './synthesise.ts'
import { withAlarm } from './with-alarm.ts'

const NAMES = ['Visitor', 'Operator', 'Clock', 'Admit', 'Departures', 'Health'] as const
type Name = (typeof NAMES)[number]

const TABLE = 'permissions'
const TOKEN = 'operator-token'
const keys = createKeyRing(JSON.stringify({ current: 'k1', k1: 'x'.repeat(64) }), TOKEN)
const allowed = allowedActions()

let dynamo: Embedded
beforeAll(async () => {
  dynamo = await startDynamo()
  const client = createDynamoClient({ endpoint: dynamo.endpoint })
  await createTable(client, TABLE)
  client.destroy()
})
afterAll(() => dynamo.close())

test('each function is allowed what it does in a sale, and nothing that it does not do', async () => {
  let nowMs = Date.UTC(2026, 11, 1, 6)
  const now = () => nowMs
  const sent: Tick[] = []
  const ticks = { send: async (more: readonly Tick[]) => void sent.push(...more) }
  const roles = Object.fromEntries(NAMES.map(name => [name, roleOf(name)])) as Record<
    Name,
    ReturnType<typeof roleOf>
  >
  const metrics = createMetrics('table', () => {})
  const depsOf = (name: Name) => ({ store: roles[name].store, keys, ticks, now, metrics })
  const visitors = visitorApp({
    ...depsOf('Visitor'),
    departures: { send: async () => {} },
    secureCookies: true,
    chance: Math.random,
    newId: randomUUID,
  })
  const operators = operatorApp({ ...depsOf('Operator'), newId: randomUUID })
  const admit = admitHandler(depsOf('Admit'))
  const operate = async (method: string, path: string, body?: object) => {
    const answer = await operators.request(`/operator/api/rooms${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect([path, answer.ok]).toEqual([path, true])
    return answer
  }
  const visit = (method: string, path: string, cookie = '', body: object = {}) =>
    visitors.request(`/r${path}`, {
      method,
      headers: { cookie, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    })
  const join = async (room: string, body: object = {}) => {
    const joined = await visit('POST', `/${room}/tickets`, '', body)
    expect(joined.status).toBe(201)
    return (joined.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }
  const admitFor = async (room: string, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      nowMs += 1000
      const outcome = await admit(messages([JSON.stringify({ room })]))
      expect(outcome.batchItemFailures).toEqual([])
    }
  }
  const config = { showroomUrl: 'https://shop.example/', opensAt: new Date(nowMs).toISOString() }

  await operate('PUT', '/cars', {
    ...config,
    capacity: 10,
    stock: 5,
    groups: [{ name: 'members', sharePercent: 20 }],
  })
  await operate('PATCH', '/cars', { ratePerMinute: 6000 })
  await operate('POST', '/cars/pause')
  await operate('POST', '/cars/resume')
  await operate('POST', '/cars/let-in', { places: 1 })
  await operate('POST', '/cars/health', { latencyMs: 100, errorRate: 0 })
  await operate('GET', '')
  await operate('GET', '/cars/history')
  await clockHandler(depsOf('Clock'))()
  expect(sent.length).toBeGreaterThan(0)

  const cookies = [await join('cars'), await join('cars'), await join('cars')]
  await admitFor('cars', 10)
  const made = await operate('POST', '/cars/invitations', { group: 'members' })
  const { invitations } = (await made.json()) as { invitations: { token: string }[] }
  const guest = { invitation: invitations[0]?.token, holder: 'h'.repeat(22) }
  await join('cars~members', guest)
  await join('cars~members', guest)
  await admitFor('cars', 10)
  const [first = '', second = ''] = cookies
  expect((await visit('GET', '/cars/status')).status).toBe(200)
  expect((await visit('GET', '/cars/place', first)).status).toBe(200)
  expect((await visit('GET', '/cars/cohorts/0')).status).toBe(200)
  expect((await visit('POST', '/cars/passes', first)).status).toBe(200)
  expect((await visit('POST', '/cars/passes', first)).status).toBe(200)

  // An entry that cannot be counted is none.
  roles.Visitor.fail('UpdateItem')
  expect((await visit('POST', '/cars/passes', second)).status).toBe(503)
  roles.Visitor.fail(undefined)

  await operate('PUT', '/open', { ...config, mode: 'auto', capacity: 10 })
  await admitFor('open', 3)
  const through = await visit('GET', '/open/through')
  expect(through.headers.get('location')).toContain('shop.example/?antichambre=')

  const { id } = (await (await visit('GET', '/cars/ticket', first)).json()) as { id: string }
  const hear = departuresHandler(depsOf('Departures'))
  const bought = { room: 'cars', departures: [{ ticket: id, reason: 'bought' }] }
  const stock = { room: 'cars', stockLeft: 2, atMs: nowMs }
  const words = [bought, bought, stock].map(word => JSON.stringify(word))
  expect((await hear(messages(words))).batchItemFailures).toEqual([])
  const alarms = { cars: 'arn:alarm', unmade: 'arn:alarm' }
  const alarm = alarmHandler({ ...depsOf('Health'), alarms })
  await alarm({
    resources: ['arn:alarm'],
    detail: { state: { value: 'ALARM', timestamp: '2026-12-01T06:00:00.000+0000' } },
  })
  await operate('DELETE', '/cars')

  for (const name of NAMES) {
    expect([name, [...roles[name].did].sort()]).toEqual([name, [...allowed[name]].sort()])
  }
})

/** A store that may do what the function's role allows, and notes what it does. */
function roleOf(name: Name) {
  const did = new Set<string>()
  let failing: string | undefined
  const client = createDynamoClient({ endpoint: dynamo.endpoint })
  client.middlewareStack.add(
    (next, context) => async args => {
      const action = String(context.commandName).replace(/Command$/, '')
      did.add(action)
      if (!allowed[name].has(action)) throw new Error(`${name} may not ${action}`)
      if (action === failing) {
        throw Object.assign(new Error('busy'), { name: 'ThrottlingException' })
      }
      return next(args)
    },
    { step: 'initialize' },
  )
  const store = createDynamoStore({ client, table: TABLE })
  const fail = (action: string | undefined) => {
    failing = action
  }
  return { store, did, fail }
}

function allowedActions(): Record<Name, Set<string>> {
  const template = synthesise(withAlarm)
  const policies = Object.values(resources(template, 'AWS::IAM::Policy'))
  const actionsOf = (name: Name) => {
    const place = name === 'Health' ? 'HealthAlarms' : 'Functions'
    const role = at(template, `WaitingRoom/${place}/${name}Role`).id
    const own = policies.filter(policy => policy.Properties.Roles[0].Ref === role)
    const actions: string[] = own
      .flatMap(policy => policy.Properties.PolicyDocument.Statement)
      .flatMap(statement => statement.Action)
    const prefix = 'dynamodb:'
    return actions.filter(one => one.startsWith(prefix)).map(one => one.slice(prefix.length))
  }
  return Object.fromEntries(NAMES.map(name => [name, new Set(actionsOf(name))])) as Record<
    Name,
    Set<string>
  >
}

function messages(bodies: readonly string[]): SQSEvent {
  const Records = bodies.map((body, index) => ({ messageId: String(index), body }))
  // A handler reads the id and the body of a message, nothing else.
  return { Records } as unknown as SQSEvent
}
