/** Every route of the outside contract: what it takes, and what it answers. */
import type * as z from 'zod/mini'
import { cohortRecordSchema } from '../../queue/cohort/place.ts'
import type { ErrorCode } from '../../queue/errors.ts'
import { roomConfigInputSchema, roomPatchSchema } from '../../queue/room/config.ts'
import { INVITATION_PARAMETER } from '../../queue/tokens/invitation.ts'
import { statusSchema } from '../../queue/visitor/room-status.ts'
import { departuresSchema } from '../../runtime/queues.ts'
import * as schemas from './schemas.ts'

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/r/{room}/status`. */
  readonly path: string
  readonly summary: string
  readonly body?: z.core.$ZodType
  readonly query?: readonly string[]
  readonly headers?: readonly string[]
  readonly security?: 'ticket' | 'operator' | 'signature'
  /** What it answers, by status: a schema, or a media type for what is not JSON. */
  readonly answers: Readonly<Record<number, z.core.$ZodType | string | null>>
  readonly errors: readonly ErrorCode[]
}

/** The version that the operator saw: a change that others made since is an `edit-conflict`. */
const IF_MATCH = 'If-Match'

const ROOM_ERRORS = ['unknown-room', 'try-again'] as const
const BODY_ERRORS = ['bad-json', 'bad-request', 'too-large', 'wrong-media-type'] as const
const CLOSED = ['room-ended', 'room-closed', 'sold-out'] as const
const INVITATION_ERRORS = [
  'invitation-needed',
  'bad-invitation',
  'invitation-expired',
  'invitation-used',
] as const

/**
 * Every route of the outside contract. A test compares the list with the routes of the applications.
 *
 * @example
 * ```ts
 * import { ROUTES } from '../lib/web/contract/route-table.ts'
 *
 * for (const { method, path, summary } of ROUTES) {
 *   console.log(`${method.toUpperCase()} ${path}: ${summary}`)
 * }
 * ```
 */
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
    answers: { 200: schemas.documentSchema },
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
    summary: 'Join: 201 a new ticket, 200 the one in the cookie; a group by invitation',
    body: schemas.joinSchema,
    answers: { 200: schemas.ticketSchema, 201: schemas.ticketSchema },
    errors: [...ROOM_ERRORS, ...BODY_ERRORS, ...CLOSED, ...INVITATION_ERRORS, 'doors-closed'],
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
      'house-full',
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
    method: 'post',
    path: '/r/{room}/stock',
    summary: 'What is left to sell, from the showroom; an older word changes nothing',
    security: 'signature',
    body: schemas.stockWordInputSchema,
    answers: { 202: schemas.acceptedSchema },
    errors: [...ROOM_ERRORS, ...BODY_ERRORS, 'bad-token'],
  },
  {
    method: 'get',
    path: '/r/{room}/through',
    summary: 'The open way: to the showroom with a pass while nobody waits, else to the page',
    query: ['to', 'nonce'],
    answers: { 204: null, 302: null },
    errors: ['unknown-room'],
  },
  {
    method: 'get',
    path: '/r/{room}/plain',
    summary: 'The whole way without JavaScript',
    query: ['to', 'nonce', INVITATION_PARAMETER],
    answers: { 200: 'text/html', 204: null, 302: null },
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
  operatorRoute('get', '', 'A room'),
  operatorRoute('put', '', 'Make a room, or replace its configuration', {
    body: roomConfigInputSchema,
    answers: { 200: schemas.roomSchema, 201: schemas.roomSchema },
    headers: [IF_MATCH],
  }),
  operatorRoute('patch', '', 'Change a running room', {
    body: roomPatchSchema,
    headers: [IF_MATCH],
  }),
  operatorRoute('delete', '', 'Remove a room', { answers: { 204: null } }),
  operatorRoute('post', '/open', 'Open the sale now'),
  operatorRoute('post', '/pause', 'Let nobody in; places are kept'),
  operatorRoute('post', '/resume', 'Go on after a pause'),
  operatorRoute('post', '/end', 'End the sale'),
  operatorRoute('post', '/let-in', 'Let so many in besides the rate', {
    body: schemas.letInSchema,
  }),
  operatorRoute('post', '/health', "The showroom's health: a measurement, or an alarm", {
    body: schemas.healthSchema,
  }),
  operatorRoute('post', '/invitations', 'Make invitations to the line of a group', {
    body: schemas.invitationsSchema,
    answers: { 201: schemas.madeInvitationsSchema },
  }),
  operatorRoute('get', '/history', 'How the room went', {
    answers: { 200: schemas.historySchema },
  }),
]

function operatorRoute(
  method: Route['method'],
  under: string,
  summary: string,
  { answers = { 200: schemas.roomSchema }, ...more }: Partial<Route> = {},
): Route {
  const errors = [
    'unauthorized',
    'bad-room-id',
    ...ROOM_ERRORS,
    ...(more.body === undefined ? [] : BODY_ERRORS),
    ...(method === 'get' ? [] : (['edit-conflict', 'room-ended'] as const)),
  ] as const
  const path = `/operator/api/rooms/{room}${under}`
  return { method, path, summary, security: 'operator', answers, errors, ...more }
}
