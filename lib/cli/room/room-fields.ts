/** The fields of a room, such as `health.latencyMs`: `room set` and `room get` spell them alike. */
import { complaintAbout } from '../../queue/complaint.ts'
import { AntichambreError } from '../../queue/errors.ts'
import { parseOrName } from '../../queue/parse.ts'
import { roomPatchSchema } from '../../queue/room/config.ts'
import { unusable } from '../shared/command.ts'
import { cell, printable } from '../shared/text.ts'
import { isDecimal, isWhole, wrongValue } from '../shared/values.ts'

type Kind = 'text' | 'whole' | 'decimal' | 'plan'

const KINDS: Readonly<Record<string, Kind>> = {
  mode: 'text',
  ratePerMinute: 'whole',
  ratePlan: 'plan',
  capacity: 'whole',
  stock: 'whole',
  stockLeft: 'whole',
  'health.latencyMs': 'whole',
  'health.errorRate': 'decimal',
  'health.floorPercent': 'whole',
  'health.holdSeconds': 'whole',
  message: 'text',
  opensAt: 'text',
  closesAt: 'text',
}

/** The fields that `room set` may change, in the order of the help. */
export const SETTABLE = Object.keys(KINDS)

/**
 * `key=value` pairs as the body of a PATCH. `null` takes a limit, a time, a plan or the message away.
 * @throws CliError `usage`, naming every pair that is wrong.
 */
export function patchOf(pairs: readonly string[]): Record<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = at < 0 ? pair : pair.slice(0, at)
    if (at < 1) throw unusable('usage', complaintAbout(`"${printable(pair)}"`, 'key=value'))
    const kind = Object.hasOwn(KINDS, key) ? KINDS[key] : undefined
    if (kind === undefined) {
      throw unusable(
        'usage',
        `${printable(key)}: no such field; ${SETTABLE.join(', ')} are allowed`,
      )
    }
    if (fields.has(key)) throw unusable('usage', `${key} came twice`)
    fields.set(key, fieldValue(key, kind, pair.slice(at + 1)))
  }
  const patch = nested(fields)
  try {
    parseOrName(roomPatchSchema, patch)
  } catch (error) {
    throw error instanceof AntichambreError ? unusable('usage', error.message) : error
  }
  return patch
}

/** A configuration's fields and their values, one row each, by the names that `room set` takes. */
export function fieldRows(config: Readonly<Record<string, unknown>>): string[][] {
  return Object.entries(config).flatMap(([field, value]) => {
    if (!isObject(value)) return [[printable(field), valueText(value)]]
    return Object.entries(value).map(([part, one]) => [
      printable(`${field}.${part}`),
      valueText(one),
    ])
  })
}

/** An entry of a plan is `at=rate`, a group `name=percent`: the values of an object, in their order. */
function valueText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return cell(value)
  if (!value.every(isObject)) return cell(value)
  return value.map(one => Object.values(one).map(cell).join('=')).join(',')
}

function fieldValue(key: string, kind: Kind, text: string): unknown {
  if (kind === 'plan') return text === 'null' || text === '' ? [] : planOf(key, text)
  if (text === 'null') return null
  switch (kind) {
    case 'text':
      return text
    case 'whole':
      if (isWhole(text)) return Number(text)
      break
    case 'decimal':
      if (isDecimal(text)) return Number(text)
  }
  const allowed = kind === 'whole' ? 'a whole number' : 'a number'
  throw wrongValue(key, text, `${allowed} or null`)
}

/** `at=rate,at=rate`: from each time on the rate is another. */
function planOf(key: string, text: string) {
  return text.split(',').map(entry => {
    const [at = '', rate = '', ...rest] = entry.split('=')
    if (at !== '' && /^\d{1,15}$/.test(rate) && rest.length === 0) {
      return { at, ratePerMinute: Number(rate) }
    }
    throw unusable(
      'usage',
      `${key}: "${printable(entry)}" came, at=rate is allowed, such as 2026-12-01T06:00:00Z=600`,
    )
  })
}

/** `health.latencyMs` is a field of the object `health`. */
function nested(fields: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const [key, value] of fields) {
    const [field = '', part] = key.split('.')
    const before = patch[field]
    patch[field] = part === undefined ? value : { ...(isObject(before) && before), [part]: value }
  }
  return patch
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
