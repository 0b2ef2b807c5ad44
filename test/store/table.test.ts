/** Where items lie, what they weigh on one partition, and when they expire. */
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { OPEN_WAY_SHARD, RETENTION_SECONDS, SHARDS } from '../../lib/queue/limits.ts'
import { createDynamoStore, createTable } from '../../lib/store/dynamodb/client.ts'
import { parsed, toAttributes, toItem } from '../../lib/store/dynamodb/items.ts'
import {
  itemKey,
  type Key,
  partitions,
  sortableTime,
  TABLE_KEYS,
  tableDefinition,
} from '../../lib/store/table.ts'
import { type DynamoContestant, makeDynamoContestant, startDynalite } from '../contract/harness.ts'
import {
  claimSeat,
  freshRoom,
  houseOf,
  makeRoom,
  NOW_MS,
  order,
  SEAT_SLOT,
  sampleRecord,
} from '../contract/samples.ts'

describe('keys', () => {
  test('failure mode 8: what many visitors write at once has a partition for each shard and ticket', () => {
    const shards = Array.from(
      { length: SHARDS },
      (_, shard) => itemKey.counter('demo', 0, shard).pk,
    )
    expect(new Set([...shards, itemKey.counter('demo', 1, 0).pk]).size).toBe(SHARDS + 1)
    expect(itemKey.claim('demo', '0.0.1').pk).not.toBe(itemKey.claim('demo', '0.0.2').pk)
    expect(shards).not.toContain(partitions.room('demo'))
  })

  test('no two items of a room share a key', () => {
    const all = [
      itemKey.listing('demo'),
      itemKey.config('demo'),
      itemKey.state('demo'),
      itemKey.counter('demo', 1, 11),
      itemKey.counter('demo', 11, 1),
      itemKey.record('demo', 1),
      itemKey.claim('demo', '1.1.1'),
      itemKey.claim('demo', '11.1.1'),
      itemKey.house('demo'),
      itemKey.openWay('demo', 1),
      itemKey.invitation('demo', '1.1.1'),
      itemKey.history('demo', NOW_MS, 'minute'),
    ]
    expect(new Set(all.map(key => `${key.pk}|${key.sk}`)).size).toBe(all.length)
  })

  test('times sort as texts like they do as numbers, to the end of the calendar', () => {
    const times = [0, 9, 10, 999_999_999_999, 1_000_000_000_000, NOW_MS, 8.64e15]
    expect(times.map(sortableTime).toSorted()).toEqual(times.map(sortableTime))
    expect(sortableTime(-1)).toBe(sortableTime(0))
  })

  test('the table is keyed as the adapter writes and as the stack is told', () => {
    const { KeySchema } = tableDefinition('antichambre')
    expect(KeySchema.map(part => part.AttributeName)).toEqual([
      TABLE_KEYS.partition,
      TABLE_KEYS.sort,
    ])
    expect(Object.keys(itemKey.config('demo'))).toEqual([TABLE_KEYS.partition, TABLE_KEYS.sort])
  })
})

describe('items', () => {
  test('come back as they were written, without what is undefined', () => {
    const fields = { text: '', count: 2 ** 52, yes: true, none: undefined }
    expect(toItem(toAttributes(fields))).toEqual({ text: '', count: 2 ** 52, yes: true })
  })

  test('of an unexpected form are named by field, and their content is not shown', () => {
    const schema = z.object({ leased: z.int() })
    expect(() => parsed(schema, { leased: 'a secret' })).toThrow(/unexpected form: leased$/)
  })
})

describe('in the table', () => {
  let server: Awaited<ReturnType<typeof startDynalite>>
  let contestant: DynamoContestant
  beforeAll(async () => {
    server = await startDynalite()
    contestant = await makeDynamoContestant(server.endpoint)
  })
  afterAll(async () => {
    await contestant.close()
    await server.close()
  })

  async function expiryAt(key: Key): Promise<number | undefined> {
    const { client, table } = contestant
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: key.pk }, sk: { S: key.sk } } }),
    )
    if (Item === undefined) throw new Error('there is no such item')
    const value = Item[TABLE_KEYS.timeToLive]?.N
    return value === undefined ? undefined : Number(value)
  }

  const LAST_USE_SECONDS = NOW_MS / 1000

  test('failure mode 21: an open counter never expires, a closed one does, from its close on', async () => {
    const { store } = contestant
    const room = freshRoom()
    await store.lease(room, { cohort: 0, shard: 0 }, 1)
    expect(await expiryAt(itemKey.counter(room, 0, 0))).toBeUndefined()
    await store.closeShards(room, 0, 2, NOW_MS)
    await store.closeShards(room, 0, 2, NOW_MS + 60_000)
    for (const shard of [0, 1]) {
      const expiry = await expiryAt(itemKey.counter(room, 0, shard))
      expect(expiry).toBe(LAST_USE_SECONDS + RETENTION_SECONDS)
    }
  })

  test('failure mode 21: a room, its state and its listing never expire', async () => {
    const { store } = contestant
    const room = freshRoom()
    await makeRoom(store, room)
    await store.setWake(room, NOW_MS, 0)
    for (const key of [itemKey.config(room), itemKey.listing(room), itemKey.state(room)]) {
      expect(await expiryAt(key)).toBeUndefined()
    }
    await store.deleteRoom(room)
    expect(await expiryAt(itemKey.state(room))).toBeUndefined()
  })

  test('records, claims, invitations and history expire after their retention', async () => {
    const { store } = contestant
    const room = await houseOf(store, 1)
    await store.putRecord(room, sampleRecord(0))
    await claimSeat(store, room, '0.0.1', { enteredAtMs: NOW_MS + 14_999 })
    await store.depart(room, { ticketId: '0.0.1', reason: 'left', epoch: 0 }, NOW_MS + 60_000)
    await claimSeat(store, room, '0.0.2')
    await store.addHistory(room, { atMs: NOW_MS, kind: 'minute', facts: {} })
    await store.useInvitation(room, 'one', '0.0.1', NOW_MS)
    const retained = async (key: Key) => ((await expiryAt(key)) ?? 0) - LAST_USE_SECONDS
    expect(await retained(itemKey.record(room, 0))).toBe(RETENTION_SECONDS)
    expect(await retained(itemKey.claim(room, '0.0.1'))).toBe(RETENTION_SECONDS + 14)
    expect(await retained(itemKey.claim(room, '0.0.2'))).toBe(RETENTION_SECONDS)
    expect(await retained(itemKey.invitation(room, 'one'))).toBe(RETENTION_SECONDS)
    expect(await retained(itemKey.history(room, NOW_MS, 'minute'))).toBe(RETENTION_SECONDS)
  })

  test('the departure of a number of the open way expires after its retention', async () => {
    const { store } = contestant
    const room = await houseOf(store, 1)
    await store.leaseOpenWay(room, SEAT_SLOT, 1)
    await store.depart(
      room,
      { ticketId: `${SEAT_SLOT}.${OPEN_WAY_SHARD}.0`, reason: 'left', epoch: 0 },
      NOW_MS,
    )
    const expiry = await expiryAt(itemKey.openWay(room, 0))
    expect(expiry).toBe(LAST_USE_SECONDS + RETENTION_SECONDS)
  })

  test('failure mode 21: a house never expires', async () => {
    const { store } = contestant
    const room = await houseOf(store, 1)
    await claimSeat(store, room, '0.0.1')
    await claimSeat(store, room, '0.0.2')
    await store.depart(room, { ticketId: '0.0.1', reason: 'left', epoch: 0 }, NOW_MS)
    await order(store, room, { limit: 2 })
    await store.deleteRoom(room)
    expect(await expiryAt(itemKey.house(room))).toBeUndefined()
  })

  test('a deleted room leaves its state and nothing else of the three', async () => {
    const { store, client, table } = contestant
    const room = freshRoom()
    await makeRoom(store, room)
    await store.deleteRoom(room)
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: partitions.room(room) } },
      }),
    )
    expect(Items?.map(item => item.sk?.S)).toEqual(['STATE'])
  })

  test('a table that exists already is used as it is', async () => {
    const { client, table, store } = contestant
    const room = freshRoom()
    await makeRoom(store, room)
    await createTable(client, table)
    expect(await createDynamoStore({ client, table }).lastState(room)).toBeDefined()
  })

  test('a listing of an unexpected form is passed over: every other room is listed', async () => {
    const { store, client, table } = contestant
    const [whole, broken] = [freshRoom(), freshRoom()]
    await makeRoom(store, whole)
    await makeRoom(store, broken)
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...toAttributes({ ...itemKey.listing(broken), wakesAtMs: 'soon' }) },
      }),
    )
    const rooms = (await store.listRooms()).map(listing => listing.room)
    expect(rooms).toContain(whole)
    expect(rooms).not.toContain(broken)
  })
})
