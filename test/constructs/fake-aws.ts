/** AWS's three JSON services as a deployed bundle sees them, on a port of this machine. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeAws {
  readonly url: string
  /** What came: `DynamoDB_20120810.Query`, and the headers it was signed with. */
  readonly calls: { target: string; authorization: string; sessionToken: string }[]
  stop(): Promise<void>
}

/** @param answers by target; a call without an answer fails as AWS refuses one. */
export async function fakeAws(answers: Readonly<Record<string, object>>): Promise<FakeAws> {
  const calls: FakeAws['calls'] = []
  const server = createServer((request, response) => {
    const header = (name: string) => String(request.headers[name] ?? '')
    const target = header('x-amz-target')
    calls.push({
      target,
      authorization: header('authorization'),
      sessionToken: header('x-amz-security-token'),
    })
    const answer = answers[target]
    request.resume().on('end', () => {
      response.writeHead(answer === undefined ? 400 : 200, {
        'content-type': 'application/x-amz-json-1.0',
      })
      response.end(JSON.stringify(answer ?? { __type: 'AccessDeniedException' }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
