/**
 * Checks names and types of props when the app runs: `tsx` checks no types, and a misspelt prop would do
 * nothing. The bounds of a value are checked where it is used.
 */
import { Token } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { kindOf } from '../../queue/complaint.ts'
import { nameComplaint } from '../../queue/names.ts'
import { refuse } from './refuse.ts'

/** @throws Error for a value that cannot be, naming the prop. */
export type Check = (prop: string, value: unknown) => void

/** One for each prop, so that a new one is not forgotten. */
export type Checks<Props> = { readonly [Name in keyof Required<Props>]: Check }

/** @param needed names that have no default. */
export function checkProps<Props>(
  prop: string,
  value: unknown,
  checks: Checks<Props>,
  needed: readonly (keyof Props & string)[] = [],
): void {
  const given = fieldsOf(prop, value)
  const path = prop === 'props' ? '' : `${prop}.`
  const complaint = nameComplaint('prop', given, Object.keys(checks), path)
  if (complaint !== undefined) throw new Error(complaint)
  for (const [name, check] of Object.entries<Check>(checks)) {
    const isNeeded = needed.some(one => one === name)
    if (isNeeded || given[name] !== undefined) check(`${path}${name}`, given[name])
  }
}

export const aText: Check = (prop, value) => {
  if (typeof value !== 'string') refuse(prop, shown(value), 'a text')
}

export const aNumber: Check = (prop, value) => {
  if (typeof value !== 'number') refuse(prop, shown(value), 'a number')
}

export const yesOrNo: Check = (prop, value) => {
  if (typeof value !== 'boolean') refuse(prop, shown(value), 'true or false')
}

export const texts: Check = (prop, value) => {
  if (Token.isUnresolved(value)) return
  if (!Array.isArray(value)) refuse(prop, shown(value), 'a list of texts')
  for (const one of value) aText(prop, one)
}

export function oneOf(...allowed: readonly string[]): Check {
  return (prop, value) => {
    if (allowed.some(one => one === value)) return
    refuse(prop, shown(value), `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`)
  }
}

/** A value of one of CDK's enumerations. `Object.values` of one with numbers gives names first, then numbers. */
export function memberOf(name: string, enumeration: Readonly<Record<string, unknown>>): Check {
  const values = Object.values(enumeration)
  const type = typeof values.at(-1)
  return (prop, value) => {
    if (typeof value === type && values.includes(value)) return
    refuse(prop, shown(value), `a value of ${name}`)
  }
}

/** A construct, recognised by its members: it may be an imported one, or of a class of the app's own. */
export function construct(what: string, ...members: readonly string[]): Check {
  return (prop, value) => {
    const isOne = typeof value === 'object' && value !== null
    if (isOne && members.every(one => Reflect.get(value, one) !== undefined)) return
    refuse(prop, shown(value), what)
  }
}

export const aTopic = construct('a topic such as Topic.fromTopicArn(...)', 'topicArn')
export const aRetention = memberOf('RetentionDays', RetentionDays)

export function each(check: Check): Check {
  return (prop, value) => {
    for (const [name, one] of Object.entries(fieldsOf(prop, value))) check(`${prop}.${name}`, one)
  }
}

function fieldsOf(prop: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  return refuse(prop, shown(value), 'an object')
}

/** A prop is no secret: texts are shown as they came. */
function shown(value: unknown): string {
  if (value === '') return 'an empty text'
  return typeof value === 'object' ? kindOf(value) : String(value)
}
