/**
 * A Lambda Function URL: HTTP becomes an event of payload format 2.0, and the function's answer HTTP again.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { randomUUID } from 'node:crypto'
import type { Outcome } from './instance.ts'
import { ACCOUNT } from './template.ts'

export interface OriginRequest {
  readonly method: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface OriginAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly body: Buffer
}

/** Bodies of these types come as text, all others in base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml))/

export function urlEvent(request: OriginRequest, domainName: string) {
  const { cookie, ...headers } = request.headers
  const isText = TEXT.test(headers['content-type'] ?? '')
  const nowMs = Date.now()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers,
    ...(request.query === ''
      ? {}
      : { queryStringParameters: Object.fromEntries(new URLSearchParams(request.query)) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: domainName.split('.')[0],
      authorizer: { iam: { accountId: ACCOUNT, callerId: 'cloudfront', principalOrgId: null } },
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: '198.51.100.11',
        userAgent: headers['user-agent'],
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    ...(request.body.length === 0
      ? {}
      : { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  }
}

interface UrlResult {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** A function that failed is a bad gateway. */
export function urlAnswer(outcome: Outcome): OriginAnswer {
  if (outcome.status !== 'answered') {
    const headers = { 'content-type': 'application/json' }
    const body = Buffer.from('{"Message":"Internal Server Error"}')
    return { status: 502, headers, cookies: [], body }
  }
  const {
    statusCode,
    headers = {},
    cookies = [],
    body = '',
    isBase64Encoded = false,
  } = outcome.payload as UrlResult // What a handler for Function URLs answers, by its type in functions/.
  return {
    status: statusCode,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    cookies,
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  }
}
