/**
 * What every gate is held to: a request goes in, and what goes over the wire comes out, in one form
 * for all gates, so that one table of cases and one test of sameness do for each.
 */
import { answerOf } from '../../lib/gate/answer/answer.ts'
import { decide, type GateRequest } from '../../lib/gate/decision/decide.ts'
import { nonceHash } from '../../lib/gate/decision/nonce.ts'
import { parseGateConfig } from '../../lib/gate/options/config.ts'
import type { GateOptions } from '../../lib/gate/options/options.ts'
import { nonce, options } from './browser.ts'

export type Wire =
  | { readonly status: 'through'; readonly via: string; readonly ticketId?: string }
  | {
      readonly status: number
      readonly location: string
      /** Set-Cookie lines, sorted. */
      readonly cookies: readonly string[]
      /** Of an answer with a body: the content type and the reason that it names. */
      readonly type?: string
      readonly reason?: string
      readonly retryAfter?: string
    }

export interface GateCall {
  readonly options: GateOptions
  readonly request: GateRequest
  readonly nowMs: number
}

/** A gate under test: another one needs only this to be held to all of it. */
export type Gate = (call: GateCall) => Promise<Wire>

/** The decision in TypeScript and its answers, which every adapter in Node passes on. */
export const decisionGate: Gate = async ({ options, request, nowMs }) => {
  const decision = decide(request, parseGateConfig(options), nowMs, nonce(1))
  if (decision.status === 'through') {
    const { via, session } = decision
    const ticketId = via === 'unprotected' ? undefined : session?.ticketId
    return { status: 'through', via, ...(ticketId === undefined ? {} : { ticketId }) }
  }
  const { status, headers, body } = answerOf(decision)
  return answered(request, {
    status,
    header: name => headers.find(([other]) => other === name)?.[1],
    cookies: headers.filter(([name]) => name === 'set-cookie').map(([, line]) => line),
    body,
  })
}

/** An answer in the common form. */
export function answered(
  request: GateRequest,
  answer: {
    readonly status: number
    readonly header: (name: string) => string | undefined
    readonly cookies: readonly string[]
    readonly body: string
  },
): Wire {
  const { status, header, cookies, body } = answer
  if (header('cache-control') !== 'no-store') throw new Error('an answer that a cache may keep')
  const retryAfter = header('retry-after')
  // no body comes with an answer to HEAD, whatever the gate gave
  if (request.method === 'HEAD' && status !== 302) return { status, location: '', cookies: [] }
  const told =
    status === 302
      ? { location: header('location') ?? '' }
      : { ...toldBy(header('content-type'), body), ...(retryAfter ? { retryAfter } : {}) }
  return withoutNewNonce(request, { status, cookies, ...told })
}

/** What a body says: JSON for scripts, else a page for people. */
function toldBy(type = '', body: string) {
  if (type === 'application/json') {
    const { error, location } = JSON.parse(body)
    return { type, location, reason: error.code }
  }
  const [, href = ''] = /href="([^"]+)"/.exec(body) ?? []
  const [, reason = ''] = /<small>([^<]+)/.exec(body) ?? []
  const location = href
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&')
  return { type, location, reason }
}

/** Every gate draws nonces of its own: one that is new becomes the same word in all of them. */
function withoutNewNonce(request: GateRequest, wire: Exclude<Wire, { status: 'through' }>): Wire {
  const { location } = wire
  const cookies = [...wire.cookies].sort()
  const at = cookies.findIndex(line => line.includes('.nonce-'))
  const [, hash = ''] = /[?&]nonce=([\w-]{43})$/.exec(location) ?? []
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookies[at] ?? '') ?? []
  if (at !== -1 && (nonceHash(value) !== hash || !name.endsWith(`.nonce-${value.slice(0, 4)}`))) {
    throw new Error(`the cookie ${name}=${value} does not belong to ${location}`)
  }
  const known = (request.cookie ?? '').split(';').map(pair => pair.slice(pair.indexOf('=') + 1))
  if (hash === '' || known.some(one => nonceHash(one) === hash)) return { ...wire, cookies }
  return {
    ...wire,
    location: location.replace(hash, 'NEW'),
    cookies: cookies.map(line =>
      at === -1 ? line : line.replace(`${name}=${value}`, `${name.slice(0, -4)}=NEW`),
    ),
  }
}

/** The options of `browser.ts` with some changes. */
export const withOptions = (changes: Partial<GateOptions> = {}): GateOptions => ({
  ...options,
  ...changes,
})
