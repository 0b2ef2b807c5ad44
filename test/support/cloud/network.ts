/**
 * A small internet: https addresses that servers of this machine answer, for browsers with cookie jars. TLS
 * is left out; who is asked learns the name that was asked for, as behind CloudFront or a balancer.
 */
import { createHash } from 'node:crypto'
import { request as ask } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any route
  readonly json: any
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | object
}

/** What the page, the command line and showrooms compute for every body that they send. */
export function withHash(asked: Asked): Asked {
  const { body = '' } = asked
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const hash = createHash('sha256').update(text).digest('hex')
  return { ...asked, headers: { 'x-amz-content-sha256': hash, ...asked.headers } }
}

export interface Network {
  /** From now on this name leads to this port. */
  name(host: string, port: number): void
  request(url: string, asked?: Asked): Promise<Answer>
  /** The same for code that takes a `fetch`. */
  readonly fetch: typeof globalThis.fetch
}

export function createNetwork(): Network {
  const ports = new Map<string, number>()
  const request = (url: string, asked: Asked = {}): Promise<Answer> => {
    const { protocol, host, pathname, search } = new URL(url)
    const port = ports.get(host)
    if (protocol !== 'https:' || port === undefined) throw new Error(`nobody answers for ${url}`)
    const { method = 'GET', body } = asked
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? '')
    const headers = {
      host,
      ...(typeof body === 'object' && { 'content-type': 'application/json' }),
      ...asked.headers,
    }
    return new Promise((resolve, reject) => {
      const call = ask(
        { host: '127.0.0.1', port, method, path: pathname + search, headers },
        reply => {
          let told = ''
          reply.setEncoding('utf8').on('data', chunk => {
            told += chunk
          })
          reply.on('end', () => resolve(answerOf(reply.statusCode ?? 0, reply.rawHeaders, told)))
        },
      )
      call.on('error', reject).end(text)
    })
  }
  return {
    name: (host, port) => void ports.set(host, port),
    request,
    fetch: fetchBy(request),
  }
}

function fetchBy(request: Network['request']): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const { method = 'GET', body } = init
    const headers = Object.fromEntries(new Headers(init.headers))
    const answer = await request(String(input), { method, headers, body: String(body ?? '') })
    return new Response(answer.text, { status: answer.status, headers: answer.headers })
  }
}

function answerOf(status: number, raw: readonly string[], text: string): Answer {
  const headers = new Headers()
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '')
  const isJson = headers.get('content-type')?.includes('json') === true && text !== ''
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined }
}

/** One visitor's browser: keeps cookies by host and path, and follows no redirect by itself. */
export interface Browser {
  /** Navigates. */
  open(url: string): Promise<Answer>
  post(url: string, body?: string | object): Promise<Answer>
  /** What a page of this browser has. */
  readonly fetch: typeof globalThis.fetch
  /** Every value that a cookie ever had here. */
  readonly secrets: ReadonlySet<string>
}

export function createBrowser(network: Network): Browser {
  const jar = new Map<string, { host: string; path: string; pair: string }>()
  const secrets = new Set<string>()
  const send = async (url: string, asked: Asked): Promise<Answer> => {
    const { host, pathname } = new URL(url)
    const cookie = [...jar.values()]
      .filter(one => one.host === host && isWithin(pathname, one.path))
      .map(one => one.pair)
      .join('; ')
    const headers = { ...asked.headers, ...(cookie === '' ? {} : { cookie }) }
    const answer = await network.request(url, { ...asked, headers })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const path = attributes.find(one => one.startsWith('Path='))?.slice('Path='.length) ?? '/'
      const key = `${host} ${path} ${name}`
      if (attributes.includes('Max-Age=0')) jar.delete(key)
      else jar.set(key, { host, path, pair })
      if (value !== '') secrets.add(value)
    }
    return answer
  }
  return {
    secrets,
    open: url => send(url, { headers: NAVIGATION }),
    post: (url, body = {}) => send(url, withHash({ method: 'POST', body })),
    fetch: fetchBy(send),
  }
}

const NAVIGATION = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }

/** RFC 6265 section 5.1.4. */
function isWithin(pathname: string, path: string): boolean {
  if (pathname === path) return true
  return pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}
