/** Makes DynamoDB stores for the contract suite and for the adapter's own tests. */
import { randomUUID } from 'node:crypto'
import { DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import {
  createDynamoClient,
  createDynamoStore,
  createTable,
} from '../../lib/store/dynamodb/client.ts'
import type { Store } from '../../lib/store/port.ts'

/** A store under test. */
export interface Contestant {
  readonly store: Store
  /** Another instance of the program on the same data. */
  again(): Store
  /** How many writes were sent so far. */
  writes(): number
  close(): Promise<void>
}

/** @param pageItems items in one page of a query, where the store has pages. */
export type MakeStore = (options?: { pageItems?: number }) => Promise<Contestant>

export interface DynamoContestant extends Contestant {
  readonly client: DynamoDBClient
  readonly table: string
}

export async function makeDynamoContestant(
  endpoint: string,
  options: { pageItems?: number } = {},
): Promise<DynamoContestant> {
  const table = `contract-${randomUUID()}`
  const client = createDynamoClient({ endpoint })
  const others: DynamoDBClient[] = []
  await createTable(client, table)
  const writes = countWrites(client)
  return {
    client,
    table,
    writes,
    store: createDynamoStore({ client, table, ...options }),
    again() {
      const other = createDynamoClient({ endpoint })
      others.push(other)
      return createDynamoStore({ client: other, table, ...options })
    },
    async close() {
      await client.send(new DeleteTableCommand({ TableName: table }))
      for (const open of [client, ...others]) open.destroy()
    },
  }
}

/** Is this one of the commands that the database bills as a write? */
export function isWrite(commandName: string | undefined): boolean {
  return /^(Put|Update|Delete|BatchWrite|TransactWrite)Items?Command$/.test(commandName ?? '')
}

function countWrites(client: DynamoDBClient): () => number {
  let writes = 0
  client.middlewareStack.add(
    (next, context) => args => {
      if (isWrite(context.commandName)) writes++
      return next(args)
    },
    { step: 'initialize' },
  )
  return () => writes
}

/** An embedded DynamoDB in memory. */
export async function startDynalite(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
