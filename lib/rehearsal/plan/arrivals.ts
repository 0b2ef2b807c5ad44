/** When the visitors come: evenly, or as a file says in rows of `secondsFromStart,visitors`. */
import type { Chance } from '../time/chance.ts'
import { BadOption, type Bounds, shown } from './option-values.ts'

/** Visitors who come evenly within a stretch of time. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  readonly visitors: number
}

/** The first visitor comes this long after the rehearsal begins: time for a room to fall asleep. */
export const FIRST_MS = 90_000

/** Everybody's time, evenly within their stretch, by chance. */
export function arrivalTimes(arrivals: readonly Stretch[], chance: Chance): Int32Array {
  const times = new Int32Array(arrivals.reduce((sum, { visitors }) => sum + visitors, 0))
  let visitor = 0
  for (const { fromMs, toMs, visitors } of arrivals) {
    for (let one = 0; one < visitors; one++) {
      times[visitor++] = FIRST_MS + fromMs + Math.floor(chance() * (toMs - fromMs))
    }
  }
  return times.sort()
}

/** Does `--arrive` name a file? */
export function isArrivalsFile(text: string): boolean {
  return /\.csv$/i.test(text)
}

/** How many bad rows are named. */
const BAD_ROWS_MAX = 10
/** The last row's people come as evenly as those of the row before; in this time if there is none. */
const LAST_SPAN_MS = 1_000

/**
 * So many come from a row's time until the next row's.
 * @throws BadOption naming every bad row.
 */
export function parseArrivals(
  text: string,
  file: string,
  bounds: { readonly visitors: Bounds; readonly waitMs: Bounds },
): readonly Stretch[] {
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
          : !(seconds !== undefined && seconds >= 0 && seconds * 1000 <= bounds.waitMs.max)
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
    const named = bad.slice(0, BAD_ROWS_MAX).join('; ')
    throw new BadOption('arrive', `: ${shown(file)} has bad rows: ${named}${more}; ${allowed}`)
  }
  const total = rows.reduce((sum, row) => sum + row.visitors, 0)
  const { min, max } = bounds.visitors
  if (total < min || total > max) {
    throw new BadOption(
      'arrive',
      `: ${shown(file)} has ${total} visitors in ${rows.length} rows; ${min} to ${max} are allowed; ${allowed}`,
    )
  }
  return rows.map(({ fromMs, visitors }, at) => {
    const previous = rows[at - 1]
    const lastSpanMs = previous === undefined ? LAST_SPAN_MS : fromMs - previous.fromMs
    return { fromMs, toMs: rows[at + 1]?.fromMs ?? fromMs + lastSpanMs, visitors }
  })
}

function isHeader(line: string): boolean {
  return /^\s*[a-z]/i.test(line)
}
