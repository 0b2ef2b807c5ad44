/**
 * The database in a process of its own, which counts what it is asked to write. So its work is not
 * measured as the server's, and nothing in the server has to count.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'
import type { WriteKind } from './processes.ts'

const counts: Partial<Record<WriteKind, number>> = {}

const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
  if (!/\.(?:Update|Put|Delete)Item$/.test(String(request.headers['x-amz-target']))) return
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  response.on('finish', () => {
    const kind = kindOf(Buffer.concat(chunks).toString('utf8'))
    const counted = kind === 'lease' && response.statusCode !== 200 ? 'lease-refused' : kind
    counts[counted] = (counts[counted] ?? 0) + 1
  })
})
process.on('message', () => process.send?.({ counts }))
server.listen(0, '127.0.0.1', () => {
  process.send?.({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})

function kindOf(body: string): WriteKind {
  if (body.includes('"COUNTER"')) {
    if (body.includes('ADD leased')) return 'lease'
    return body.includes('if_not_exists(closedAtMs') ? 'close' : 'give-back'
  }
  if (body.includes('"CLAIM"')) return 'claim'
  // the house: an entry, or what a tick orders of it
  if (body.includes('"HOUSE"') && body.includes('entered :entered')) return 'entries'
  return 'room'
}
