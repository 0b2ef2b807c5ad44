/** Rooms that an earlier version stored: their configurations have settings that are constants now. */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { itemKey } from '../../../lib/store/table.ts'
import {
  type DynamoContestant,
  makeDynamoContestant,
  startDynalite,
} from '../../contract/harness.ts'
import { freshRoom, makeRoom, sampleConfig } from '../../contract/samples.ts'

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

/** The stored text of a room's configuration, and a way to put another one there. */
function configItem(room: string) {
  const { client, table } = contestant
  const { pk, sk } = itemKey.config(room)
  const key = { TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }
  return {
    async read(): Promise<Record<string, unknown>> {
      const { Item } = await client.send(new GetItemCommand({ ...key, ConsistentRead: true }))
      return JSON.parse(Item?.json?.S ?? '')
    },
    write: (config: object) =>
      client.send(
        new UpdateItemCommand({
          ...key,
          UpdateExpression: 'SET #json = :json',
          ExpressionAttributeNames: { '#json': 'json' },
          ExpressionAttributeValues: { ':json': { S: JSON.stringify(config) } },
        }),
      ),
  }
}

describe('a room with stockFactor and lateSharePercent', () => {
  test.each([
    ['as they were by default', { stockFactor: 3, lateSharePercent: 10 }],
    ['as an owner set them', { stockFactor: 1.5, lateSharePercent: 0 }],
    ['with values that never were allowed', { stockFactor: 'many', lateSharePercent: null }],
  ])('is loaded without them, %s, and stored without them by the next edit', async (_, retired) => {
    const room = freshRoom()
    await makeRoom(contestant.store, room, 'kept')
    const item = configItem(room)
    await item.write({ ...(await item.read()), ...retired })
    const loaded = await contestant.store.loadRoom(room, { consistent: true })
    expect(loaded).toMatchObject({ configVersion: 0 })
    expect(loaded?.config).toEqual(sampleConfig('kept'))
    expect(await contestant.store.saveConfig(room, sampleConfig('edited'), 0)).toBe(true)
    expect(await item.read()).toEqual(sampleConfig('edited'))
  })
})
