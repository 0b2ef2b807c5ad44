/** "X came, Y is allowed": every complaint about a value from outside says both, in these words. */

export interface Bounds {
  readonly min: number
  readonly max: number
}

/**
 * @param came what came, such as `5`, `"abc"` or `a list`. It is shown: a secret must not be in it.
 * @param allowed such as `a whole number from 1 to 9`.
 */
export function complaintAbout(came: unknown, allowed: string): string {
  return `${came} came, ${isAllowed(allowed)}`
}

/** @param allowed a number of things, such as `at most 20`. */
export function complaintAboutCount(came: unknown, allowed: string): string {
  return `${came} came, ${allowed} are allowed`
}

/** The second half alone, for a message that says in words of its own what came. */
export function isAllowed(allowed: string): string {
  return `${allowed} is allowed`
}

/** What is wrong with a number that is to be whole; undefined: nothing. */
export function wholeNumberComplaint(value: number, bounds: Bounds): string | undefined {
  const isGood = Number.isInteger(value) && value >= bounds.min && value <= bounds.max
  return isGood ? undefined : complaintAbout(value, aWholeNumber(bounds))
}

/** What a value is, not what it says, unless it is a number or a boolean: a text may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? 'a text' : 'an object'
}

/** Values that are allowed in several places, as the message names them. */
export function aWholeNumber({ min, max }: Bounds): string {
  return `a whole number from ${min} to ${max}`
}

export function aNumber({ min, max }: Bounds): string {
  return `a number from ${min} to ${max}`
}

export const A_TIME = 'a time with its zone, such as 2026-12-01T06:00:00Z,'
