/** The OpenAPI 3.1 document, made from the schemas that the routes check with. */
import * as z from 'zod/mini'
import { ERROR_STATUS, type ErrorCode } from '../../queue/errors.ts'
import { SIGNATURE_HEADER } from '../../queue/tokens/showroom-signature.ts'
import { errorSchema } from '../request/http.ts'
import { TICKET_COOKIE } from '../request/ticket-desk.ts'
import { ROUTES, type Route } from './route-table.ts'

let made: object | undefined

/**
 * The OpenAPI document of both applications. It is made once and never changes while the code does not.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { openApiDocument } from '../lib/web/contract/openapi.ts'
 *
 * writeFileSync('openapi.json', JSON.stringify(openApiDocument(), null, 2))
 * ```
 */
export function openApiDocument(): object {
  made ??= document()
  return made
}

function document(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Antichambre',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Error: json(errorSchema) },
      securitySchemes: {
        ticket: { type: 'apiKey', in: 'cookie', name: TICKET_COOKIE },
        operator: { type: 'http', scheme: 'bearer' },
        signature: { type: 'apiKey', in: 'header', name: SIGNATURE_HEADER },
      },
    },
  }
}

function operation(route: Route): object {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(match => match[1] ?? '')
  const parameter = (name: string, place: 'path' | 'query' | 'header') => ({
    name,
    in: place,
    required: place === 'path',
    schema: { type: 'string' },
  })
  return {
    summary: route.summary,
    parameters: [
      ...names.map(name => parameter(name, 'path')),
      ...(route.query ?? []).map(name => parameter(name, 'query')),
      ...(route.headers ?? []).map(name => parameter(name, 'header')),
    ],
    ...(route.security === undefined ? {} : { security: [{ [route.security]: [] }] }),
    ...(route.body === undefined ? {} : { requestBody: { content: content(json(route.body)) } }),
    responses: { ...answersOf(route), ...errorsOf(route) },
  }
}

function answersOf(route: Route): Record<string, object> {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => {
      if (answer === null) return [status, { description: route.summary }]
      const body = typeof answer === 'string' ? { [answer]: {} } : content(json(answer))
      return [status, { description: route.summary, content: body }]
    }),
  )
}

/** Errors of one status share an entry that names their codes. */
function errorsOf(route: Route): Record<string, object> {
  const statusOf = (code: ErrorCode) =>
    code === 'no-ticket' && route.path.endsWith('/ticket') ? 404 : ERROR_STATUS[code]
  const statuses = [...new Set(route.errors.map(statusOf))]
  return Object.fromEntries(
    statuses.map(status => [
      String(status),
      {
        description: [...new Set(route.errors)]
          .filter(code => statusOf(code) === status)
          .join(', '),
        content: content({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  )
}

function content(schema: object): object {
  return { 'application/json': { schema } }
}

function json(schema: z.core.$ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
