/**
 * A lean HTTP/1.1 client: keep-alive connections, one request at a time on each, so that the client
 * is not what is measured. It reads answers that say their length, as the servers here all do.
 */
import { connect, type Socket } from 'node:net'

export interface Answer {
  /** The number of the request, 0 .. requests - 1. */
  readonly number: number
  readonly status: number
  readonly body: string
}

export interface Load {
  readonly port: number
  readonly requests: number
  readonly connections: number
  /** The whole request, as `httpRequest` makes it. Attempt 1 is the first. */
  request(number: number, attempt: number): string
  /** Called for each answer. True: this request is sent again after a short pause. */
  onAnswer(answer: Answer): boolean
}

export interface LoadOutcome {
  readonly seconds: number
  /** Of each request, in milliseconds; of its last attempt where there were several. */
  readonly latenciesMs: Float64Array
  readonly repeated: number
}

const PAUSE_MS = 50
/** A request that is refused this often, or gets no answer for so long, ends the run. */
const ATTEMPTS_MAX = 100
const ANSWER_MS_MAX = 30_000

export function httpRequest(
  method: 'GET' | 'POST',
  path: string,
  options: { readonly body?: string; readonly cookie?: string } = {},
): string {
  const { body, cookie } = options
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', 'accept: application/json']
  if (cookie !== undefined) lines.push(`cookie: ${cookie}`)
  if (body !== undefined) {
    lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** Sends all requests, as fast as the connections take them. @throws Error when a connection fails. */
export async function runLoad(load: Load): Promise<LoadOutcome> {
  const latenciesMs = new Float64Array(load.requests)
  let next = 0
  let repeated = 0
  const sockets = await Promise.all(
    Array.from({ length: Math.min(load.connections, load.requests) }, () => open(load.port)),
  )
  const startedAt = performance.now()
  const work = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let number = -1
      let attempt = 0
      let sentAt = 0
      const send = () => {
        sentAt = performance.now()
        socket.write(load.request(number, attempt))
      }
      const goOn = () => {
        if (next >= load.requests) return resolve()
        number = next++
        attempt = 1
        send()
      }
      readAnswers(socket, (status, body) => {
        latenciesMs[number] = performance.now() - sentAt
        try {
          if (!load.onAnswer({ number, status, body })) return goOn()
        } catch (error) {
          return reject(error)
        }
        if (attempt++ >= ATTEMPTS_MAX) return reject(new Error('a request was refused forever'))
        repeated++
        setTimeout(send, PAUSE_MS)
      })
      socket.setTimeout(ANSWER_MS_MAX, () => reject(new Error('a request got no answer')))
      socket.once('error', reject).once('close', () => reject(new Error('a connection ended')))
      goOn()
    })
  try {
    await Promise.all(sockets.map(work))
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  return { seconds: (performance.now() - startedAt) / 1000, latenciesMs, repeated }
}

/** One request by itself. */
export async function ask(port: number, request: string): Promise<Answer> {
  let found: Answer | undefined
  const onAnswer = (answer: Answer) => {
    found = answer
    return false
  }
  await runLoad({ port, requests: 1, connections: 1, request: () => request, onAnswer })
  if (found === undefined) throw new Error('a request got no answer')
  return found
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

function readAnswers(socket: Socket, onAnswer: (status: number, body: string) => void): void {
  let received = ''
  // One character for each byte: lengths are counted in bytes.
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received = received === '' ? chunk : received + chunk
    const headersEnd = received.indexOf('\r\n\r\n')
    if (headersEnd === -1) return
    const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1]
    if (length === undefined) {
      socket.destroy(new Error('an answer came without its length'))
      return
    }
    const bodyStart = headersEnd + 4
    if (received.length < bodyStart + Number(length)) return
    const status = Number(received.slice(9, 12))
    const body = received.slice(bodyStart, bodyStart + Number(length))
    received = ''
    onAnswer(status, isAscii(body) ? body : Buffer.from(body, 'latin1').toString('utf8'))
  })
}

function isAscii(text: string): boolean {
  return !/[\x80-\xff]/.test(text)
}
