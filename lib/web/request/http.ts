/** What all routes share: errors as answers, bodies as parsed values, cookies that may be anything. */
import type { Context, ErrorHandler, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod/mini'
import { AntichambreError, ERROR_STATUS, type ErrorCode } from '../../queue/errors.ts'
import { COOKIES_MAX } from '../../queue/limits.ts'
import { parseOrName } from '../../queue/parse.ts'
import { logFailure } from '../../runtime/log.ts'
import { StoreBusyError } from '../../store/port.ts'

/** Seconds after which a client may come again when the room is busy. */
const RETRY_AFTER_SECONDS = 2

/** What an error answer says. An `AntichambreError` is one. */
interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly facts?: Readonly<Record<string, unknown>>
  /** @default what the code stands for */
  readonly status?: (typeof ERROR_STATUS)[ErrorCode]
}

/** An answer that says what went wrong: `{ error: { code, message }, ...facts }`, never cached. */
export function errorAnswer(
  c: Context,
  { code, message, facts = {}, status = ERROR_STATUS[code] }: Failure,
): Response {
  c.header('cache-control', 'no-store')
  if (code === 'try-again') c.header('retry-after', String(RETRY_AFTER_SECONDS))
  return c.json({ error: { code, message }, ...facts }, status)
}

/** Every error becomes an answer. One that nobody foresaw is logged by name alone, and answered with 500. */
export const answerError: ErrorHandler = (error, c) => {
  const known = asAntichambreError(error)
  if (known !== undefined) return errorAnswer(c, known)
  logFailure('request', error)
  return errorAnswer(c, {
    code: 'internal-error',
    message: 'something went wrong here; it is not your fault',
  })
}

/** The error that a visitor may read; undefined for one that nobody foresaw. */
export function asAntichambreError(error: unknown): AntichambreError | undefined {
  if (error instanceof AntichambreError) return error
  if (error instanceof StoreBusyError) {
    return new AntichambreError('try-again', 'the room is busy; nothing was lost, come again')
  }
  return undefined
}

/** The `cache-control` of an answer that no cache may keep. */
export const NOT_KEPT = 'no-store'

/**
 * A JSON answer. Its headers are a plain object: `c.json` makes a `Headers` of more than one, which
 * costs more than all the rest of a status read (docs/performance.md).
 */
export function jsonAnswer(
  value: unknown,
  cacheControl: string,
  status = 200,
  more: Readonly<Record<string, string>> = {},
): Response {
  return jsonTextAnswer(JSON.stringify(value), cacheControl, status, more)
}

/** The same for what is JSON already. */
export function jsonTextAnswer(
  text: string,
  cacheControl: string,
  status = 200,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': cacheControl, ...more }
  return new Response(text, { status, headers })
}

/**
 * Refuses longer bodies. Where the length is said, as browsers and CloudFront say it, Hono's own
 * limit would first make a stream of the body, which costs more than all the rest of a join.
 */
export function limitBody(bytesMax: number): MiddlewareHandler {
  const onError = (c: Context) =>
    errorAnswer(c, { code: 'too-large', message: `at most ${bytesMax} bytes are allowed` })
  const measured = bodyLimit({ maxSize: bytesMax, onError })
  return (c, next) => {
    const length = c.req.header('content-length')
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) {
      return measured(c, next)
    }
    return Number(length) <= bytesMax ? next() : Promise.resolve(onError(c))
  }
}

/**
 * Parses a JSON body.
 * @throws AntichambreError `wrong-media-type`, `bad-json`, `bad-request` naming each wrong field.
 */
export async function jsonBody<Schema extends z.core.$ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return parseOrName(schema, await rawJsonBody(c))
}

/** The same where no body at all counts as `{}`. */
export async function optionalJsonBody<Schema extends z.core.$ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const text = await c.req.text()
  if (text === '') return parseOrName(schema, {})
  requireJson(c)
  return parseOrName(schema, parseJson(text))
}

/** The same without a schema, for values that are parsed where they are used. */
export async function rawJsonBody(c: Context): Promise<unknown> {
  const text = await c.req.text()
  requireJson(c)
  return parseJson(text)
}

/** JSON alone is taken: a form on another site can send no such post (failure mode 41). */
export function requireJson(c: Context): void {
  if (/^application\/json\b/i.test(c.req.header('content-type') ?? '')) return
  throw new AntichambreError('wrong-media-type', 'content-type: application/json is allowed')
}

/** @throws AntichambreError `bad-json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AntichambreError('bad-json', 'the body is not JSON')
  }
}

/** A HEAD, a prefetch or a preview must change nothing (failure mode 41). */
export function isOnlyLooking(c: Context): boolean {
  const purpose = `${c.req.header('sec-purpose') ?? ''} ${c.req.header('purpose') ?? ''}`
  return c.req.raw.method === 'HEAD' || /prefetch|preview|prerender/i.test(purpose)
}

/** Every value that came for a cookie of this name, the first few; foreign cookies are passed over. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';', COOKIES_MAX)
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${name}=`))
    .map(pair => pair.slice(name.length + 1))
}

/** Schema of every error answer. */
export const errorSchema = z.looseObject({
  error: z.object({ code: z.enum(Object.keys(ERROR_STATUS)), message: z.string() }),
})
