/** Parsing what came from outside: each complaint names the field, what came and what is allowed. */
import * as z from 'zod/mini'
import {
  A_TIME,
  aNumber,
  aWholeNumber,
  type Bounds,
  complaintAbout,
  complaintAboutCount,
  kindOf,
} from './complaint.ts'
import { AntichambreError } from './errors.ts'

/**
 * Parses with a schema.
 * @throws AntichambreError `bad-request`, naming every field that is wrong.
 */
export function parseOrName<Schema extends z.core.$ZodType>(
  schema: Schema,
  input: unknown,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, input)
  if (outcome.success) return outcome.data
  throw new AntichambreError('bad-request', outcome.error.issues.map(fieldComplaint).join('; '))
}

function fieldComplaint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map(key => `${[...issue.path, key].join('.').slice(0, 80)}: no such field`)
      .join('; ')
  }
  return `${issue.path.length === 0 ? 'body' : issue.path.join('.')}: ${issue.message}`
}

/** The `error` of a schema. It says what kind of value came, never the text itself. */
export const cameInstead = (allowed: string) => (issue: { input?: unknown }) =>
  complaintAbout(kindOf(issue.input), allowed)

export function lengthOf(input: unknown): number {
  return Array.isArray(input) ? input.length : 0
}

export function whole(bounds: Bounds) {
  const error = cameInstead(aWholeNumber(bounds))
  return z.int({ error }).check(z.gte(bounds.min, { error }), z.lte(bounds.max, { error }))
}

export function numberBetween(bounds: Bounds) {
  const error = cameInstead(aNumber(bounds))
  return z.number({ error }).check(z.gte(bounds.min, { error }), z.lte(bounds.max, { error }))
}

export const instantSchema = z.iso.datetime({ offset: true, error: cameInstead(A_TIME) })

export function atMost<Item extends z.core.$ZodType>(item: Item, max: number, what: string) {
  return z.array(item, { error: cameInstead(`a list of ${what}`) }).check(
    z.refine(list => list.length <= max, {
      error: issue => complaintAboutCount(lengthOf(issue.input), `at most ${max}`),
    }),
  )
}

export const anObject = { error: cameInstead('an object') }
