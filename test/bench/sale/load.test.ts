import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type Answer, httpRequest, runLoad } from '../../../bench/sale/load.ts'

async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('every request is sent once and its own answer comes back, accents and all', async () => {
  const port = await serving(async (request, response) => {
    const chunks = await request.toArray()
    response.end(`${request.url} ${Buffer.concat(chunks)}`)
  })
  const answers: Answer[] = []
  const outcome = await runLoad({
    port,
    requests: 50,
    connections: 8,
    request: number => httpRequest('POST', `/${number}`, { body: `{"é":${number}}` }),
    onAnswer(answer) {
      answers.push(answer)
      return false
    },
  })
  expect(answers.map(answer => answer.number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 50 }, (_, number) => number),
  )
  for (const { number, status, body } of answers) {
    expect([status, body]).toEqual([200, `/${number} {"é":${number}}`])
  }
  expect(outcome.repeated).toBe(0)
  expect(outcome.latenciesMs.every(ms => ms > 0)).toBe(true)
})

test('an answer that is not taken makes the request come again, with its attempt', async () => {
  const port = await serving((request, response) => {
    response.statusCode = request.url === '/attempt/1' ? 503 : 201
    response.end('{}')
  })
  const outcome = await runLoad({
    port,
    requests: 3,
    connections: 2,
    request: (_, attempt) => httpRequest('GET', `/attempt/${attempt}`),
    onAnswer: answer => answer.status === 503,
  })
  expect(outcome.repeated).toBe(3)
})

test('a connection that ends is a failure of the run, not a visitor less', async () => {
  const port = await serving(request => request.socket.destroy())
  const run = runLoad({
    port,
    requests: 1,
    connections: 1,
    request: () => httpRequest('GET', '/'),
    onAnswer: () => false,
  })
  await expect(run).rejects.toThrow(/connection ended|ECONNRESET/)
})
