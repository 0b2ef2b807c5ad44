/** The whole of Antichambre in one process: the same applications and handlers as on AWS. */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createKeyRing, type KeyRing } from '../keys/key-ring.ts'
import { pageFiles } from '../page/build/build.ts'
import type { DeparturesQueue } from '../runtime/queues.ts'
import { createDeparturesQueue, createTickQueue } from '../runtime/sqs.ts'
import { admitHandler, clockHandler, departuresHandler } from '../service/events.ts'
import type { OperateDeps } from '../service/operator/operate.ts'
import { createRooms } from '../service/visit/room-cache.ts'
import { createDynamoClient, createDynamoStore, createTable } from '../store/dynamodb/client.ts'
import { operatorApp } from '../web/operator-app.ts'
import { visitorApp } from '../web/visitor-app.ts'
import { createQueue, createSqsClient, startDynamo, startSqs } from './aws.ts'
import { pageApp } from './page-app.ts'
import { startPoller } from './poller.ts'

const CLOCK_MS = 60_000

export interface LocalOptions {
  /** 0: the system chooses. */
  readonly port: number
  readonly masterSecret: string
  readonly operatorToken: string | undefined
  /** A folder that keeps the database between runs. */
  readonly databasePath: string | undefined
  readonly dynamoEndpoint: string | undefined
  readonly sqsEndpoint: string | undefined
}

export interface LocalServer {
  readonly url: string
  readonly keys: KeyRing
  readonly operate: OperateDeps
  readonly rooms: ReturnType<typeof createRooms>
  readonly departures: DeparturesQueue
  close(): Promise<void>
}

export async function startLocalServer(options: LocalOptions): Promise<LocalServer> {
  const now = Date.now
  const keys = createKeyRing(options.masterSecret, options.operatorToken)
  const dynamo =
    options.dynamoEndpoint === undefined ? await startDynamo(options.databasePath) : undefined
  const sqs = options.sqsEndpoint === undefined ? await startSqs() : undefined

  const client = createDynamoClient({ endpoint: dynamo?.endpoint ?? options.dynamoEndpoint ?? '' })
  await createTable(client, TABLE)
  const store = createDynamoStore({ client, table: TABLE })
  const sqsClient = createSqsClient(sqs?.endpoint ?? options.sqsEndpoint ?? '')
  const ticksUrl = await createQueue(sqsClient, 'antichambre-ticks')
  const departuresUrl = await createQueue(sqsClient, 'antichambre-departures')
  const ticks = createTickQueue(sqsClient, ticksUrl)
  const departures = createDeparturesQueue(sqsClient, departuresUrl)

  const operate = { store, keys, ticks, now, newId: randomUUID }
  const visitors = visitorApp({
    ...operate,
    departures,
    secureCookies: false,
    chance: Math.random,
    later: (run, delayMs) => void setTimeout(run, delayMs).unref(),
  })
  const operators = operatorApp(operate)
  const app = new Hono()
  app.route('/', pageApp(pageFiles()))
  app.all('/operator/*', c => operators.fetch(c.req.raw))
  app.all('*', c => visitors.fetch(c.req.raw))

  const pollers = [
    startPoller(sqsClient, ticksUrl, admitHandler(operate)),
    startPoller(sqsClient, departuresUrl, departuresHandler(operate)),
  ]
  const clock = clockHandler(operate)
  await clock()
  const timer = setInterval(() => void clock().catch(logFailure), CLOCK_MS)
  const server = await listen(app, options.port)

  return {
    url: `http://localhost:${portOf(server)}`,
    keys,
    operate,
    rooms: createRooms(store, now),
    departures,
    async close() {
      clearInterval(timer)
      await stopListening(server)
      await Promise.all(pollers.map(poller => poller.stop()))
      client.destroy()
      sqsClient.destroy()
      await Promise.all([dynamo?.close(), sqs?.close()])
    },
  }
}

/** Serves an application. @throws Error with code `EADDRINUSE` when the port is taken. */
export function listen(app: Hono, port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port }, () => resolve(server))
    server.once('error', reject)
  })
}

export function portOf(server: ServerType): number {
  return (server.address() as AddressInfo).port
}

export function stopListening(server: ServerType): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}

const TABLE = 'antichambre'

function logFailure(error: unknown): void {
  console.error(`the clock failed: ${error instanceof Error ? error.name : 'unknown'}`)
}
