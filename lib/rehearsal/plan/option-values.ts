/** Words of the command line as values; a mistake names the option, what came and what is allowed. */

/** The option is `name`; the message says what came and what is allowed. */
export class BadOption extends Error {
  override readonly name = 'BadOption'
  readonly option: string
  constructor(option: string, message: string) {
    super(`--${option} ${message}`)
    this.option = option
  }
}

export interface Range {
  readonly min: number
  readonly max: number
}

export function number(name: string, text: string, { min, max }: Range): number {
  const value = Number(text.replaceAll('_', ''))
  if (/^[\d._]+$/.test(text) && value >= min && value <= max) return value
  throw new BadOption(name, `is "${shown(text)}"; a number from ${min} to ${max} is allowed`)
}

export function wholeNumber(name: string, text: string, { min, max }: Range): number {
  const value = Number(text.replaceAll('_', ''))
  if (/^[\d._]+$/.test(text) && Number.isInteger(value) && value >= min && value <= max)
    return value
  throw new BadOption(name, `is "${shown(text)}"; a whole number from ${min} to ${max} is allowed`)
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** @param more what else is allowed, for the message. */
export function duration(name: string, text: string, { min, max }: Range, more = ''): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? Number.NaN)
  if (digits !== '' && ms >= min && ms <= max) return Math.round(ms)
  const range = `from ${min} ms to ${max / 3_600_000} h`
  throw new BadOption(
    name,
    `is "${shown(text)}"; a time such as 500ms, 5s, 30m or 2h, ${range}, is allowed${more}`,
  )
}

/** `MIN-MAX`, or one time that is both. */
export function durations(name: string, text: string, range: Range): Range {
  const [from = '', to = from, ...rest] = text.split('-')
  const more = `, or two such as 5m-15m`
  const [min, max] = [duration(name, from, range, more), duration(name, to, range, more)]
  if (rest.length === 0 && min <= max) return { min, max }
  throw new BadOption(name, `is "${shown(text)}"; two times such as 5m-15m, rising, are allowed`)
}

export function choice<Value extends string>(
  name: string,
  text: string,
  values: readonly Value[],
): Value {
  const found = values.find(value => value === text)
  if (found !== undefined) return found
  throw new BadOption(name, `is "${shown(text)}"; ${values.join(' or ')} is allowed`)
}

/** Text that came from outside, on one short line. */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00b7')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}
