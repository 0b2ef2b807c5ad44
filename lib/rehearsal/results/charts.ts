/** Line charts as SVG that stands in a page: no script, colours from the page's style. */
import { count } from '../measures/statistics.ts'

export interface Line {
  readonly name: string
  /** 1 .. 4: the colour of the page's style. */
  readonly colour: number
  /** One value a second, from `fromSecond` on. */
  readonly values: ArrayLike<number>
  readonly isDashed?: boolean
}

export interface Chart {
  readonly title: string
  /** What it shows, in a sentence, for those who do not see it. */
  readonly says: string
  readonly unit: string
  /** The second that is 0 on the axis, and how many are shown. */
  readonly fromSecond: number
  readonly seconds: number
  readonly lines: readonly Line[]
}

const SIZE = { width: 720, height: 260, left: 64, right: 16, top: 12, bottom: 34 }
/** More points than this no screen shows: neighbours are joined by their greatest. */
const POINTS_MAX = 360

export function chartSvg(chart: Chart): string {
  const { lines, seconds } = chart
  const points = lines.map(line => thinned(line.values, chart))
  const most = Math.max(1e-9, ...points.flat().map(([, value]) => value))
  const top = niceCeil(most)
  const x = (second: number) =>
    SIZE.left + (second / Math.max(1, seconds)) * (SIZE.width - SIZE.left - SIZE.right)
  const y = (value: number) =>
    SIZE.height - SIZE.bottom - (value / top) * (SIZE.height - SIZE.top - SIZE.bottom)
  const paths = lines.map((line, at) => {
    const path = (points[at] ?? [])
      .map(
        ([second, value], nth) => `${nth === 0 ? 'M' : 'L'}${fixed(x(second))} ${fixed(y(value))}`,
      )
      .join('')
    const dash = line.isDashed === true ? ' stroke-dasharray="6 4"' : ''
    return `<path class="c${line.colour}" d="${path}"${dash}/>`
  })
  const rows = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const [value, level] = [top * share, fixed(y(top * share))]
    return `<line class="grid" x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${level}" y2="${level}"/><text x="${SIZE.left - 8}" y="${level}" dy="4" text-anchor="end">${short(value)}</text>`
  })
  const columns = ticks(seconds).map(
    second =>
      `<text x="${fixed(x(second))}" y="${SIZE.height - SIZE.bottom + 18}" text-anchor="middle">${timeText(second, seconds)}</text>`,
  )
  const legend = lines
    .map(({ name, colour, isDashed }) => {
      const kind = `key k${colour}${isDashed === true ? ' dashed' : ''}`
      return `<li><span class="${kind}"></span>${escaped(name)}</li>`
    })
    .join('')
  return `<figure><figcaption><h3>${escaped(chart.title)}</h3><p>${escaped(chart.says)}</p></figcaption>
<ul class="legend">${legend}<li class="unit">${escaped(chart.unit)}</li></ul>
<svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${escaped(`${chart.title}. ${chart.says}`)}">${rows.join('')}${columns.join('')}${paths.join('')}</svg></figure>`
}

function thinned(values: ArrayLike<number>, { fromSecond, seconds }: Chart): [number, number][] {
  const step = Math.max(1, Math.ceil(seconds / POINTS_MAX))
  const points: [number, number][] = []
  for (let second = 0; second < seconds; second += step) {
    let most = 0
    for (let at = second; at < second + step; at++) {
      most = Math.max(most, values[fromSecond + at] ?? 0)
    }
    points.push([second, most])
  }
  return points
}

/** A round number at or above it, in quarters that are round too. */
function niceCeil(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const factor =
    [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].find(one => value <= one * power * (1 + 1e-9)) ?? 10
  return factor * power
}

const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600]

function ticks(seconds: number): number[] {
  const step = STEPS.find(one => seconds / one <= 8) ?? 7_200
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => at * step)
}

function timeText(second: number, seconds: number): string {
  return seconds <= 180 ? `${second} s` : `${Number((second / 60).toFixed(1))} min`
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(2))} M`
  if (value >= 1e4) return `${Number((value / 1e3).toFixed(1))} k`
  return count(Number(value.toPrecision(4)))
}

function fixed(value: number): string {
  return value.toFixed(1)
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
