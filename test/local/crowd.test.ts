import { expect, onTestFinished, test } from 'vitest'
import { startCrowd } from '../../lib/local/crowd.ts'
import { DEMO_ROOM, startDemo } from '../../lib/local/demo.ts'
import { startLocalServer, stopListening } from '../../lib/local/server.ts'
import { MASTER_SECRET } from '../support/world.ts'

async function openDemo() {
  const local = await startLocalServer({
    port: 0,
    masterSecret: MASTER_SECRET,
    operatorToken: 't',
    databasePath: undefined,
    dynamoEndpoint: undefined,
    sqsEndpoint: undefined,
  })
  const demo = await startDemo(local, 0)
  onTestFinished(async () => {
    demo.stop()
    await stopListening(demo.server)
    await local.close()
  })
  const open = `${local.url}/operator/api/rooms/${DEMO_ROOM}/open`
  const answer = await fetch(open, { method: 'POST', headers: { authorization: 'Bearer t' } })
  expect(answer.status).toBe(200)
  return demo
}

test('who looks around and buys nothing says goodbye, so that the stock is for those who wait', async () => {
  const { url, server } = await openDemo()
  const connections = new Set<string | undefined>()
  server.on('request', ({ headers }) => connections.add(headers.connection))
  const { counts, done } = startCrowd({
    showroomUrl: `${url}/`,
    visitors: 3,
    arriveMs: 0,
    // Neither absent, nor impatient, nor a buyer.
    chance: () => 0.4,
    signal: new AbortController().signal,
  })
  await done
  expect(counts).toEqual({ joined: 3, entered: 3, bought: 0, left: 3, failed: 0 })
  // A kept connection may be closed by the server just when it is used again, as after a long look around.
  expect([...connections]).toEqual(['close'])
})
