/** What the functions did, from the notes of the services, beside what the stack lets them do. */
import type { Cloud } from '../support/cloud/cloud.ts'
import type { Call } from '../support/cloud/endpoint.ts'
import type { Permission } from '../support/cloud/policies.ts'

const textOf = ({ action, resource }: Permission) => `${action} ${resource.split(':').at(-1)}`

/** `function: action resource`, for each permission. */
export function allowedBy(cloud: Cloud): Set<string> {
  return new Set(
    [...cloud.deployment.policies].flatMap(([name, permissions]) =>
      permissions.map(permission => `${name}: ${textOf(permission)}`),
    ),
  )
}

export function doneBy(calls: readonly Call[]): Set<string> {
  return new Set(calls.map(call => `${call.caller}: ${textOf(call)}`))
}

export function without(all: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...all].filter(one => !others.has(one)).sort()
}

/** The key attributes of a call of DynamoDB, as far as the call names any. */
export function keyNamesOf({ operation, input }: Call): string[][] {
  switch (operation) {
    case 'GetItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [Object.keys(input.Key)]
    case 'BatchGetItem':
      return Object.values<{ Keys: object[] }>(input.RequestItems).flatMap(({ Keys }) =>
        Keys.map(key => Object.keys(key)),
      )
    case 'Query':
      return [[...String(input.KeyConditionExpression).matchAll(/(\w+) (?:=|>=) :/g)].map(nameIn)]
    case 'PutItem':
      return []
    default:
      throw new Error(`${operation} is not known here`)
  }
}

const nameIn = (found: RegExpExecArray) => found[1] ?? ''

/** Does this call give an item an end, by this attribute? */
export function setsEnd({ operation, input }: Call, attribute: string): boolean {
  if (operation === 'PutItem') return input.Item[attribute]?.N !== undefined
  if (operation !== 'UpdateItem') return false
  return new RegExp(`\\b${attribute} = `).test(input.UpdateExpression)
}
