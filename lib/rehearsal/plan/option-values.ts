/** Words of the command line as values; a mistake names the option, what came and what is allowed. */
import { aNumber, aWholeNumber, isAllowed } from '../../queue/complaint.ts'

/** The option is `name`; the message says what came and what is allowed. */
export class BadOption extends Error {
  override readonly name = 'BadOption'
  readonly option: string
  constructor(option: string, message: string) {
    super(`--${option} ${message}`)
    this.option = option
  }
}

export interface Bounds {
  readonly min: number
  readonly max: number
}

/** `300_000` is a number too. @throws BadOption */
export function wholeNumber(name: string, text: string, range: Bounds): number {
  const value = numberIn(text, range)
  if (value !== undefined && Number.isInteger(value)) return value
  throw wrong(name, text, aWholeNumber(range))
}

/** @throws BadOption */
export function decimalNumber(name: string, text: string, range: Bounds): number {
  const value = numberIn(text, range)
  if (value !== undefined) return value
  throw wrong(name, text, aNumber(range))
}

function numberIn(text: string, { min, max }: Bounds): number | undefined {
  const value = Number(text.replaceAll('_', ''))
  return /^[\d._]+$/.test(text) && value >= min && value <= max ? value : undefined
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** @param more what else is allowed, for the message. */
export function duration(name: string, text: string, { min, max }: Bounds, more = ''): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? Number.NaN)
  if (digits !== '' && ms >= min && ms <= max) return Math.round(ms)
  const range = `from ${min} ms to ${max / 3_600_000} h`
  throw wrong(name, text, `a time such as 500ms, 5s, 30m or 2h, ${range},`, more)
}

/** `MIN-MAX`, or one time that is both. */
export function durations(name: string, text: string, range: Bounds): Bounds {
  const [from = '', to = from, ...rest] = text.split('-')
  const more = `, or two such as 5m-15m`
  const [min, max] = [duration(name, from, range, more), duration(name, to, range, more)]
  if (rest.length === 0 && min <= max) return { min, max }
  throw wrong(name, text, 'a shorter and a longer time, such as 5m-15m,')
}

export function choice<Value extends string>(
  name: string,
  text: string,
  values: readonly Value[],
): Value {
  const found = values.find(value => value === text)
  if (found !== undefined) return found
  throw wrong(name, text, values.join(' or '))
}

function wrong(name: string, text: string, allowed: string, more = ''): BadOption {
  return new BadOption(name, `is "${shown(text)}"; ${isAllowed(allowed)}${more}`)
}

/** Text that came from outside, on one short line. */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00b7')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}
