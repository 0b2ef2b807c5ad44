/** Items of the table as plain values, and what the adapter asks of the table. No AWS SDK in here. */
import * as z from 'zod/mini'
import { RETENTION_SECONDS } from '../../queue/limits.ts'
import { StoreBusyError } from '../port.ts'
import type { Key } from '../table.ts'

export type Item = Readonly<Record<string, string | number | boolean>>
/** Fields to be written; undefined ones are left out. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * A DynamoDB condition expression. Its `:names` are those of `values`. Attributes are named
 * literally, so none of them may be a word that DynamoDB reserves.
 */
export interface Condition {
  readonly condition: string
  readonly values?: Fields
}

/** The clauses of one UpdateItem; `values` serves the condition too. */
export interface Change {
  readonly set?: readonly string[]
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
  readonly values?: Fields
  readonly condition?: string
  /** What of the item is given back; nothing when left out. */
  readonly returns?: 'ALL_NEW' | 'UPDATED_NEW'
  /** The change must not be made twice. After an error that leaves open whether it was made, it is not sent again. */
  readonly atMostOnce?: boolean
}

export interface Paging {
  /** The first sort key wanted. */
  readonly from?: string
  /** Reads at most so many items. */
  readonly limit?: number
  readonly backwards?: boolean
  /** Reads what was written last, for twice the price; true when left out. */
  readonly consistent?: boolean
}

/** The table. Every call may throw `StoreBusyError`. */
export interface Items {
  get(key: Key, options?: { consistent?: boolean }): Promise<Item | undefined>
  /** Several items with one request, in the order of their keys: at most 100 (DynamoDB quota). */
  getAll(keys: readonly Key[], options?: { consistent?: boolean }): Promise<(Item | undefined)[]>
  /** The items of a partition in the order of their sort keys, however many pages they fill. */
  query(partition: string, paging?: Paging): Promise<Item[]>
  /** False when the condition did not hold: nothing was written. */
  put(key: Key, fields: Fields, condition?: Condition): Promise<boolean>
  /** Undefined when the condition did not hold: nothing was written. */
  update(key: Key, change: Change): Promise<Item | undefined>
  remove(key: Key, condition?: Condition): Promise<void>
}

/** Nothing was written. After any other `StoreBusyError` something may have been. */
export class StoreRefusedError extends StoreBusyError {}

/** The parts of a `Change` that add to counters, each under its own name; 0 makes one that is not there. */
export function adding(counts: Readonly<Record<string, number>>) {
  return { add: Object.keys(counts).map(name => `${name} :${name}`), values: counts }
}

/** The expiry, in seconds, of what was used last at this time. */
export function expiryOf(lastUseMs: number): number {
  return Math.floor(lastUseMs / 1000) + RETENTION_SECONDS
}

/** An item, or the JSON in one, as its type. @throws Error for one that has another form. */
export function parsed<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const outcome = z.safeParse(schema, value)
  if (outcome.success) return outcome.data
  const where = outcome.error.issues.map(issue => issue.path.join('.') || 'all of it')
  throw new Error(`an item of the table has an unexpected form: ${where.join(', ')}`)
}

/** An attribute in DynamoDB's own form. */
export type Attribute = { S: string } | { N: string } | { BOOL: boolean }

export function toAttributes(fields: Fields): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') attributes[name] = { S: value }
    else if (typeof value === 'number') attributes[name] = { N: String(value) }
    else if (value !== undefined) attributes[name] = { BOOL: value }
  }
  return attributes
}

/** Attributes of other types are left out: this project writes none. */
export function toItem(
  attributes: Readonly<Record<string, { S?: string; N?: string; BOOL?: boolean }>>,
): Item {
  const item: Record<string, string | number | boolean> = {}
  for (const [name, { S, N, BOOL }] of Object.entries(attributes)) {
    const value = S ?? (N === undefined ? BOOL : Number(N))
    if (value !== undefined) item[name] = value
  }
  return item
}
