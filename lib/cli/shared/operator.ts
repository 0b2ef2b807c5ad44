/** The operators' API over HTTP: one request, one bounded answer, every way to fail in clear words. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { readAtMost } from './bounded.ts'
import {
  ANSWER_BYTES_MAX,
  type CliIo,
  type OptionValues,
  REQUEST_TIMEOUT_MS,
  refused,
  unusable,
} from './command.ts'
import { printable } from './text.ts'

const DEFAULT_URL = 'http://localhost:8080'

export type OperatorMethod = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

export interface OperatorAnswer {
  /** 2xx: anything else is thrown. */
  readonly httpStatus: number
  /** The parsed JSON; undefined where the answer has no body. */
  readonly body: unknown
}

export interface Operator {
  /**
   * @param path below `/operator/api/`.
   * @param ifVersion the version of the room that the change is meant for.
   * @throws CliError with the server's own code when it refuses, or `unreachable`, `timed-out`,
   *   `redirected`, `unexpected-answer`.
   */
  request(
    method: OperatorMethod,
    path: string,
    body?: unknown,
    ifVersion?: number,
  ): Promise<OperatorAnswer>
}

/** @throws CliError `usage` for an address or a token that cannot be used. */
export function operatorOf(options: OptionValues, io: CliIo): Operator {
  const base = baseOf(options, io)
  const token = tokenOf(options, io)
  const timeoutMs = io.timeoutMs ?? REQUEST_TIMEOUT_MS
  return {
    async request(method, path, body, ifVersion) {
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers: Record<string, string> = {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
      }
      if (body !== undefined) headers['content-type'] = 'application/json'
      if (ifVersion !== undefined) headers['if-match'] = `"${ifVersion}"`
      // CloudFront signs what it sends to the function, but not the body: its hash must come along.
      if (method !== 'GET') {
        headers['x-amz-content-sha256'] = createHash('sha256').update(text).digest('hex')
      }
      const sent = {
        method,
        headers,
        ...(body === undefined ? {} : { body: text }),
        // No redirect is followed: the token goes to the address that was named, and nowhere else.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      } as const
      const exchange = async () => {
        const response = await fetch(`${base.href}operator/api/${path}`, sent)
        return { method, response, text: await textOf(response) }
      }
      const done = await exchange().catch(error => {
        throw connectionError(error, base, timeoutMs)
      })
      return answerOf(done, base, token)
    },
  }
}

/** The deployment's address, ending in a slash. @throws CliError `usage` */
export function baseOf(options: OptionValues, io: CliIo): URL {
  const from = options.url === undefined ? 'ANTICHAMBRE_URL' : '--url'
  const text = options.url ?? (io.env.ANTICHAMBRE_URL || DEFAULT_URL)
  const wrong = (what: string) =>
    unusable('usage', `${from}: ${what}; an address such as ${DEFAULT_URL} is allowed`)
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) throw wrong('not an http(s) address')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw wrong('it carries credentials')
  if (url.search !== '' || url.hash !== '') throw wrong('it carries a query or a fragment')
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/`
  return url
}

function tokenOf(options: OptionValues, io: CliIo): string {
  const from = options.token === undefined ? 'ANTICHAMBRE_TOKEN' : '--token'
  const token = options.token ?? io.env.ANTICHAMBRE_TOKEN ?? ''
  if (token === '') {
    throw unusable('usage', "the operator's token is missing: set ANTICHAMBRE_TOKEN or --token")
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw unusable('usage', `${from}: the token has a space, line end or letter that none may have`)
  }
  return token
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return ''
  const tooLong = () => unexpected(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`)
  return (await readAtMost(ANSWER_BYTES_MAX, body, tooLong)).toString('utf8')
}

interface Exchange {
  readonly method: OperatorMethod
  readonly response: Response
  /** The answer's body. */
  readonly text: string
}

function answerOf({ method, response, text }: Exchange, base: URL, token: string): OperatorAnswer {
  const { status } = response
  if (status >= 300 && status < 400) {
    throw refused('redirected', `${base.host} answered ${status}${targetOf(response, base)}`)
  }
  const body = text === '' ? undefined : parsed(text)
  if (!response.ok) throw refusal(status, body, base, token)
  const mayBeEmpty = method === 'DELETE' && status === 204
  if (!mayBeEmpty && (body === undefined || body === NOT_JSON)) {
    throw unexpected(
      `${base.host} answered ${status}, not with JSON: is this Antichambre's address?`,
    )
  }
  return { httpStatus: status, body }
}

const NOT_JSON = Symbol('not JSON')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

/** Shows the origin alone: the rest of the address may hold something secret. */
function targetOf(response: Response, base: URL): string {
  const location = response.headers.get('location') ?? ''
  const where = URL.canParse(location, base.href)
    ? ` to ${new URL(location, base.href).origin}`
    : ''
  return `, a redirect${where}; nothing was followed: give --url the final address`
}

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
  /** Of an `edit-conflict`: the present version, and what others changed, with its present values. */
  version: z.optional(z.int()),
  changed: z.optional(z.record(z.string(), z.unknown())),
})

function refusal(status: number, body: unknown, base: URL, token: string) {
  const given = errorSchema.safeParse(body)
  const hint = status === 401 ? '; check ANTICHAMBRE_TOKEN or --token' : ''
  if (given.success) {
    const { error, version, changed } = given.data
    const message = withoutToken(printable(error.message), token) + hint
    if (version === undefined || changed === undefined) {
      return refused(printable(error.code), message)
    }
    const facts = JSON.parse(withoutToken(JSON.stringify({ version, changed }), token))
    return refused(printable(error.code), message, facts)
  }
  if (status === 401) return refused('unauthorized', `${base.host} answered 401${hint}`)
  return unexpected(
    `${base.host} answered ${status}, not as Antichambre does: is this its address?`,
  )
}

/**
 * Another server than ours might repeat the token in its message. One below 8 characters is left there: it
 * may be a part of some word.
 */
function withoutToken(text: string, token: string): string {
  return token.length < 8 ? text : text.replaceAll(token, '(token)')
}

function unexpected(message: string) {
  return refused('unexpected-answer', message)
}

function connectionError(error: unknown, base: URL, timeoutMs: number): unknown {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return refused('timed-out', `${base.host} did not answer within ${timeoutMs / 1000} s`)
  }
  // `fetch` throws a TypeError for every failed connection and keeps the reason in its cause.
  if (!(error instanceof TypeError)) return error
  const { cause } = error
  const reason = cause instanceof Error ? ('code' in cause ? cause.code : cause.message) : ''
  const code = printable(String(reason)) || 'unknown reason'
  return refused('unreachable', `${base.host} cannot be reached: ${REASONS[code] ?? code}`)
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'no such host (ENOTFOUND)',
  ECONNRESET: 'it broke the connection off (ECONNRESET)',
  'bad port': 'browsers and this program use no such port (bad port)',
  UND_ERR_SOCKET: 'it broke the connection off (UND_ERR_SOCKET)',
}
