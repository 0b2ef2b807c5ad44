/**
 * A sale, played with the real functions on an embedded DynamoDB that refuses each function what its
 * role in the template does not allow: a permission too few would show on AWS alone otherwise, and
 * one too many never.
 */
import { randomUUID } from 'node:crypto'
import type { SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Embedded, startDynamo } from '../../lib/local/aws.ts'
import { admitHandler, clockHandler, departuresHandler } from '../../lib/room/handlers.ts'
import { createDynamoClient, createDynamoStore, createTable } from '../../lib/store/dynamodb.ts'
import { createKeyRing } from '../../lib/store/keys.ts'
import type { Tick } from '../../lib/store/queues.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import { at, resources, synthesise } from './synthesise.ts'

const NAMES = ['Visitor', 'Operator', 'Clock', 'Admit', 'Departures'] as const
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
  const depsOf = (name: Name) => ({ store: roles[name].store, keys, ticks, now })
  const visitors = visitorApp({
    ...depsOf('Visitor'),
    departures: { send: async () => {} },
    secureCookies: true,
    chance: Math.random,
    newId: randomUUID,
  })
  const operators = operatorApp(depsOf('Operator'))
  const admit = admitHandler(depsOf('Admit'))
  const operate = async (method: string, path: string, body?: object) => {
    const answer = await operators.request(`/operator/api/rooms${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect([path, answer.ok]).toEqual([path, true])
  }
  const visit = (method: string, path: string, cookie = '') =>
    visitors.request(`/r/cars${path}`, {
      method,
      headers: { cookie, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: '{}' }),
    })
  const admitFor = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      nowMs += 1000
      const outcome = await admit(messages([JSON.stringify({ room: 'cars' })]))
      expect(outcome.batchItemFailures).toEqual([])
    }
  }

  await operate('PUT', '/cars', {
    showroomUrl: 'https://shop.example/',
    opensAt: new Date(nowMs).toISOString(),
    capacity: 10,
    stock: 5,
  })
  await operate('PATCH', '/cars', { ratePerMinute: 6000 })
  await operate('POST', '/cars/pause')
  await operate('POST', '/cars/resume')
  await operate('GET', '')
  await operate('GET', '/cars/history')
  await clockHandler(depsOf('Clock'))()
  expect(sent.length).toBeGreaterThan(0)

  const cookies: string[] = []
  for (let visitor = 0; visitor < 3; visitor++) {
    const joined = await visit('POST', '/tickets')
    expect(joined.status).toBe(201)
    cookies.push((joined.headers.get('set-cookie') ?? '').split(';')[0] ?? '')
  }
  await admitFor(10)
  expect((await visit('GET', '/status')).status).toBe(200)
  expect((await visit('GET', '/place', cookies[0])).status).toBe(200)
  expect((await visit('GET', '/cohorts/0')).status).toBe(200)
  expect((await visit('POST', '/passes', cookies[0])).status).toBe(200)
  expect((await visit('POST', '/passes', cookies[0])).status).toBe(200)

  // An entry that cannot be counted is taken back.
  roles.Visitor.fail('UpdateItem')
  expect((await visit('POST', '/passes', cookies[1])).status).toBe(503)
  roles.Visitor.fail(undefined)

  const { id } = (await (await visit('GET', '/ticket', cookies[0])).json()) as { id: string }
  const departure = JSON.stringify({ room: 'cars', departures: [{ ticket: id, reason: 'left' }] })
  const counted = await departuresHandler(depsOf('Departures'))(messages([departure, departure]))
  expect(counted.batchItemFailures).toEqual([])
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
  const template = synthesise()
  const policies = Object.values(resources(template, 'AWS::IAM::Policy'))
  const actionsOf = (name: Name) => {
    const role = at(template, `WaitingRoom/Functions/${name}Role`).id
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
