import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ANSWER_BYTES_MAX } from '../../../lib/cli/shared/command.ts'
import { type Answer, listening, roomAnswer, run, startOperator, TOKEN } from '../support.ts'

/** What the server says, the code of the complaint, and what it must name. */
const REFUSALS: [string, Answer, string, string[]][] = [
  [
    'an unknown room',
    failing(404, 'unknown-room', 'no such room'),
    'unknown-room',
    ['no such room'],
  ],
  [
    'a configuration with two mistakes',
    failing(400, 'bad-request', 'stock: -1 came; capacity: 0 came'),
    'bad-request',
    ['stock: -1 came; capacity: 0 came'],
  ],
  [
    'a wrong token',
    failing(401, 'unauthorized', 'the token is wrong'),
    'unauthorized',
    ['the token is wrong', 'check ANTICHAMBRE_TOKEN or --token'],
  ],
  ['a wrong token, said in HTML', { status: 401, body: '<p>no</p>' }, 'unauthorized', ['--token']],
  ['a busy server', failing(503, 'try-again', 'come again'), 'try-again', ['come again']],
  ['a page', { body: '<!doctype html>' }, 'unexpected-answer', ['answered 200, not with JSON']],
  ['nothing', { body: '' }, 'unexpected-answer', ['answered 200, not with JSON']],
  ['204 where a room belongs', { status: 204 }, 'unexpected-answer', ['answered 204']],
  ['a gateway’s error', { status: 502, body: '<p>' }, 'unexpected-answer', ['answered 502']],
  ['an error of another shape', { status: 403, body: { m: 1 } }, 'unexpected-answer', ['403']],
  [
    'an endless answer',
    { body: 'x'.repeat(ANSWER_BYTES_MAX + 1) },
    'unexpected-answer',
    [`longer than ${ANSWER_BYTES_MAX} bytes`],
  ],
]

describe('a server that does not do it', () => {
  it.each(REFUSALS)('%s is told clearly, with exit code 1', async (_, answer, code, named) => {
    const { url } = await startOperator(() => answer)
    const { exitCode, output, complaint } = await run(['room', 'open', 'demo', '--json'], { url })
    expect([exitCode, output]).toEqual([1, ''])
    const { error } = JSON.parse(complaint)
    expect(error.code).toBe(code)
    for (const name of named) expect(error.message).toContain(name)
    const forPeople = await run(['room', 'open', 'demo'], { url })
    expect(forPeople.complaint).toBe(`antichambre: ${error.message} (${code})\n`)
  })

  it('deletes nothing on the word of a page', async () => {
    const { url } = await startOperator(() => ({ body: '<p>welcome</p>' }))
    const { exitCode, complaint } = await run(['room', 'delete', 'demo'], { url })
    expect(exitCode).toBe(1)
    expect(complaint).toContain('not with JSON')
  })

  it('is not reached: nothing listens, or the host does not exist', async () => {
    const server = createServer()
    const url = await listening(server)
    await new Promise(resolve => server.close(resolve))
    const { exitCode, complaint } = await run(['room', 'list'], { url })
    expect(exitCode).toBe(1)
    expect(complaint).toContain('cannot be reached')
    expect(complaint).toContain('ECONNREFUSED')
    expect(complaint).toContain(new URL(url).host)
  })

  it('breaks the connection off in the middle of its answer', async () => {
    const url = await listening(
      createServer((_, outgoing) => {
        outgoing.writeHead(200, { 'content-length': '100' })
        outgoing.write('{"rooms"', () => outgoing.destroy())
      }),
    )
    const { exitCode, complaint } = await run(['room', 'list'], { url })
    expect(exitCode).toBe(1)
    expect(complaint).toContain('(unreachable)')
  })

  it('is given up after the timeout, before its answer and in the middle of it', async () => {
    const { url: silent } = await startOperator(() => undefined)
    const slow = await listening(
      createServer((_, outgoing) => {
        outgoing.writeHead(200)
        outgoing.write('{')
      }),
    )
    for (const url of [silent, slow]) {
      const { exitCode, complaint } = await run(['room', 'list'], { url, timeoutMs: 100 })
      expect(exitCode).toBe(1)
      expect(complaint).toContain('did not answer within 0.1 s (timed-out)')
    }
  })

  it('failure mode 42: redirects, and gets no token at the other address', async () => {
    const other = await startOperator(() => ({ body: { rooms: [] } }))
    for (const status of [301, 302, 303, 307, 308]) {
      const headers = { location: `${other.url}/secret-path` }
      const { url } = await startOperator(() => ({ status, headers }))
      const { exitCode, complaint } = await run(['room', 'list'], { url })
      expect(exitCode).toBe(1)
      expect(complaint).toContain(`answered ${status}, a redirect to ${other.url};`)
      expect(complaint).toContain('(redirected)')
      expect(complaint).not.toContain('secret-path')
    }
    expect(other.received).toEqual([])
  })

  it('failure mode 42: says the token back, which is not printed', async () => {
    for (const words of [
      ['room', 'list'],
      ['room', 'list', '--json'],
    ]) {
      const { url } = await startOperator(() => failing(400, 'bad-request', `no: ${TOKEN}`))
      const { exitCode, complaint } = await run(words, { url })
      expect(exitCode).toBe(1)
      expect(complaint).toContain('no: (token)')
      expect(complaint).not.toContain(TOKEN)
    }
  })

  it('is asked once: what may have been done is not done again', async () => {
    const operator = await startOperator(() => failing(503, 'try-again', 'come again'))
    await run(['room', 'set', 'demo', 'stock=1'], { url: operator.url })
    expect(operator.received).toHaveLength(1)
  })
})

it('an answer of the longest length allowed is read', async () => {
  const body = roomAnswer({ padding: '' })
  const padding = 'x'.repeat(ANSWER_BYTES_MAX - JSON.stringify(body).length)
  const { url } = await startOperator(() => ({ body: { ...body, padding } }))
  const { exitCode } = await run(['room', 'get', 'demo'], { url })
  expect(exitCode).toBe(0)
})

function failing(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } }
}
