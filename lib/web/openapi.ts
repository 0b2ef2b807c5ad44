/** The OpenAPI 3.1 document, made from the schemas that the routes check with. */
import * as z from 'zod/mini'
import { ERROR_STATUS, type ErrorCode } from '../queue/errors.ts'
import { cohortRecordSchema } from '../queue/place.ts'
import { roomConfigInputSchema, roomPatchSchema } from '../queue/room-config.ts'
import { statusSchema } from '../queue/status.ts'
import { SIGNATURE_HEADER } from '../room/departures.ts'
import { departuresSchema } from '../store/queues.ts'
import { errorSchema } from './http.ts'
import * as schemas from './schemas.ts'
import { TICKET_COOKIE } from './ticket-desk.ts'

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/r/{room}/status`. */
  readonly path: string
  readonly summary: string
  readonly body?: z.core.$ZodType
  readonly query?: readonly string[]
  readonly security?: 'ticket' | 'operator' | 'signature'
  /** What it answers, by status: a schema, or a media type for what is not JSON. */
  readonly answers: Readonly<Record<number, z.core.$ZodType | string | null>>
  readonly errors: readonly ErrorCode[]
}

const ROOM_ERRORS = ['unknown-room', 'try-again'] as const
const BODY_ERRORS = ['bad-json', 'bad-request', 'too-large', 'wrong-media-type'] as const
const CLOSED = ['room-ended', 'sold-out'] as const

/** Every route of the outside contract; a test compares the list with the applications' own. */
export const ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/healthz',
    summary: 'Is the service there?',
    answers: { 200: 'text/plain' },
    errors: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answers: { 200: z.looseObject({}) },
    errors: [],
  },
  {
    method: 'get',
    path: '/r/{room}/status',
    summary: 'The room, the same for all; cached for a second',
    answers: { 200: statusSchema },
    errors: ROOM_ERRORS,
  },
  {
    method: 'get',
    path: '/r/{room}/cohorts/{cohort}',
    summary: 'The record of a closed cohort; immutable',
    answers: { 200: cohortRecordSchema },
    errors: [...ROOM_ERRORS, 'cohort-open', 'not-found', 'bad-request'],
  },
  {
    method: 'get',
    path: '/r/{room}/jwks.json',
    summary: 'The keys that ES256 passes are checked with',
    answers: { 200: schemas.jwksSchema },
    errors: ROOM_ERRORS,
  },
  {
    method: 'post',
    path: '/r/{room}/tickets',
    summary: 'Join: 201 a new ticket, 200 the one in the cookie',
    body: schemas.joinSchema,
    answers: { 200: schemas.ticketSchema, 201: schemas.ticketSchema },
    errors: [...ROOM_ERRORS, ...BODY_ERRORS, ...CLOSED, 'doors-closed'],
  },
  {
    method: 'get',
    path: '/r/{room}/ticket',
    summary: 'The ticket in the cookie',
    security: 'ticket',
    answers: { 200: schemas.ticketSchema },
    errors: [...ROOM_ERRORS, 'no-ticket'],
  },
  {
    method: 'get',
    path: '/r/{room}/place',
    summary: 'Where the ticket stands, for clients that do not compute',
    security: 'ticket',
    answers: { 200: schemas.placeSchema },
    errors: [...ROOM_ERRORS, 'no-ticket', 'bad-ticket', 'room-ended'],
  },
  {
    method: 'post',
    path: '/r/{room}/passes',
    summary: 'Take the turn',
    security: 'ticket',
    body: schemas.takeTurnSchema,
    answers: { 200: schemas.passSchema },
    errors: [
      ...ROOM_ERRORS,
      ...BODY_ERRORS,
      ...CLOSED,
      'bad-return-address',
      'no-ticket',
      'bad-ticket',
      'not-yet',
      'turn-missed',
      'room-paused',
      'already-entered',
    ],
  },
  {
    method: 'post',
    path: '/r/{room}/departures',
    summary: 'Sessions that ended, from the showroom',
    security: 'signature',
    body: departuresSchema,
    answers: { 202: schemas.acceptedSchema },
    errors: [...ROOM_ERRORS, ...BODY_ERRORS, 'bad-token'],
  },
  {
    method: 'get',
    path: '/r/{room}/plain',
    summary: 'The whole way without JavaScript',
    query: ['to', 'nonce'],
    answers: { 200: 'text/html', 302: null },
    errors: [],
  },
  {
    method: 'get',
    path: '/operator/api/rooms',
    summary: 'All rooms',
    security: 'operator',
    answers: { 200: schemas.roomListSchema },
    errors: ['unauthorized', 'try-again'],
  },
  operatorRoute('get', '', 'A room', { 200: schemas.roomSchema }),
  operatorRoute(
    'put',
    '',
    'Make a room, or replace its configuration',
    { 200: schemas.roomSchema, 201: schemas.roomSchema },
    roomConfigInputSchema,
  ),
  operatorRoute('patch', '', 'Change a running room', { 200: schemas.roomSchema }, roomPatchSchema),
  operatorRoute('delete', '', 'Remove a room', { 204: null }),
  operatorRoute('post', '/open', 'Open the sale now', { 200: schemas.roomSchema }),
  operatorRoute('post', '/pause', 'Let nobody in; places are kept', { 200: schemas.roomSchema }),
  operatorRoute('post', '/resume', 'Go on after a pause', { 200: schemas.roomSchema }),
  operatorRoute('post', '/end', 'End the sale', { 200: schemas.roomSchema }),
  operatorRoute('get', '/history', 'How the room went', { 200: schemas.historySchema }),
]

function operatorRoute(
  method: Route['method'],
  under: string,
  summary: string,
  answers: Route['answers'],
  body?: z.core.$ZodType,
): Route {
  const errors = [
    'unauthorized',
    'bad-room-id',
    ...ROOM_ERRORS,
    ...(body === undefined ? [] : BODY_ERRORS),
    ...(method === 'get' ? [] : (['edit-conflict', 'room-ended'] as const)),
  ] as const
  const path = `/operator/api/rooms/{room}${under}`
  return {
    method,
    path,
    summary,
    security: 'operator',
    answers,
    errors,
    ...(body === undefined ? {} : { body }),
  }
}

let made: object | undefined

/** The document; made once, it never changes while the code does not. */
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
  const parameter = (name: string, place: 'path' | 'query') => ({
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
