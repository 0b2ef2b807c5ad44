/** From the words of the command line to what is rehearsed; a mistake names the option. */
import { CAPACITY, RATE_PER_MINUTE, STOCK } from '../queue/limits.ts'
import { defaultQuotas, parseQuotas, type Quotas } from './quotas.ts'

/** What is rehearsed. */
export interface Plan {
  readonly visitors: number
  /** Visitors in each stretch of arrivals, from the first arrival on. */
  readonly arrivals: readonly {
    readonly fromMs: number
    readonly toMs: number
    readonly visitors: number
  }[]
  /** The sale opens this long after the first arrival; null: it was open before. */
  readonly opensMs: number | null
  /** The rehearsal goes on for this long after the first arrival. */
  readonly waitMs: number
  readonly stock: number | null
  /** All is sold this long after the opening (or the first arrival); null: when the stock is bought. */
  readonly soldInMs: number | null
  readonly ratePerMinute: number
  readonly capacity: number | null
  readonly windowSeconds: number
  readonly noShow: number
  readonly botShare: number
  readonly isMixed: boolean
  readonly quotas: Quotas
  readonly faults: 'none' | 'all'
  readonly seed: number
}

export const BOUNDS = {
  visitors: { min: 1, max: 5_000_000 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  waitMs: { min: 1_000, max: 6 * 3_600_000 },
} as const

/** The option is `name`; the message says what came and what is allowed. */
export class BadOption extends Error {
  override readonly name = 'BadOption'
  readonly option: string
  constructor(option: string, message: string) {
    super(`--${option} ${message}`)
    this.option = option
  }
}

/** @param arriveText the content of the file, where `arrive` names one. */
export function parsePlan(
  options: Readonly<Record<string, string | undefined>>,
  arriveText: string | undefined,
): Plan {
  const given = (name: string) => options[name]
  const whole = (name: string, fallback: number, { min, max }: Range) =>
    number(name, given(name), fallback, min, max, true)
  const arrivals =
    arriveText === undefined
      ? [
          {
            fromMs: 0,
            toMs: duration('arrive', given('arrive') ?? '5s', 1, BOUNDS.waitMs.max),
            visitors: whole('visitors', 10_000, BOUNDS.visitors),
          },
        ]
      : parseArrivals(arriveText, given('arrive') ?? '')
  const visitors = arrivals.reduce((sum, { visitors }) => sum + visitors, 0)
  if (arriveText !== undefined && given('visitors') !== undefined) {
    throw new BadOption('visitors', `came beside a file of arrivals, which has ${visitors} itself`)
  }
  const quotas = parseQuotas(given('quotas') ?? 'default')
  if (typeof quotas === 'string') throw new BadOption('quotas', `: ${quotas}`)
  const nullable = (name: string, range: Range) =>
    given(name) === undefined ? null : whole(name, 0, range)
  const span = (name: string, min: number) => {
    const text = given(name)
    return text === undefined ? null : duration(name, text, min, BOUNDS.waitMs.max)
  }
  return {
    visitors,
    arrivals,
    opensMs: span('opens', 0),
    waitMs: duration('wait', given('wait') ?? '30m', BOUNDS.waitMs.min, BOUNDS.waitMs.max),
    stock: nullable('stock', { min: 1, max: STOCK.max }),
    soldInMs: span('sold-in', 0),
    ratePerMinute: whole('rate', RATE_PER_MINUTE.default, RATE_PER_MINUTE),
    capacity: nullable('capacity', CAPACITY),
    windowSeconds: whole('window', 5, { min: 1, max: 60 }),
    noShow: number('no-show', given('no-show'), 0.4, 0, 1, false),
    botShare: number('bots', given('bots'), 0.0005, 0, 0.5, false),
    isMixed: choice('crowd', given('crowd') ?? 'mixed', ['mixed', 'plain']) === 'mixed',
    quotas: quotas ?? defaultQuotas,
    faults: choice('faults', given('faults') ?? 'none', ['none', 'all']),
    seed: whole('seed', 1, BOUNDS.seed),
  }
}

/** Does `--arrive` name a file? */
export function isArrivalsFile(text: string): boolean {
  return /\.csv$/i.test(text)
}

interface Range {
  readonly min: number
  readonly max: number
}

function number(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
  isWhole: boolean,
): number {
  if (text === undefined) return fallback
  const value = Number(text.replaceAll('_', ''))
  const isGood = /^[\d._]+$/.test(text) && value >= min && value <= max
  if (isGood && (!isWhole || Number.isInteger(value))) return value
  const kind = isWhole ? 'a whole number' : 'a number'
  throw new BadOption(name, `is "${shown(text)}"; ${kind} from ${min} to ${max} is allowed`)
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function duration(name: string, text: string, min: number, max: number): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS_MS[unit as keyof typeof UNITS_MS] ?? Number.NaN)
  if (digits !== '' && ms >= min && ms <= max) return Math.round(ms)
  const file = name === 'arrive' ? ', or a file.csv' : ''
  const range = `from ${min} ms to ${max / 3_600_000} h`
  throw new BadOption(
    name,
    `is "${shown(text)}"; a time such as 500ms, 5s, 30m or 2h, ${range}, is allowed${file}`,
  )
}

function choice<Value extends string>(name: string, text: string, values: readonly Value[]): Value {
  const found = values.find(value => value === text)
  if (found !== undefined) return found
  throw new BadOption(name, `is "${shown(text)}"; ${values.join(' or ')} is allowed`)
}

function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00b7')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}

/** How many bad rows are named. */
const BAD_ROWS_MAX = 10

/** Rows of `secondsFromStart,visitors`: so many come from then until the next row's time. */
export function parseArrivals(text: string, file: string): Plan['arrivals'] {
  const bad: string[] = []
  const rows: { fromMs: number; visitors: number }[] = []
  text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((line, at) => {
      if (line.trim() === '' || (rows.length === 0 && bad.length === 0 && isHeader(line))) return
      const cells = line.split(',').map(cell => cell.trim())
      const [seconds, visitors] = cells.map(cell => (cell === '' ? Number.NaN : Number(cell)))
      const previousMs = rows.at(-1)?.fromMs ?? -1
      const fault =
        cells.length !== 2
          ? `${cells.length} columns`
          : !(seconds !== undefined && seconds >= 0 && seconds * 1000 <= BOUNDS.waitMs.max)
            ? `seconds "${shown(cells[0] ?? '')}"`
            : !(Number.isInteger(visitors) && (visitors ?? -1) >= 0)
              ? `visitors "${shown(cells[1] ?? '')}"`
              : seconds * 1000 <= previousMs
                ? `seconds ${seconds} not after the row before`
                : undefined
      if (fault !== undefined) bad.push(`line ${at + 1}: ${fault}`)
      else rows.push({ fromMs: Math.round((seconds ?? 0) * 1000), visitors: visitors ?? 0 })
    })
  const allowed =
    'rows of secondsFromStart,visitors are allowed: seconds from 0 on, rising; whole visitors'
  if (bad.length > 0) {
    const more = bad.length > BAD_ROWS_MAX ? `; and ${bad.length - BAD_ROWS_MAX} more` : ''
    const list = bad.slice(0, BAD_ROWS_MAX).join('; ')
    throw new BadOption('arrive', `: ${shown(file)} has bad rows: ${list}${more}; ${allowed}`)
  }
  const total = rows.reduce((sum, row) => sum + row.visitors, 0)
  const { min, max } = BOUNDS.visitors
  if (total < min || total > max) {
    throw new BadOption(
      'arrive',
      `: ${shown(file)} has ${total} visitors in ${rows.length} rows; ${min} to ${max} are allowed; ${allowed}`,
    )
  }
  return rows.map(({ fromMs, visitors }, at) => {
    const previous = rows[at - 1]
    const lastSpanMs = previous === undefined ? 1_000 : fromMs - previous.fromMs
    return { fromMs, toMs: rows[at + 1]?.fromMs ?? fromMs + lastSpanMs, visitors }
  })
}

function isHeader(line: string): boolean {
  return /^\s*[a-z]/i.test(line)
}
