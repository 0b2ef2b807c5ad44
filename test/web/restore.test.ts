/**
 * After a disaster: a table restored to a moment before the loss does not know what was promised
 * since. What docs/deploy.md says to do then, on an embedded database: the restore is a copy.
 */
import { BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { createDynamoStore, createTable } from '../../lib/store/dynamodb/client.ts'
import { operatorApp } from '../../lib/web/operator-app.ts'
import { visitorApp } from '../../lib/web/visitor-app.ts'
import {
  codeOf,
  createVisitor,
  createWorld,
  OPERATOR_TOKEN,
  request,
  SHOWROOM,
  type World,
} from '../support/world.ts'

/** A sale with five tickets before the moment that is restored, and twenty after it. */
async function lost() {
  const world = await createWorld()
  await world.operator('PUT', '/cars', { showroomUrl: SHOWROOM, opensAt: null })
  const join = async (count: number) => {
    const browsers = Array.from({ length: count }, () => createVisitor(world.visitors, 'cars'))
    for (const browser of browsers) {
      expect((await browser.post('/tickets')).status).toBe(201)
      // A trickle: each index is leased by itself, none of them before the moment.
      world.pass(1_000)
    }
    return browsers
  }
  await join(5)
  const { Items = [] } = await world.client.send(new ScanCommand({ TableName: 'antichambre' }))
  const since = await join(20)
  return { world, since, ...(await restored(world, Items)) }
}

async function restored(world: World, items: readonly object[]) {
  await createTable(world.client, 'restored')
  const requests = items.map(Item => ({ PutRequest: { Item: Item as never } }))
  for (let at = 0; at < requests.length; at += 25) {
    const RequestItems = { restored: requests.slice(at, at + 25) }
    await world.client.send(new BatchWriteItemCommand({ RequestItems }))
  }
  const deps = { ...world, store: createDynamoStore({ client: world.client, table: 'restored' }) }
  const operators = operatorApp(deps)
  const operate = (method: string, path: string, body?: object) =>
    request(operators, `/operator/api/rooms${path}`, {
      method,
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return { visitors: visitorApp(deps), operate }
}

const idOf = async (browser: ReturnType<typeof createVisitor>) =>
  (await browser.get('/ticket')).body.id

test('a room that goes on from a restored table gives places twice: that is why it must not', async () => {
  const { since, visitors } = await lost()
  const promised = new Set(await Promise.all(since.map(idOf)))
  const again: unknown[] = []
  for (let newcomer = 0; newcomer < 40; newcomer++) {
    const browser = createVisitor(visitors, 'cars')
    again.push((await browser.post('/tickets')).body.id)
  }
  expect(again.filter(id => promised.has(id)).length).toBeGreaterThan(0)
})

test('under another id it promises nothing that was promised before: old tickets are refused', async () => {
  const { since, visitors, operate } = await lost()
  const made = await operate('PUT', '/cars-2', { showroomUrl: SHOWROOM, opensAt: null })
  expect(made.status).toBe(201)
  for (const old of since) {
    const browser = createVisitor(visitors, 'cars-2')
    for (const [name, value] of old.jar) browser.jar.set(name, value)
    expect(codeOf(await browser.get('/place'))).toBe('bad-ticket')
    expect((await browser.post('/tickets')).status).toBe(201)
    expect((await browser.get('/place')).body.status).toBe('drawing')
  }
})

test('what is wanted of the old room is there: its configuration, to make the new one by', async () => {
  const { operate } = await lost()
  const { body } = await operate('GET', '/cars')
  const { config } = body as { config: object }
  expect((await operate('PUT', '/cars-2', config)).status).toBe(201)
  expect((await operate('GET', '/cars/history')).status).toBe(200)
  await operate('POST', '/cars/end', {})
  expect((await operate('GET', '/cars')).body.phase).toBe('ended')
})
