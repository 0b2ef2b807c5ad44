/**
 * The store in Amazon DynamoDB: one table, no scans, no transactions. What is kept, and under which
 * conditions, is in store.ts and the files that it imports; this file sends the requests.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type AttributeValue,
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceInUseException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type Store, StoreBusyError } from '../port.ts'
import { type Key, tableDefinition } from '../table.ts'
import { type Change, type Fields, type Item, type Items, toAttributes, toItem } from './items.ts'
import { answerOf, type Failed, writeOf } from './requests.ts'
import { storeOver } from './store.ts'

/** A request that takes longer has failed: the function that waits for it has little time itself. */
const CONNECTION_TIMEOUT_MS = 1_000
const REQUEST_TIMEOUT_MS = 2_000
/** The SDK sends a throttled or lost request again, with growing jittered pauses. */
const ATTEMPTS_MAX = 3
/** How often, and how far apart, a new table is asked whether it is ready. */
const TABLE_ASKS_MAX = 300
const TABLE_ASK_MS = 100
/** How often the keys that a batch left out are asked for again, and after which first pause. */
const BATCH_ASKS_MAX = 4
const BATCH_ASK_MS = 20
/** Before every sort key of the table. */
const SORT_KEY_MIN = ' '

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient
  readonly table: string
  /** Items in one page of a query. @default as many as fit into DynamoDB's 1 MB */
  readonly pageItems?: number
}

export function createDynamoStore(options: DynamoStoreOptions): Store {
  return storeOver(tableItems(options))
}

/** @param endpoint a local server, which accepts any credentials. @default Amazon's own */
export function createDynamoClient(
  options: { endpoint?: string; region?: string } = {},
): DynamoDBClient {
  const { endpoint, region } = options
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new DynamoDBClient({
    maxAttempts: ATTEMPTS_MAX,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without this the SDK merely warns.
      throwOnRequestTimeout: true,
    },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, region: region ?? 'us-east-1', credentials }),
  })
}

/** Makes the table on a local server, if it is not there, and waits until it can be used. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand(tableDefinition(table)))
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
  for (let ask = 0; ask < TABLE_ASKS_MAX; ask++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }))
    if (Table?.TableStatus === 'ACTIVE') return
    await pause(TABLE_ASK_MS)
  }
  throw new Error(`the table was not ready after ${(TABLE_ASKS_MAX * TABLE_ASK_MS) / 1000} s`)
}

function tableItems({ client, table, pageItems }: DynamoStoreOptions): Items {
  const get: Items['get'] = async (key, { consistent = true } = {}) => {
    const command = new GetItemCommand({
      TableName: table,
      Key: toAttributes({ ...key }),
      ConsistentRead: consistent,
    })
    const { Item } = await answerOf(client.send(command))
    return Item && toItem(Item)
  }

  const getAll: Items['getAll'] = async (keys, { consistent = true } = {}) => {
    const found = new Map<string, Item>()
    let wanted: Record<string, AttributeValue>[] = keys.map(key => toAttributes({ ...key }))
    for (let ask = 0; wanted.length > 0; ask++) {
      if (ask === BATCH_ASKS_MAX) throw new StoreBusyError('the database throttles')
      if (ask > 0) await pause(BATCH_ASK_MS * 2 ** (ask - 1))
      const request = { [table]: { Keys: wanted, ConsistentRead: consistent } }
      const command = new BatchGetItemCommand({ RequestItems: request })
      const answer = await answerOf(client.send(command))
      for (const item of (answer.Responses?.[table] ?? []).map(toItem)) {
        found.set(nameOf(item), item)
      }
      // Where the table throttles a part of the keys, the rest is answered all the same.
      wanted = answer.UnprocessedKeys?.[table]?.Keys ?? []
    }
    return keys.map(key => found.get(nameOf(key)))
  }

  /**
   * A write whose condition failed at a later attempt may have been made by an earlier attempt, whose
   * answer was lost. Each conditional write leaves a mark of its own: if that is there, it was made.
   */
  const isMine = async (key: Key, mark: string, failed: Failed) =>
    failed.isRetry && (await get(key))?.writer === mark

  return {
    get,
    getAll,

    async query(
      partition,
      { from = SORT_KEY_MIN, limit, backwards = false, consistent = true } = {},
    ) {
      const wanted = limit ?? Number.POSITIVE_INFINITY
      const found: Record<string, AttributeValue>[] = []
      let startKey: Record<string, AttributeValue> | undefined
      while (found.length < wanted) {
        const pageSize = Math.min(pageItems ?? wanted, wanted - found.length)
        const command = new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :partition AND sk >= :from',
          ExpressionAttributeValues: toAttributes({ ':partition': partition, ':from': from }),
          ConsistentRead: consistent,
          ScanIndexForward: !backwards,
          ...(pageSize === Number.POSITIVE_INFINITY ? {} : { Limit: pageSize }),
          ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
        })
        const page = await answerOf(client.send(command))
        found.push(...(page.Items ?? []))
        startKey = page.LastEvaluatedKey
        if (startKey === undefined) break
      }
      return found.map(toItem)
    },

    async put(key, fields, condition) {
      const writer = newMark()
      const command = new PutItemCommand({
        TableName: table,
        Item: toAttributes({ ...key, ...fields, ...(condition && { writer }) }),
        ...conditionOf(condition?.condition, condition?.values),
      })
      const outcome = await writeOf(command, () => client.send(command))
      return outcome.status === 'written' || (await isMine(key, writer, outcome))
    },

    async update(key, change) {
      const writer = newMark()
      const command = new UpdateItemCommand({
        TableName: table,
        Key: toAttributes({ ...key }),
        ...updateOf(change, writer),
        ReturnValues: change.returns ?? 'NONE',
      })
      const { atMostOnce = false } = change
      const outcome = await writeOf(command, () => client.send(command), { atMostOnce })
      if (outcome.status === 'written') return toItem(outcome.answer.Attributes ?? {})
      return (await isMine(key, writer, outcome)) ? get(key) : undefined
    },

    async remove(key, condition) {
      const command = new DeleteItemCommand({
        TableName: table,
        Key: toAttributes({ ...key }),
        ...conditionOf(condition?.condition, condition?.values),
      })
      await writeOf(command, () => client.send(command))
    },
  }
}

/** An item, or a key, by its place in the table. */
function nameOf({ pk, sk }: Item | Key): string {
  return `${pk}\n${sk}`
}

function newMark(): string {
  return randomBytes(9).toString('base64url')
}

/** Only updates that set something leave a mark: a counter that is added to is the sum of many. */
function updateOf({ set = [], add = [], remove = [], values, condition }: Change, writer: string) {
  const marked = condition !== undefined && set.length > 0
  const setClauses = marked ? [...set, 'writer = :writer'] : set
  const clauses = Object.entries({ SET: setClauses, ADD: add, REMOVE: remove })
    .filter(([, parts]) => parts.length > 0)
    .map(([word, parts]) => `${word} ${parts.join(', ')}`)
  const allValues = marked ? { ...values, writer } : values
  return { UpdateExpression: clauses.join(' '), ...conditionOf(condition, allValues) }
}

/** DynamoDB takes no empty set of values. */
function conditionOf(condition: string | undefined, values: Fields = {}) {
  const named = Object.entries(values).map(([name, value]) => [`:${name}`, value])
  return {
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ...(named.length === 0
      ? {}
      : { ExpressionAttributeValues: toAttributes(Object.fromEntries(named)) }),
  }
}
