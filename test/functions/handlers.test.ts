/** The five functions as AWS calls them: events of the recorded shapes, queues and tables that are real. */
import { readFileSync } from 'node:fs'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createQueue,
  createSqsClient,
  type Embedded,
  startDynamo,
  startSqs,
} from '../../lib/local/aws.ts'
import {
  createDynamoClient,
  createDynamoStore,
  createTable,
} from '../../lib/store/dynamodb/client.ts'
import { startSecrets } from '../support/secrets.ts'
import { MASTER_SECRET, SHOWROOM } from '../support/world.ts'

type Handler<Event, Result, Context = object> = (event: Event, context?: Context) => Promise<Result>
interface UrlResult {
  statusCode: number
  headers: Record<string, string>
  cookies?: string[]
  body: string
}

const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(`./events/${name}.json`, import.meta.url), 'utf8'))

let servers: Embedded[] = []
let store: ReturnType<typeof createDynamoStore>
let visitor: Handler<object, UrlResult>
let operator: Handler<object, UrlResult>
let clock: Handler<object, void>
let admit: Handler<SQSEvent, SQSBatchResponse>
let departures: Handler<SQSEvent, SQSBatchResponse, never>
let sqs: ReturnType<typeof createSqsClient>

beforeAll(async () => {
  const dynamo = await startDynamo()
  const queues = await startSqs()
  const secrets = await startSecrets(MASTER_SECRET)
  servers = [dynamo, queues, secrets]
  const client = createDynamoClient({ endpoint: dynamo.endpoint })
  await createTable(client, 'antichambre')
  store = createDynamoStore({ client, table: 'antichambre' })
  sqs = createSqsClient(queues.endpoint)
  vi.stubEnv('TABLE_NAME', 'antichambre')
  vi.stubEnv('TICKS_QUEUE_URL', await createQueue(sqs, 'ticks'))
  vi.stubEnv('DEPARTURES_QUEUE_URL', await createQueue(sqs, 'departures'))
  vi.stubEnv('MASTER_SECRET_ARN', 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:master')
  vi.stubEnv('AWS_REGION', 'eu-west-3')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamo.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', queues.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.endpoint)
  visitor = (await import('../../functions/visitor.ts')).handler as never
  operator = (await import('../../functions/operator.ts')).handler as never
  clock = (await import('../../functions/clock.ts')).handler as never
  admit = (await import('../../functions/admit.ts')).handler
  departures = (await import('../../functions/departures.ts')).handler
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await Promise.all(servers.map(server => server.close()))
})

const urlEvent = (method: string, path: string, body?: object, headers: object = {}) => {
  const event = recorded('function-url-post')
  event.rawPath = path
  event.requestContext.http = { ...event.requestContext.http, method, path }
  event.headers = { ...event.headers, ...headers }
  event.body = body === undefined ? undefined : JSON.stringify(body)
  event.headers['content-length'] = String(event.body?.length ?? 0)
  return event
}

const sqsEvent = (...bodies: string[]): SQSEvent => {
  const [record] = recorded('sqs').Records
  return { Records: bodies.map((body, index) => ({ ...record, messageId: `m${index}`, body })) }
}

async function operatorToken(): Promise<string> {
  const { createKeyRing } = await import('../../lib/keys/key-ring.ts')
  return createKeyRing(MASTER_SECRET).operatorToken
}

const putRoom = async (room: string, config: object) =>
  operator(
    urlEvent(
      'PUT',
      `/operator/api/rooms/${room}`,
      { showroomUrl: SHOWROOM, ...config },
      {
        'x-viewer-authorization': `Bearer ${await operatorToken()}`,
      },
    ),
    {},
  )

describe('the functions', () => {
  test('a visitor joins through a function URL event and is let in by ticks from the queue', async () => {
    expect((await putRoom('demo', {})).statusCode).toBe(201)
    const joined = await visitor(urlEvent('POST', '/r/demo/tickets', { attempt: 1 }), {})
    expect(joined.statusCode).toBe(201)
    expect(joined.cookies?.[0]).toMatch(/^antichambre.ticket=.*; Secure; SameSite=Lax$/)
    await vi.waitFor(
      async () => {
        expect(await admit(sqsEvent('{"room":"demo"}'))).toEqual({ batchItemFailures: [] })
        const event = urlEvent('GET', '/r/demo/place')
        event.cookies = [...event.cookies, joined.cookies?.[0]?.split(';')[0]]
        const place = await visitor(event, {})
        expect(JSON.parse(place.body)).toMatchObject({ status: 'admitted', place: 1 })
      },
      { timeout: 20_000, interval: 500 },
    )
  })

  test('the clock sends the ticks of awake rooms into the queue', async () => {
    await putRoom('clocked', {})
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs')
    const receive = async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: process.env.TICKS_QUEUE_URL ?? '',
          MaxNumberOfMessages: 10,
        }),
      )
      return Messages.map(message => message.Body)
    }
    await clock(recorded('scheduled'))
    const bodies = await receive()
    expect(bodies.length).toBeGreaterThan(0)
    expect(JSON.parse(bodies[0] ?? '')).toHaveProperty('room')
  })

  test('failure mode 5: a poisoned message fails alone; the others of its batch are done', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const event = sqsEvent('{"room":"demo"}', 'not json', '{"room":7}', '{"room":"gone"}')
    const { batchItemFailures } = await admit(event)
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }])
    expect(JSON.stringify(errors.mock.calls)).not.toContain('not json')
    errors.mockRestore()
  })

  test('failure mode 2: departures count once each, however often and in whatever order they come', async () => {
    const claim = {
      epoch: 0,
      enteredAtMs: 60_000,
      turnAtMs: 45_000,
      sessionEndsAtMs: 960_000,
      passId: 'p',
      nonce: undefined,
    }
    const { EMPTY_HOUSE } = await import('../../lib/queue/house/house.ts')
    const { seatOf } = await import('../../lib/queue/house/slots.ts')
    const times = { turnSeconds: 600, sessionSeconds: 900 }
    const orders = {
      ...{ epoch: 0, limit: 5, reserved: 0, lateSeats: 0 },
      ...{ expired: [], forgotten: [], lapsed: [] },
    }
    await store.orderHouse('sold', orders, EMPTY_HOUSE)
    const request = { ...seatOf(claim, times), lane: 'turn' } as const
    expect(await store.claim('sold', '0.1.2', claim, request)).toMatchObject({ status: 'entered' })
    const message = (ticket: string) =>
      JSON.stringify({ room: 'sold', departures: [{ ticket, reason: 'bought' }] })
    const event = sqsEvent(message('0.1.2'), message('0.1.2'), message('9.9.9'))
    expect(await departures(event)).toEqual({ batchItemFailures: [] })
    expect(await departures(event)).toEqual({ batchItemFailures: [] })
    expect(await store.loadHouse('sold', 0)).toMatchObject({ entered: 1, gone: 1, bought: 1 })
  })

  test('a word about the stock from the same queue is what operators and visitors read next', async () => {
    await putRoom('stocked', { stock: 97 })
    const word = JSON.stringify({ room: 'stocked', stockLeft: 40, atMs: Date.now() })
    expect(await departures(sqsEvent(word, word))).toEqual({ batchItemFailures: [] })
    const status = await visitor(urlEvent('GET', '/r/stocked/status'), {})
    expect(JSON.parse(status.body)).toMatchObject({ stock: 40 })
  })

  test('an operator makes invitations, and a guest joins the line of the group by one', async () => {
    await putRoom('grouped', { groups: [{ name: 'vip', sharePercent: 10 }] })
    const path = '/operator/api/rooms/grouped/invitations'
    const authorization = { 'x-viewer-authorization': `Bearer ${await operatorToken()}` }
    const made = await operator(urlEvent('POST', path, { group: 'vip' }, authorization), {})
    const [{ token }] = JSON.parse(made.body).invitations
    const joined = await visitor(
      urlEvent('POST', '/r/grouped~vip/tickets', { invitation: token }),
      {},
    )
    expect([joined.statusCode, JSON.parse(joined.body).cohort]).toEqual([201, 1_000_000_000])
  })

  test('departures of a wrong form fail alone', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const bad = ['{}', '{"room":"x","departures":[{"ticket":"a","reason":"left"}]}', '[]']
    const { batchItemFailures } = await departures(sqsEvent(...bad))
    expect(batchItemFailures).toHaveLength(3)
    errors.mockRestore()
  })
})
