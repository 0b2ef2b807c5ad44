/** Props that cannot be: the synthesis stops with a sentence, before anything is deployed. */
import { Token } from 'aws-cdk-lib'
import { A_TIME, type Bounds, complaintAbout, wholeNumberComplaint } from '../../queue/complaint.ts'
import { instantSchema } from '../../queue/parse.ts'

/** @throws Error that names the prop, what came, and what is allowed. */
export function refuse(prop: string, came: unknown, allowed: string): never {
  throw new Error(`${prop}: ${complaintAbout(came, allowed)}`)
}

/** A value that is known only when it is deployed cannot be checked before. */
export function requireWhole(prop: string, value: number, bounds: Bounds): void {
  if (Token.isUnresolved(value)) return
  const complaint = wholeNumberComplaint(value, bounds)
  if (complaint !== undefined) throw new Error(`${prop}: ${complaint}`)
}

/** A time with its zone, as milliseconds. */
export function requireInstant(prop: string, text: string): number {
  if (instantSchema.safeParse(text).success) return Date.parse(text)
  return refuse(prop, text, A_TIME)
}
