/** Parsing what came from outside: each complaint names the field, what came and what is allowed. */
import * as z from 'zod/mini'
import { AntichambreError } from './errors.ts'

/** Parses with a schema and names every field that is wrong, what came and what is allowed. */
export function parseOrName<Schema extends z.core.$ZodType>(
  schema: Schema,
  input: unknown,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, input)
  if (outcome.success) return outcome.data
  const complaints = outcome.error.issues.map(complaintOf)
  throw new AntichambreError('bad-request', complaints.join('; '))
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map(key => `${[...issue.path, key].join('.').slice(0, 80)}: no such field`)
      .join('; ')
  }
  return `${issue.path.length === 0 ? 'body' : issue.path.join('.')}: ${issue.message}`
}

/** "came, allowed": every message of this file says both. */
export const cameInstead = (allowed: string) => (issue: { input?: unknown }) =>
  `${shown(issue.input)} came, ${allowed} is allowed`

function shown(input: unknown): string {
  if (typeof input === 'number' || typeof input === 'boolean') return String(input)
  if (input === null) return 'null'
  return Array.isArray(input)
    ? 'a list'
    : ({ string: 'a text', object: 'an object' }[typeof input as 'string'] ?? 'nothing')
}

export function lengthOf(input: unknown): number {
  return Array.isArray(input) ? input.length : 0
}

export interface Bounds {
  readonly min: number
  readonly max: number
}

export function whole({ min, max }: Bounds) {
  const error = cameInstead(`a whole number from ${min} to ${max}`)
  return z.int({ error }).check(z.gte(min, { error }), z.lte(max, { error }))
}

export function numberBetween({ min, max }: Bounds) {
  const error = cameInstead(`a number from ${min} to ${max}`)
  return z.number({ error }).check(z.gte(min, { error }), z.lte(max, { error }))
}

export const instant = z.iso.datetime({
  offset: true,
  error: cameInstead('a time with its zone, such as 2026-12-01T06:00:00Z,'),
})

export function atMost<Item extends z.core.$ZodType>(item: Item, max: number, what: string) {
  return z.array(item, { error: cameInstead(`a list of ${what}`) }).check(
    z.refine(list => list.length <= max, {
      error: issue => `${lengthOf(issue.input)} came, at most ${max} are allowed`,
    }),
  )
}

export const anObject = { error: cameInstead('an object') }
