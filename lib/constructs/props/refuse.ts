/** Props that cannot be: the synthesis stops with a sentence, before anything is deployed. */
import { Token } from 'aws-cdk-lib'
import { instant } from '../../queue/parse.ts'

/** @throws Error that names the prop, what came, and what is allowed. */
export function refuse(prop: string, came: unknown, allowed: string): never {
  throw new Error(`${prop}: ${came} came, ${allowed} is allowed`)
}

/** A value that is known only when it is deployed cannot be checked before. */
export function requireWhole(prop: string, value: number, min: number, max: number): void {
  if (Token.isUnresolved(value)) return
  if (Number.isInteger(value) && value >= min && value <= max) return
  refuse(prop, value, `a whole number from ${min} to ${max}`)
}

/** A time with its zone, as milliseconds. */
export function requireInstant(prop: string, text: string): number {
  if (instant.safeParse(text).success) return Date.parse(text)
  return refuse(prop, text, 'a time with its zone, such as 2026-12-01T06:00:00Z,')
}
