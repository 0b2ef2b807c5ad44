/**
 * Each adapter as a showroom that a test can visit: the gate, and behind it an app that tells what it
 * was told. Node's is a real server, asked to the letter; the others take requests as values.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import express from 'express'
import { Hono } from 'hono'
import { type AdapterOptions, factsOf } from '../../lib/gate/adapter.ts'
import { createFetchGate } from '../../lib/gate/fetch.ts'
import { type GateEnv, gate as honoGate } from '../../lib/gate/hono.ts'
import { gate as nodeGate } from '../../lib/gate/node.ts'
import { nonce } from './browser.ts'
import { answered, type Gate, type Wire } from './wire.ts'

export interface Asked {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Showroom {
  ask(request: Asked): Promise<Response>
  /** Methods of the requests that came through. */
  readonly reached: readonly string[]
  close(): Promise<void>
}

export interface Adapter {
  readonly name: string
  open(options: AdapterOptions): Promise<Showroom>
  /** Is the address read as URLs are before any gate sees it? */
  readonly normalises: boolean
}

const TOLD = { 'content-type': 'application/json' }

const hono: Adapter = {
  name: 'Hono',
  normalises: true,
  async open(options) {
    const reached: string[] = []
    const app = new Hono<GateEnv>()
    app.use(honoGate(options))
    app.all('*', c => {
      reached.push(c.req.method)
      return c.body(JSON.stringify(c.get('antichambre')), 200, TOLD)
    })
    return {
      reached,
      ask: async ({ url, ...init }) => app.request(new Request(url, init)),
      close: async () => {},
    }
  },
}

const fetchWrapped: Adapter = {
  name: 'Fetch, wrapped',
  normalises: true,
  async open(options) {
    const reached: string[] = []
    const handler = createFetchGate(options).wrap(request => {
      reached.push(request.method)
      return new Response(JSON.stringify(factsOf(request)), { headers: TOLD })
    })
    return {
      reached,
      ask: ({ url, ...init }) => handler(new Request(url, init)),
      close: async () => {},
    }
  },
}

const fetchProtected: Adapter = {
  name: 'Fetch, asked first',
  normalises: true,
  async open(options) {
    const reached: string[] = []
    const { protect } = createFetchGate(options)
    return {
      reached,
      async ask({ url, ...init }) {
        const request = new Request(url, init)
        const answer = protect(request)
        if (answer !== undefined) return answer
        reached.push(request.method)
        return new Response(JSON.stringify(factsOf(request)), { headers: TOLD })
      },
      close: async () => {},
    }
  },
}

const node: Adapter = {
  name: 'Node',
  normalises: false,
  open(options) {
    const shop = nodeGate(options)
    return served(reached => (request, response) => {
      shop(request, response, () => {
        reached.push(request.method ?? '')
        response.writeHead(200, TOLD).end(JSON.stringify(factsOf(request)))
      })
    })
  },
}

const inExpress: Adapter = {
  name: 'Express',
  normalises: false,
  open(options) {
    return served(reached => {
      const app = express()
      app.use(nodeGate(options))
      app.use((request, response) => {
        reached.push(request.method)
        response.json(factsOf(request))
      })
      return app
    })
  },
}

async function served(listenerOf: (reached: string[]) => RequestListener): Promise<Showroom> {
  const reached: string[] = []
  const server = createServer({ maxHeaderSize: 4_000_000 }, listenerOf(reached))
  // as if the request had come by TLS, so that its address is the one that was asked for
  server.on('connection', socket => Object.assign(socket, { encrypted: true }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    reached,
    ask: request => askToTheLetter(port, request),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const adapters: readonly Adapter[] = [hono, node, inExpress, fetchWrapped, fetchProtected]

/** One request over a connection of its own; no client's idea of an address changes it. */
export async function askToTheLetter(port: number, request: Asked): Promise<Response> {
  const { method, url, headers, body = '' } = request
  const [, host = '', target = ''] = /^https?:\/\/([^/?#\\]*)(.*)$/s.exec(url) ?? []
  const lines = [
    `${method} ${target.startsWith('/') ? target : `/${target}`} HTTP/1.1`,
    ...Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    'connection: close',
  ]
  const socket = connect(port, '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  return responseIn(await text(socket), method)
}

/** A raw answer whose body is not chunked, or is one chunk. */
export function responseIn(raw: string, method: string): Response {
  const end = raw.indexOf('\r\n\r\n')
  const [first = '', ...lines] = raw.slice(0, end).split('\r\n')
  const status = Number(first.split(' ')[1])
  const headers = new Headers()
  for (const line of lines) {
    headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim())
  }
  const sent = raw.slice(end + 4)
  const chunk = /^[\da-f]+\r\n([\s\S]*)\r\n0\r\n\r\n$/.exec(sent)?.[1] ?? sent
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
  if (!hasBody && sent !== '') throw new Error(`an answer to ${method} with a body`)
  return new Response(hasBody ? chunk : null, { status, headers })
}

/** An adapter as a gate that the table of cases is held against. */
export function gateOf(adapter: Adapter): Gate {
  return async call => {
    const { request, options, nowMs } = call
    const shop = await adapter.open({ ...options, now: () => nowMs, random: () => nonce(1) })
    try {
      const answer = await shop.ask({
        method: request.method,
        url: request.url,
        headers: headersOf({
          cookie: request.cookie,
          accept: request.accept,
          referer: request.referer,
          'sec-fetch-mode': request.fetchMode,
        }),
      })
      if (shop.reached.length > 0) return throughOf(await answer.json())
      return answered(request, {
        status: answer.status,
        header: name => answer.headers.get(name) ?? undefined,
        cookies: answer.headers.getSetCookie(),
        body: await answer.text(),
      })
    } finally {
      await shop.close()
    }
  }
}

export function headersOf(
  headers: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return Object.fromEntries(given)
}

function throughOf(facts: { via: string; session?: { ticketId: string } }): Wire {
  const { via, session } = facts
  const ticketId = via === 'unprotected' ? undefined : session?.ticketId
  return { status: 'through', via, ...(ticketId === undefined ? {} : { ticketId }) }
}
