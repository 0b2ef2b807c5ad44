import { expect, onTestFinished, test } from 'vitest'
import { createQueue, createSqsClient, startSqs } from '../../lib/local/aws.ts'
import { startPoller } from '../../lib/local/poller.ts'
import { createDeparturesQueue } from '../../lib/runtime/sqs.ts'

test('a message comes with the time when it was sent, by which one that comes again is known', async () => {
  const sqs = await startSqs()
  const client = createSqsClient(sqs.endpoint)
  const url = await createQueue(client, 'words')
  const fromMs = Date.now()
  await createDeparturesQueue(client, url).send({ room: 'demo', stockLeft: 1, atMs: fromMs })
  const toMs = Date.now()
  const sentAtMs = await new Promise<number>(resolve => {
    const poller = startPoller(client, url, async ({ Records }) => {
      resolve(Number(Records[0]?.attributes.SentTimestamp))
      return { batchItemFailures: [] }
    })
    onTestFinished(async () => {
      await poller.stop()
      client.destroy()
      await sqs.close()
    })
  })
  expect(sentAtMs).toBeGreaterThanOrEqual(fromMs)
  expect(sentAtMs).toBeLessThanOrEqual(toMs)
})
