/** A command line without a process, and an operator server that says what it is told to say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { runCli } from '../../lib/cli/main.ts'
import type { Account } from '../../lib/cli/shared/command.ts'
import { placeIn } from '../../lib/queue/cohort/place.ts'
import { cohortRecord } from '../../lib/queue/cohort/record.ts'

export const TOKEN = 'operator-token-of-this-test'

export interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Answer {
  status?: number
  headers?: Record<string, string>
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown
}

export interface FakeOperator {
  readonly url: string
  readonly received: Received[]
}

/** @param answer what to say; undefined says nothing at all, for ever. */
export async function startOperator(
  answer: (request: Received) => Answer | undefined,
): Promise<FakeOperator> {
  const received: Received[] = []
  const server = createServer(async (incoming, outgoing) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const { method = '', url = '', headers } = incoming
    const request = { method, path: url, headers, body }
    received.push(request)
    const given = answer(request)
    if (given !== undefined) send(outgoing, given)
  })
  return { url: await listening(server), received }
}

/** Listens on a port of the system's choice until the test is over. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

function send(outgoing: ServerResponse, { status = 200, headers = {}, body }: Answer): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/html' : 'application/json'
  outgoing.writeHead(status, body === undefined ? headers : { 'content-type': type, ...headers })
  outgoing.end(isText ? body : JSON.stringify(body))
}

export interface Printed {
  exitCode: number
  output: string
  complaint: string
}

export interface Surroundings {
  url?: string
  env?: Record<string, string>
  folder?: string
  input?: string | Uint8Array
  timeoutMs?: number
  account?: Account
  now?: () => number
}

/** Runs a command line against a server (or none), with the token in the environment. */
export async function run(words: readonly string[], given: Surroundings = {}): Promise<Printed> {
  const printed = { exitCode: -1, output: '', complaint: '' }
  printed.exitCode = await runCli(words, {
    env: {
      ANTICHAMBRE_TOKEN: TOKEN,
      ...(given.url === undefined ? {} : { ANTICHAMBRE_URL: given.url }),
      ...given.env,
    },
    folder: given.folder ?? tmpdir(),
    input: Readable.from(given.input === undefined ? [] : [Buffer.from(given.input)]),
    output: text => {
      printed.output += text
    },
    complain: text => {
      printed.complaint += text
    },
    ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }),
    ...(given.account === undefined ? {} : { account: given.account }),
    ...(given.now === undefined ? {} : { now: given.now }),
  })
  return printed
}

/** A folder with files, gone when the test is over. Values other than bytes and texts become JSON. */
export function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'antichambre-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array
    writeFileSync(join(folder, name), isRaw ? content : JSON.stringify(content))
  }
  return folder
}

/** A room as the server shows it. */
export function roomAnswer(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    room: 'demo',
    phase: 'open',
    config: {
      showroomUrl: 'https://shop.example/sale',
      allowedOrigins: ['https://shop.example', 'https://www.shop.example'],
      closesAt: null,
      ratePerMinute: 600,
      message: null,
    },
    state: { front: 120, tail: 300, carry: 5 },
    version: 3,
    ...changes,
  }
}

/** A closed cohort of 62 indexes behind 100 earlier places, and somebody's ticket of it. */
export function closedCohort() {
  const record = cohortRecord({
    cohort: 4,
    base: 100,
    sizes: [10, 0, 52],
    seed: new Uint8Array(32).fill(7),
    closedAtMs: 1_796_104_805_000,
  })
  const ticket = {
    ticket: 'header.payload.signature-that-is-secret',
    id: '4.2.41',
    cohort: 4,
    shard: 2,
    index: 41,
    commitment: record.commitment,
  }
  return { record, ticket, place: placeIn(record, ticket.shard, ticket.index) }
}

/** Deletes without a body, and answers everything else with a room. */
export function answerAll({ method }: Received) {
  return method === 'DELETE' ? { status: 204 } : { body: roomAnswer() }
}

/** The first request, of those that came. */
export function only(received: readonly Received[]): Received {
  const [first] = received
  if (first === undefined) throw new Error('nothing was received')
  return first
}
