/** What goes wrong on AWS, done to the bundles: deaths in the middle, poison, throttles, broken items. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { closeDueAtMs, opened } from '../../lib/queue/tick.ts'
import { createDynamoStore } from '../../lib/store/dynamodb.ts'
import type { Store } from '../../lib/store/store.ts'
import { itemKey } from '../../lib/store/table.ts'
import { type Cloud, startCloud } from '../support/cloud/cloud.ts'
import type { Call, Fate } from '../support/cloud/endpoint.ts'
import { type Browser, createBrowser } from '../support/cloud/network.ts'
import { eventually } from '../support/process.ts'
import { leaks, metricLines } from './logs.ts'
import { createOperator } from './operator.ts'

const SHOWROOM = 'https://shop.example/'
/** In place of the minutes of the template: what was taken and not done comes again this soon. */
const VISIBILITY_SECONDS = 1
/** More writes than a tick makes that closes a cohort. */
const CLOSE_WRITES_MAX = 14

let cloud: Cloud
let operate: ReturnType<typeof createOperator>
let store: Store
const browsers: Browser[] = []
beforeAll(async () => {
  cloud = await startCloud({ folder: inject('assembly'), visibilitySeconds: VISIBILITY_SECONDS })
  operate = createOperator(cloud)
  const { dynamo: client } = cloud.services.admin
  store = createDynamoStore({ client, table: cloud.deployment.table.ref })
  // Ticks are handed to the function one by one, where a test says so.
  await cloud.eventSources.disable('Admit')
})
afterAll(() => cloud.close())
beforeEach(() => cloud.decideFates(() => 'carried-out'))

const queue = (name: string) => cloud.deployment.template.at(`WaitingRoom/Queues/${name}`).ref
const at = (room: string, path: string) => `${cloud.roomUrl}/r/${room}${path}`
const isWrite = ({ operation }: Call) => ['PutItem', 'UpdateItem', 'DeleteItem'].includes(operation)

const tickOf = (...bodies: string[]) =>
  cloud.lambda.invoke('Admit', {
    Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })),
  })
const tick = (room: string) => tickOf(JSON.stringify({ room }))
const DONE = { status: 'answered', payload: { batchItemFailures: [] } }

/** A room that is due to open, and visitors who hold tickets of it. */
async function gathering(room: string, count: number, config: object = {}): Promise<Browser[]> {
  const opensAt = new Date().toISOString()
  const rate = { ratePerMinute: 6_000, batchSeconds: 1 }
  await operate('PUT', `/${room}`, { showroomUrl: SHOWROOM, opensAt, ...rate, ...config })
  const visitors = Array.from({ length: count }, () => createBrowser(cloud.network))
  browsers.push(...visitors)
  for (const browser of visitors) {
    expect((await browser.post(at(room, '/tickets'))).status).toBe(201)
  }
  return visitors
}

/** Ticks until everybody drawn is let in. */
const letIn = (room: string) =>
  eventually(
    async () => {
      expect(await tick(room)).toEqual(DONE)
      return (await store.loadRoom(room, { consistent: true }))?.state
    },
    state => state !== undefined && state.tail > 0 && state.front === state.tail,
  )

/** An instance's view of a room may be a second old. */
async function admittedPlace(browser: Browser, room: string): Promise<number> {
  const { json } = await eventually(
    () => browser.open(at(room, '/place')),
    told => told.json.status === 'admitted',
  )
  return json.place
}

/** Would a tick of now open the room and close its first cohort? */
async function isCloseDue(room: string): Promise<boolean> {
  const { config, state } = (await store.loadRoom(room, { consistent: true })) ?? never()
  const dueAtMs = closeDueAtMs(config, opened(config, state, Date.now()))
  return dueAtMs !== null && dueAtMs <= Date.now()
}

/** The nth call of its kind goes wrong, once. */
function fateOfNth(n: number, fate: Fate, kind: (call: Call) => boolean): { met: () => number } {
  let met = 0
  cloud.decideFates(call => {
    if (!kind(call)) return 'carried-out'
    met++
    return met === n ? fate : 'carried-out'
  })
  return { met: () => met }
}

const send = (name: string, MessageBody: string) =>
  cloud.services.admin.sqs.send(new SendMessageCommand({ QueueUrl: queue(name), MessageBody }))

describe('failure mode 5: a poisoned message', () => {
  const POISON = ['{"room":7}', 'eyJhbGciOiJIUzI1NiJ9.no.json', '{"room":"../etc"}']

  test('fails alone: those beside it in its batch are done', async () => {
    await gathering('beside', 1)
    const [first = '', second = '', third = ''] = POISON
    const outcome = await tickOf(first, second, '{"room":"beside"}', third)
    expect(outcome).toEqual({
      status: 'answered',
      payload: {
        batchItemFailures: ['m0', 'm1', 'm3'].map(itemIdentifier => ({ itemIdentifier })),
      },
    })
    expect((await store.loadRoom('beside', { consistent: true }))?.state.openedAtMs).not.toBeNull()
  })

  test('ends in the dead letters, whose alarm names its queue, and the queue goes on', async () => {
    await gathering('behind', 1)
    for (const body of [...POISON, '{"room":"behind"}']) await send('Ticks', body)
    cloud.eventSources.enable('Admit')
    const dead = await eventually(
      () => countOf('TicksDeadLetters'),
      count => count === POISON.length,
    )
    expect(dead).toBe(POISON.length)
    await cloud.eventSources.disable('Admit')
    const { state } = (await store.loadRoom('behind', { consistent: true })) ?? {}
    expect(state?.openedAtMs).not.toBeNull()
    const { Messages = [] } = await cloud.services.admin.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queue('TicksDeadLetters'), MaxNumberOfMessages: 10 }),
    )
    expect(Messages.map(message => message.Body).sort()).toEqual([...POISON].sort())
  })
})

async function countOf(name: string): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queue(name),
    AttributeNames: ['ApproximateNumberOfMessages'],
  })
  const { Attributes } = await cloud.services.admin.sqs.send(command)
  return Number(Attributes?.ApproximateNumberOfMessages)
}

describe('a function that is killed in the middle', () => {
  test('admit, at each write of a close: the next tick finishes the job, and nobody loses a place', async () => {
    const isByAdmit = (call: Call) => call.caller === 'Admit' && isWrite(call)
    const rooms: { room: string; visitors: Browser[] }[] = []
    for (let count = 1; count <= CLOSE_WRITES_MAX; count++) {
      const room = `closing-${count}`
      rooms.push({ room, visitors: await gathering(room, 2) })
    }
    await eventually(
      async () => Promise.all(rooms.map(({ room }) => isCloseDue(room))),
      due => due.every(Boolean),
    )
    let deaths = 0
    for (const [index, { room, visitors }] of rooms.entries()) {
      // Before the database heard of it, and after it was done but not answered.
      fateOfNth(index + 1, index % 2 === 0 ? 'dies-after' : 'dies-before', isByAdmit)
      const outcome = await tick(room)
      if (outcome.status === 'died') deaths++
      else expect(outcome).toEqual(DONE)
      cloud.decideFates(() => 'carried-out')
      const halfWay = await store.loadRecord(room, 0)
      await letIn(room)
      if (halfWay !== undefined) expect(await store.loadRecord(room, 0)).toEqual(halfWay)
      const places = await Promise.all(visitors.map(one => admittedPlace(one, room)))
      expect(new Set(places).size).toBe(visitors.length)
    }
    console.log(
      `admit was killed at each of the ${deaths} writes of a close, and finished each time`,
    )
    // Eight shards, the record, the state and the house at least; and no write is left untried.
    expect(deaths).toBeGreaterThanOrEqual(11)
    expect(deaths).toBeLessThan(CLOSE_WRITES_MAX)
  })

  test.each([
    [1, 'dies-before', 1],
    [1, 'dies-after', 2],
    [2, 'dies-before', 2],
    [2, 'dies-after', 1],
  ] as const)(
    'visitor, at write %i of an entry (%s): the turn is taken again, once',
    async (...row) => {
      const [write, fate, counted] = row
      const room = `entry-${write}-${fate}`
      const [browser = never()] = await gathering(room, 1, { capacity: 5 })
      await letIn(room)
      await admittedPlace(browser, room)
      fateOfNth(write, fate, call => call.caller === 'Visitor' && isWrite(call))
      expect((await browser.post(at(room, '/passes'))).status).toBe(502)
      const again = await browser.post(at(room, '/passes'))
      expect([again.status, again.json.error]).toEqual([200, undefined])
      // A death between the two writes leaves a seat empty, and lets nobody in too many.
      expect((await store.loadHouse(room, 0)).entered).toBe(counted)
    },
  )

  // A departure is two writes: its mark on the ticket, and its count in the house. Dying between the two it
  // is not counted, for never twice is worth more; its seat is free when the session would have ended.
  test.each([
    [3, 'dies-before', 3],
    [3, 'dies-after', 2],
  ] as const)(
    'departures, at write %i of a message (%s): it comes again, %i of 3 count',
    async (...row) => {
      const [write, fate, counted] = row
      const room = `leaving-${write}-${fate}`
      const visitors = await gathering(room, 3, { capacity: 5 })
      await letIn(room)
      const ids: string[] = []
      for (const browser of visitors) {
        await admittedPlace(browser, room)
        expect((await browser.post(at(room, '/passes'))).status).toBe(200)
        ids.push((await browser.open(at(room, '/ticket'))).json.id)
      }
      const before = cloud.lambda.invocations('Departures')
      fateOfNth(write, fate, call => call.caller === 'Departures' && isWrite(call))
      const departures = ids.map(ticket => ({ ticket, reason: 'left' }))
      await send('Departures', JSON.stringify({ room, departures }))
      const [last = ''] = ids.slice(-1)
      await eventually(
        () => store.loadClaim(room, last),
        claim => claim?.departed === 'left',
      )
      const house = await eventually(
        () => store.loadHouse(room, 0),
        ({ left }) => left >= counted,
      )
      expect(house).toMatchObject({ entered: 3, gone: counted, left: counted })
      expect(cloud.lambda.invocations('Departures') - before).toBe(2)
    },
  )
})

describe('failure mode 12: what one invocation knew is nothing to the next', () => {
  test('admit in one process sees at each tick what others changed, and keeps rooms apart', async () => {
    await gathering('warm-a', 1)
    await gathering('warm-b', 1)
    await letIn('warm-a')
    const started = cloud.lambda.coldStarts('Admit')
    await operate('POST', '/warm-a/pause', {})
    const late = createBrowser(cloud.network)
    await eventually(
      () => late.post(at('warm-a', '/tickets')),
      ({ status }) => status < 300,
    )
    const frontOf = async (room: string) =>
      (await store.loadRoom(room, { consistent: true }))?.state.front
    const before = await frontOf('warm-a')
    for (let count = 0; count < 3; count++) expect(await tick('warm-a')).toEqual(DONE)
    expect(await frontOf('warm-a')).toBe(before)
    expect(await frontOf('warm-b')).toBe(0)
    await letIn('warm-b')
    expect(await frontOf('warm-a')).toBe(before)
    await operate('POST', '/warm-a/resume', {})
    await letIn('warm-a')
    expect(cloud.lambda.coldStarts('Admit')).toBe(started)
  })

  test('visitors of one process get nothing of each other, nor of a room that was there before', async () => {
    const started = cloud.lambda.coldStarts('Visitor')
    const [one, other] = await gathering('anew', 2)
    const ticketOf = async (browser?: Browser) => (await browser?.open(at('anew', '/ticket')))?.json
    const old = await ticketOf(one)
    expect((await ticketOf(other)).id).not.toBe(old.id)
    expect((await createBrowser(cloud.network).open(at('anew', '/ticket'))).status).toBe(404)
    await operate('POST', '/anew/end', {})
    await operate('PUT', '/anew', { showroomUrl: SHOWROOM, opensAt: null })
    // What this process leased of the ended sale is worth nothing in the new one.
    await eventually(
      () => createBrowser(cloud.network).post(at('anew', '/tickets')),
      ({ status, json }) => status === 201 && json.cohort > old.cohort,
    )
    expect((await one?.open(at('anew', '/place')))?.json.error.code).toBe('room-ended')
    expect(cloud.lambda.coldStarts('Visitor')).toBe(started)
  })
})

describe('what is printed then', () => {
  test('of a request that nobody foresaw: an error by name, code and place, under the request', async () => {
    const [browser] = await gathering('broken', 1)
    const { pk, sk } = itemKey.state('broken')
    const Item = { pk: { S: pk }, sk: { S: sk }, version: { N: '1' }, json: { S: 'eyJhbGciOi' } }
    const TableName = cloud.deployment.table.ref
    await cloud.services.admin.dynamo.send(new PutItemCommand({ TableName, Item }))
    const seen = cloud.lambda.printed.length
    const answer = await eventually(
      () =>
        browser?.open(at('broken', '/place?to=https://shop.example/&secret=hunter2')) ?? never(),
      ({ status }) => status === 500,
    )
    expect(answer.json.error.code).toBe('internal-error')
    const lines = cloud.lambda.printed.slice(seen).map(({ line }) => JSON.parse(line))
    expect(lines).toContainEqual({
      level: 'ERROR',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: { what: 'request', error: expect.any(String), at: expect.stringMatching(/^at /) },
    })
  })

  test('while the table throttles: nothing by the visitor, who comes again', async () => {
    const [browser] = await gathering('busy', 1)
    const seen = cloud.lambda.printed.length
    cloud.decideFates(({ caller, service }) =>
      caller === 'Visitor' && service === 'dynamodb' ? 'throttled' : 'carried-out',
    )
    const refused = await eventually(
      () => browser?.post(at('busy', '/passes')) ?? never(),
      ({ status }) => status === 503,
    )
    expect([refused.json.error.code, refused.headers.get('retry-after')]).toEqual([
      'try-again',
      '2',
    ])
    expect(cloud.lambda.printed.slice(seen)).toEqual([])
  })

  test('by a clock that fails: tried once more, as its rule says, and told without a secret', async () => {
    cloud.decideFates(({ caller }) => (caller === 'Clock' ? 'throttled' : 'carried-out'))
    const before = cloud.lambda.invocations('Clock')
    const [outcome] = await cloud.minute()
    expect(outcome).toEqual({ status: 'failed', errorType: expect.any(String) })
    expect(cloud.lambda.invocations('Clock') - before).toBe(2)
  })

  test('failure mode 44: while admission stands still, by the clock, the very metric that the alarm watches', async () => {
    await gathering('still', 1)
    const room = await store.loadRoom('still', { consistent: true })
    if (room === undefined) throw new Error('the room was made')
    // A minute and more goes by without ticks.
    const opensAt = new Date(Date.now() - 61_000).toISOString()
    await store.saveConfig('still', { ...room.config, opensAt }, room.configVersion)
    await store.setWake('still', Date.now() - 61_000)
    await cloud.minute()
    const { properties: alarm } = cloud.deployment.template.at(
      'WaitingRoom/Operation/Alarms/NobodyLetIn',
    )
    const [line] = metricLines(cloud.lambda.printed).filter(({ metrics }) =>
      metrics.includes(alarm.MetricName),
    )
    expect(line).toMatchObject({ functionName: 'Clock', namespace: alarm.Namespace })
    expect(line?.dimensions).toEqual(alarm.Dimensions.map(({ Name }: { Name: string }) => Name))
    for (const { Name, Value } of alarm.Dimensions) expect(line?.line[Name]).toBe(Value)
    expect(line?.line[alarm.MetricName]).toBeGreaterThanOrEqual(alarm.Threshold)
    // The one that was broken before hides no other.
    const named = String(line?.line.rooms).split(', ')
    expect(named).toEqual(expect.arrayContaining(['broken', 'still']))
  })

  test('failure mode 42: no token, cookie, secret or query in all of this', () => {
    const master: Record<string, string> = JSON.parse(cloud.services.masterSecret)
    const secrets = [
      cloud.keys.operatorToken,
      'hunter2',
      ...Object.values(master),
      ...browsers.flatMap(browser => [...browser.secrets]),
    ]
    expect(
      cloud.lambda.printed.filter(({ line }) => line.includes('ERROR')).length,
    ).toBeGreaterThan(5)
    expect(leaks(cloud.lambda.printed, secrets)).toEqual([])
  })
})

function never(): never {
  throw new Error('somebody came')
}
