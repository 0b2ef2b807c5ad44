/**
 * The database in a process of its own, which counts what it is asked to write. So its work is not
 * measured as the server's, and nothing in the server has to count.
 */
import type { IncomingMessage } from 'node:http'
import { startDynamo } from '../lib/local/aws.ts'
import type { WriteKind } from './processes.ts'

const counts: Partial<Record<WriteKind, number>> = {}

const dynamo = await startDynamo()
dynamo.server.prependListener('request', (request: IncomingMessage) => {
  const target = String(request.headers['x-amz-target'])
  if (!/\.(?:Update|Put|Delete)Item$/.test(target)) return
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const kind = kindOf(Buffer.concat(chunks).toString('utf8'))
    counts[kind] = (counts[kind] ?? 0) + 1
  })
})
process.on('message', () => process.send?.({ counts }))
process.send?.({ endpoint: dynamo.endpoint })

function kindOf(body: string): WriteKind {
  if (body.includes('"COUNTER"')) {
    if (body.includes('ADD leased')) return 'lease'
    return body.includes('if_not_exists(closedAtMs') ? 'close' : 'give-back'
  }
  if (body.includes('"CLAIM"')) return 'claim'
  if (body.includes('#ENTRIES"')) return 'entries'
  return 'room'
}
