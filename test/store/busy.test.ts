/** A database that throttles, is away, or does not answer. */
import { createServer, type Server } from 'node:http'
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, test } from 'vitest'
import { asBusy } from '../../lib/store/busy.ts'
import { createDynamoClient, createDynamoStore } from '../../lib/store/dynamodb.ts'
import { StoreRefusedError } from '../../lib/store/items.ts'
import { type Store, StoreBusyError } from '../../lib/store/store.ts'
import { firstState, NOW_MS, sampleClaim, sampleConfig, sampleRecord } from '../contract/samples.ts'

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
  setWake: store => store.setWake('demo', NOW_MS),
  lease: store => store.lease('demo', 0, 0, 1),
  giveBack: store => store.giveBack('demo', 0, 0, 1, 2),
  sizes: store => store.sizes('demo', 0, 8),
  closeShards: store => store.closeShards('demo', 0, 8, NOW_MS),
  putRecord: store => store.putRecord('demo', sampleRecord(0)),
  loadRecord: store => store.loadRecord('demo', 0),
  claim: store => store.claim('demo', '0.0.1', sampleClaim()),
  loadClaim: store => store.loadClaim('demo', '0.0.1'),
  depart: store => store.depart('demo', '0.0.1', 'left', NOW_MS),
  entryBuckets: store => store.entryBuckets('demo', 0),
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
    const error = await errorOf(impatientStore(await answering(status, type)).lease('a', 0, 0, 1))
    expect(error).toBeInstanceOf(StoreRefusedError)
  })

  test.each([
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
    [502, 'SomethingNew'],
  ])('may have taken something when it answers %i %s', async (status, type) => {
    const error = await errorOf(impatientStore(await answering(status, type)).lease('a', 0, 0, 1))
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
