/** What is Node's own about the gate in front of Node: raw addresses, heads, upgrades, Express. */
import { once } from 'node:events'
import { createServer, IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import express from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { factsOf, gate, type NodeGateOptions } from '../../lib/gate/node.ts'
import { responseIn } from './adapters.ts'
import { NOW_MS, nonce, options } from './browser.ts'
import { sessionToken } from './cases.ts'

const SESSION = `cookie: antichambre-demo=${sessionToken()}`

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server behind the gate, and a way to send it any bytes. */
async function shop(
  handler: Handler = (_, response) => void response.end('in'),
  changes: Partial<NodeGateOptions> = {},
) {
  const reached: string[] = []
  const shopGate = gate({ ...options, now: () => NOW_MS, random: () => nonce(1), ...changes })
  const server = createServer((request, response) =>
    shopGate(request, response, () => {
      reached.push(request.url ?? '')
      handler(request, response)
    }),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const raw = (bytes: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(bytes)
    return text(socket)
  }
  const ask = async (first: string, ...lines: string[]) => {
    const host = lines.some(line => /^host:/i.test(line)) ? [] : ['Host: shop.example']
    const head = [`${first} HTTP/1.1`, ...host, ...lines, 'Connection: close', '', ''].join('\r\n')
    return responseIn(await raw(head), first.split(' ')[0] ?? '')
  }
  return { server, shopGate, reached, raw, ask, port }
}

const connectionsOf = (server: Server) =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )

const cachingOf = ({ headers }: Response) => [headers.get('cache-control'), headers.get('vary')]

describe('failure mode 38: personal answers in a shared cache', () => {
  test.each<[string, Handler]>([
    ['end', (_, response) => void response.end('x')],
    ['write', (_, response) => void response.write('x', () => response.end())],
    ['writeHead alone', (_, response) => void response.writeHead(200).end()],
    ['writeHead with a reason', (_, response) => void response.writeHead(200, 'Fine').end()],
    ['flushHeaders', (_, response) => void [response.flushHeaders(), response.end()]],
    ['an object', (_, response) => void response.writeHead(404, { 'x-a': '1' }).end()],
    ['a list', (_, response) => void response.writeHead(404, ['x-a', '1', 'x-n', 7]).end()],
  ])('an answer by %s that says nothing of caches becomes private', async (_, handler) => {
    const { ask } = await shop(handler)
    expect(cachingOf(await ask('GET /', SESSION))).toEqual(['private, no-store', 'Cookie'])
  })

  test.each<[string, Handler]>([
    ['setHeader', (_, response) => void response.setHeader('Cache-Control', 'max-age=60').end()],
    [
      'an object',
      (_, response) => void response.writeHead(200, { 'Cache-Control': 'max-age=60' }).end(),
    ],
    [
      'a list',
      (_, response) => void response.writeHead(200, ['Cache-Control', 'max-age=60']).end(),
    ],
  ])('one that says so by %s keeps its word, and varies by cookie', async (_, handler) => {
    const { ask } = await shop((request, response) => {
      response.setHeader('Vary', 'Accept')
      handler(request, response)
    })
    expect(cachingOf(await ask('GET /', SESSION))).toEqual(['max-age=60', 'Accept, Cookie'])
  })

  test('what comes with the head replaces what was set before, and several cookies stay several', async () => {
    const { ask } = await shop((_, response) => {
      response.setHeader('Vary', 'Origin')
      response.writeHead(200, 'Fine', ['Vary', 'Accept', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
      response.end('x')
    })
    const answer = await ask('GET /', SESSION)
    expect(answer.headers.get('vary')).toBe('Accept, Cookie')
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await answer.text()).toBe('x')
  })

  test('one that needs no session is left as it is', async () => {
    const { ask } = await shop(undefined, { bypass: ['/free'] })
    expect(cachingOf(await ask('GET /free', SESSION))).toEqual([null, null])
  })

  test('a gate that is off marks every answer', async () => {
    const { ask } = await shop(undefined, { mode: 'off' })
    expect((await ask('GET /')).headers.get('antichambre-gate')).toBe('off')
  })
})

describe('failure mode 26: a head that walks around the gate', () => {
  const around = (...lines: string[]) => lines

  test.each([
    around('GET /sale', 'Host: shop.example/open/'),
    around('GET /sale', 'Host: shop.example\\open/'),
    around('GET /sale', 'Host: shop.example?'),
    around('GET /sale', 'Host: shop.example#'),
    around('GET /sale', 'Host: a@shop.example'),
    around('GET /sale', 'Host: shop.example, /open'),
    around('GET /sale', 'Host:'),
    around('GET /open', 'Host: shop.example/sale?'),
    around('GET /open', 'Host: shop.example\\sale?'),
    around('GET /x/sale', 'Host:'),
    around('GET http://evil.example/sale'),
    around('GET HTTP://evil.example/sale'),
    around('OPTIONS *'),
    around('GET //open/../sale'),
    around('GET //x/sale'),
    around('GET //u:p@x/sale'),
    around('GET /\\x\\sale'),
    around('GET /open/../sale'),
    around('GET /open/..%2fsale'),
    around('GET /open\\..\\sale'),
  ])('%s, %s', async (first, ...lines) => {
    for (const publicUrl of [options.publicUrl, undefined]) {
      const changes = { protect: ['/sale'], bypass: ['/open', '/open/*'], publicUrl }
      const { ask, reached } = await shop(undefined, changes)
      const answer = await ask(first, ...lines)
      expect([302, 400, 401]).toContain(answer.status)
      expect(reached).toEqual([])
      const to = new URL(answer.headers.get('location') ?? 'https://x').searchParams.get('to')
      if (publicUrl !== undefined) expect(new URL(to ?? publicUrl).origin).toBe(publicUrl)
    }
  })

  test.each(['shop.example', 'shop.example:8080', '127.0.0.1:1', '[::1]:8080', 'a_b.example.'])(
    'the host %s is one, and the way back has it',
    async host => {
      const { ask } = await shop(undefined, { publicUrl: undefined })
      const { headers } = await ask('GET /sale?x', `Host: ${host}`)
      const to = new URL(headers.get('location') ?? '').searchParams.get('to')
      expect(to).toBe(`http://${host}/sale?x`)
    },
  )

  test('below a router of Express, the whole path counts', async () => {
    const app = express()
    app.use('/sale', gate({ ...options, bypass: ['/open', '/sale/free'] }))
    app.use((_, response) => void response.end('in'))
    const { ask } = await shop(app, { mode: 'off' })
    expect((await ask('GET /sale/open')).status).toBe(302)
    expect((await ask('GET /sale/free')).status).toBe(200)
    expect((await ask('GET /open')).status).toBe(200)
  })
})

describe('requests of other kinds', () => {
  test('a method that Node does not know is answered 400 by its parser, and nobody is reached', async () => {
    const { ask, reached } = await shop()
    expect((await ask('BREW /pot', SESSION)).status).toBe(400)
    expect(reached).toEqual([])
  })

  test('after a refused form the connection goes on, at the next request', async () => {
    const { raw, reached } = await shop()
    const form = `POST /buy HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`
    const answers = await raw(
      `${form}GET / HTTP/1.1\r\nHost: x\r\n${SESSION}\r\nConnection: close\r\n\r\n`,
    )
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200'])
    expect(reached).toEqual(['/'])
  })

  test('cookies that an earlier middleware set stay beside those of the gate', async () => {
    const inner = gate(options)
    const earlier: Handler = (request, response) => {
      response.setHeader('set-cookie', 'a=1')
      inner(request, response, () => response.end('in'))
    }
    const { ask } = await shop(earlier, { mode: 'off' })
    const cookies = (await ask('GET /')).headers.getSetCookie()
    expect(cookies).toHaveLength(2)
    expect(cookies[0]).toBe('a=1')
  })

  test('the showroom knows the ticket of who came through, and of nobody else', async () => {
    const facts: unknown[] = []
    const { ask } = await shop((request, response) => {
      facts.push(factsOf(request), factsOf({}))
      response.end()
    })
    await ask('GET /', SESSION)
    const session = { ticketId: '0.3.41', endsAtMs: NOW_MS + 900_000 }
    expect(facts).toEqual([{ via: 'session', session }, undefined])
  })

  test('throws at once for a wrong configuration', () => {
    expect(() => gate({ ...options, protect: [] })).toThrow(/protect/)
  })
})

describe('WebSockets', () => {
  const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
  const upgrading = async (changes: Partial<NodeGateOptions> = {}) => {
    const made = await shop(undefined, changes)
    const upgraded: (string | undefined)[] = []
    made.server.on(
      'upgrade',
      made.shopGate.upgrade((request, socket) => {
        upgraded.push(factsOf(request)?.session?.ticketId)
        socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
      }),
    )
    const knock = (path: string, ...lines: string[]) =>
      made.raw([`GET ${path} HTTP/1.1`, 'Host: x', ...UPGRADE, ...lines, '', ''].join('\r\n'))
    return { ...made, upgraded, knock }
  }

  test('without a session are refused with the way to the room, whatever else they say', async () => {
    const { knock, upgraded, reached } = await upgrading()
    const said = [
      [],
      ['Accept: text/html'],
      ['Sec-Fetch-Mode: websocket', 'Origin: https://shop.example'],
      ['Cookie: antichambre-demo=forged'],
      [`Cookie: x=${'y'.repeat(10_000)}`],
    ]
    for (const lines of said) {
      const answer = responseIn(await knock('/live', ...lines), 'GET')
      expect(answer.status).toBe(401)
      expect(answer.headers.get('connection')).toBe('close')
      const bytes = Buffer.byteLength(await answer.text())
      expect(answer.headers.get('content-length')).toBe(String(bytes))
    }
    expect([upgraded, reached]).toEqual([[], []])
  })

  test('with a session get through, and so do those that need none', async () => {
    const { knock, upgraded } = await upgrading({ bypass: ['/public'] })
    expect(await knock('/live', SESSION)).toMatch(/^HTTP\/1\.1 101/)
    expect(await knock('/public')).toMatch(/^HTTP\/1\.1 101/)
    expect(upgraded).toEqual(['0.3.41', undefined])
  })

  test('are refused by the middleware, where the server has no listener for them', async () => {
    const { port, reached } = await shop()
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${UPGRADE.join('\r\n')}\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401/)
    expect(reached).toEqual([])
  })

  test('with a host that is none are refused: it could be a part of the path', async () => {
    const { raw, upgraded } = await upgrading({ bypass: ['/public'] })
    const lines = ['GET /public HTTP/1.1', 'Host: x/live?', ...UPGRADE, '', '']
    expect(responseIn(await raw(lines.join('\r\n')), 'GET').status).toBe(400)
    expect(upgraded).toEqual([])
  })

  test('of somebody who is gone, or who stays on the line, harm nobody', async () => {
    const { shopGate, server, port } = await upgrading()
    const request = new IncomingMessage(new Socket())
    const gone = new PassThrough()
    shopGate.upgrade(() => {})(request, gone, Buffer.alloc(0))
    expect(() => gone.emit('error', new Error('ECONNRESET'))).not.toThrow()

    const stays = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    stays.write(`GET / HTTP/1.1\r\nHost: x\r\n${UPGRADE.join('\r\n')}\r\n\r\n`)
    const [answer] = await once(stays, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401/)
    await vi.waitUntil(async () => (await connectionsOf(server)) === 0)
    stays.destroy()
  })
})
