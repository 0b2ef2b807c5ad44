/** A database that throttles, is away, or does not answer. */
import { createServer, type Server } from 'node:http'
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, test } from 'vitest'
import { EMPTY_HOUSE } from '../../../lib/queue/house/house.ts'
import { asBusy } from '../../../lib/store/dynamodb/busy.ts'
import { createDynamoClient, createDynamoStore } from '../../../lib/store/dynamodb/client.ts'
import { StoreRefusedError } from '../../../lib/store/dynamodb/items.ts'
import { type Store, StoreBusyError } from '../../../lib/store/port.ts'
import {
  firstState,
  houseOrders,
  NOW_MS,
  sampleClaim,
  sampleConfig,
  sampleRecord,
  seatRequest,
} from '../../contract/samples.ts'

const SECRET_TEXT = 'text that may hold anything'
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

/** A database that answers every request with this error. */
function answering(status: number, type: string): Promise<string> {
  const body = JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: SECRET_TEXT,
  })
  const headers = { 'content-type': 'application/x-amz-json-1.0' }
  return listen(createServer((_, response) => response.writeHead(status, headers).end(body)))
}

async function closedPort(): Promise<string> {
  const server = createServer()
  const endpoint = await listen(server)
  await new Promise(resolve => server.close(resolve))
  return endpoint
}

/** A store that gives up at once. */
function impatientStore(endpoint: string): Store {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })
  return createDynamoStore({ client, table: 'antichambre' })
}

async function errorOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => 'no error',
    (error: unknown) => error,
  )
}

const calls: Record<keyof Store, (store: Store) => Promise<unknown>> = {
  createRoom: store => store.createRoom('demo', sampleConfig(), firstState()),
  loadRoom: store => store.loadRoom('demo'),
  lastState: store => store.lastState('demo'),
  listRooms: store => store.listRooms(),
  saveConfig: store => store.saveConfig('demo', sampleConfig(), 0),
  saveState: store => store.saveState('demo', firstState()),
  deleteRoom: store => store.deleteRoom('demo'),
  setWake: store => store.setWake('demo', NOW_MS, 0),
  lease: store => store.lease('demo', { cohort: 0, shard: 0 }, 1),
  giveBack: store => store.giveBack('demo', { cohort: 0, shard: 0, first: 1, end: 2 }),
  sizes: store => store.sizes('demo', 0, 8),
  closeShards: store => store.closeShards('demo', 0, 8, NOW_MS),
  putRecord: store => store.putRecord('demo', sampleRecord(0)),
  loadRecord: store => store.loadRecord('demo', 0),
  claim: store => store.claim('demo', '0.0.1', sampleClaim(), seatRequest()),
  loadClaim: store => store.loadClaim('demo', '0.0.1'),
  leaseOpenWay: store => store.leaseOpenWay('demo', 900, 1),
  depart: store => store.depart('demo', { ticketId: '0.0.1', reason: 'left', epoch: 0 }, NOW_MS),
  loadHouse: store => store.loadHouse('demo', 0),
  orderHouse: store => store.orderHouse('demo', houseOrders(EMPTY_HOUSE), EMPTY_HOUSE),
  useInvitation: store => store.useInvitation('demo', 'one', '0.0.1', NOW_MS),
  loadInvitation: store => store.loadInvitation('demo', 'one'),
  addHistory: store => store.addHistory('demo', { atMs: NOW_MS, kind: 'minute', facts: {} }),
  history: store => store.history('demo', 10),
}

describe('a busy database', () => {
  test('is a StoreBusyError in every call, without the text of the original', async () => {
    const store = impatientStore(await answering(400, 'ProvisionedThroughputExceededException'))
    for (const [name, call] of Object.entries(calls)) {
      const error = await errorOf(call(store))
      expect(error, name).toBeInstanceOf(StoreBusyError)
      expect(String(error), name).not.toContain(SECRET_TEXT)
      expect((error as Error).cause, name).toBeUndefined()
    }
  })

  test.each([
    [400, 'ThrottlingException'],
    [400, 'RequestLimitExceeded'],
    [429, 'SomethingNew'],
  ])('has taken nothing when it answers %i %s', async (status, type) => {
    const error = await errorOf(
      impatientStore(await answering(status, type)).lease('a', { cohort: 0, shard: 0 }, 1),
    )
    expect(error).toBeInstanceOf(StoreRefusedError)
  })

  test.each([
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
    [502, 'SomethingNew'],
  ])('may have taken something when it answers %i %s', async (status, type) => {
    const error = await errorOf(
      impatientStore(await answering(status, type)).lease('a', { cohort: 0, shard: 0 }, 1),
    )
    expect(error).toBeInstanceOf(StoreBusyError)
    expect(error).not.toBeInstanceOf(StoreRefusedError)
  })

  test('is one that cannot be reached, and the message names no address', async () => {
    const endpoint = await closedPort()
    const store = createDynamoStore({ client: createDynamoClient({ endpoint }), table: 'table' })
    const error = await errorOf(store.loadRoom('demo'))
    expect(error).toBeInstanceOf(StoreRefusedError)
    expect(String(error)).not.toContain('127.0.0.1')
  })

  test('is one that hangs up', async () => {
    const endpoint = await listen(createServer(request => request.socket.destroy()))
    expect(await errorOf(impatientStore(endpoint).loadRoom('demo'))).toBeInstanceOf(StoreBusyError)
  })

  test('is one that never answers: the client gives up by itself', async () => {
    const endpoint = await listen(createServer(() => {}))
    const store = createDynamoStore({ client: createDynamoClient({ endpoint }), table: 'table' })
    expect(await errorOf(store.loadRoom('demo'))).toBeInstanceOf(StoreBusyError)
  })

  test('is asked again, and the answer counts', async () => {
    let requests = 0
    const server = createServer((_, response) => {
      requests++
      response.writeHead(requests === 1 ? 503 : 200).end('{}')
    })
    const client = createDynamoClient({ endpoint: await listen(server) })
    expect(await createDynamoStore({ client, table: 'table' }).loadRoom('demo')).toBeUndefined()
    expect(requests).toBe(2)
  })
})

describe('a batch of keys that the database answers in parts', () => {
  /** Answers `perAnswer` of the keys that a batch asks for, and leaves the rest out. */
  async function batches(perAnswer: number) {
    const asked: { keys: number; isConsistent: boolean }[] = []
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { RequestItems } = JSON.parse(Buffer.concat(chunks).toString())
      const { Keys, ConsistentRead } = RequestItems.antichambre
      asked.push({ keys: Keys.length, isConsistent: ConsistentRead })
      // In another order than they were asked for.
      const found = Keys.slice(0, perAnswer).reverse()
      const items = found.map((key: { pk: { S: string } }) => ({
        ...key,
        leased: { N: key.pk.S.split('#').at(-1) },
      }))
      const rest = Keys.slice(perAnswer)
      const UnprocessedKeys = rest.length === 0 ? {} : { antichambre: { Keys: rest } }
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify({ Responses: { antichambre: items }, UnprocessedKeys }))
    })
    return { store: impatientStore(await listen(server)), asked }
  }

  test('is one request where all are answered', async () => {
    const { store, asked } = await batches(8)
    expect(await store.sizes('demo', 0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(await store.sizes('demo', 0, 8, { consistent: true })).toHaveLength(8)
    expect(asked).toEqual([
      { keys: 8, isConsistent: false },
      { keys: 8, isConsistent: true },
    ])
  })

  test('is asked for the rest, and every size stands at its shard', async () => {
    const { store, asked } = await batches(3)
    expect(await store.sizes('demo', 0, 8, { consistent: true })).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(asked.map(({ keys }) => keys)).toEqual([8, 5, 2])
    expect(asked.every(({ isConsistent }) => isConsistent)).toBe(true)
  })

  test('is asked four times, and busy then: a part is never taken for the whole', async () => {
    const four = await batches(2)
    expect(await four.store.sizes('demo', 0, 8)).toHaveLength(8)
    const { store, asked } = await batches(1)
    expect(await errorOf(store.sizes('demo', 0, 8))).toBeInstanceOf(StoreBusyError)
    expect(asked).toHaveLength(4)
  })
})

describe('another error', () => {
  test('passes as it came: a missing table is no busy database', async () => {
    const store = impatientStore(await answering(400, 'ResourceNotFoundException'))
    const error = await errorOf(store.loadRoom('demo'))
    expect(error).not.toBeInstanceOf(StoreBusyError)
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' })
  })

  test.each([
    new ConditionalCheckFailedException({ message: '', $metadata: { httpStatusCode: 400 } }),
    new TypeError('a mistake of ours'),
    'a text',
  ])('is given back as it is: %s', error => {
    expect(asBusy(error)).toBe(error)
  })
})
