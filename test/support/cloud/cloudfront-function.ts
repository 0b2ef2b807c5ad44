/** A CloudFront Function of the template, run as CloudFront runs it: alone, with nothing of Node around it. */
import { createContext, Script } from 'node:vm'
import { bareGlobals } from '../../gate/edge/builtins.ts'
import type { OriginAnswer, OriginRequest } from './function-url.ts'

interface Field {
  readonly value: string
}

export interface EdgeRequest {
  readonly method: string
  readonly uri: string
  readonly querystring: Readonly<Record<string, Field & { readonly multiValue?: readonly Field[] }>>
  readonly headers: Readonly<Record<string, Field>>
  readonly cookies: Readonly<Record<string, Field>>
}

interface EdgeAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, Field>>
  readonly body?: { readonly data: string }
}

/** @param code that declares `handler`. */
export function viewerFunction(
  code: string,
  distributionDomainName: string,
): (request: OriginRequest) => OriginRequest | OriginAnswer {
  const context = createContext({})
  bareGlobals(context)
  const run = new Script(
    `'use strict';${code};(text => JSON.stringify(handler(JSON.parse(text))))`,
  ).runInContext(context)
  return request => {
    const event = {
      version: '1.0',
      context: { eventType: 'viewer-request', distributionDomainName },
      viewer: { ip: '198.51.100.11' },
      request: edgeRequestOf(request),
    }
    const decided: EdgeRequest | EdgeAnswer = JSON.parse(run(JSON.stringify(event)))
    const headers = valuesOf(decided.headers)
    if ('statusCode' in decided) {
      const { statusCode: status, body } = decided
      return { status, headers, cookies: [], body: Buffer.from(body?.data ?? '') }
    }
    const { cookie } = request.headers
    return {
      ...request,
      path: decided.uri,
      headers: cookie === undefined ? headers : { ...headers, cookie },
    }
  }
}

function edgeRequestOf({ method, path, query, headers }: OriginRequest): EdgeRequest {
  const { cookie = '', ...others } = headers
  const pairs = (text: string, separator: string) =>
    text === '' ? [] : text.split(separator).map(pair => pair.split(/=(.*)/s))
  const fields = (list: readonly string[][]) =>
    Object.fromEntries(list.map(([name = '', value = '']) => [name, { value }]))
  return {
    method,
    uri: path,
    querystring: fields(pairs(query, '&')),
    headers: fields(Object.entries(others)),
    cookies: fields(pairs(cookie, '; ')),
  }
}

function valuesOf(fields: Readonly<Record<string, Field>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
}
