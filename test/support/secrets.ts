/** As much of Secrets Manager as one call needs, over HTTP. */
import { createServer } from 'node:http'
import type { Embedded } from '../../lib/local/aws.ts'

export async function startSecrets(secret: string): Promise<Embedded> {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/x-amz-json-1.1')
    answer.end(JSON.stringify({ Name: 'master', SecretString: secret }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
