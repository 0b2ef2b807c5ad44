/** What is counted while a rehearsal runs. */

/** Where something can give way. */
export const COMPONENTS = [
  'cdn',
  'lambdaRequests',
  'lambdaScaling',
  'lambdaConcurrency',
  'databaseKey',
  'databaseTable',
  'databaseFault',
] as const
export type Component = (typeof COMPONENTS)[number]

export type FunctionName = 'visitor' | 'admit' | 'clock' | 'departures' | 'operator'
export const FUNCTION_NAMES: readonly FunctionName[] = [
  'visitor',
  'admit',
  'clock',
  'departures',
  'operator',
]

/** Counted each second. */
const SERIES = [
  'arrivals',
  'tickets',
  'entries',
  'cdnRequests',
  'behindRequests',
  'writeUnits',
  'front',
  'tail',
  /** People in the showroom. */
  'inside',
] as const
export type SeriesName = (typeof SERIES)[number]

export interface Throttle {
  count: number
  firstMs: number
  lastMs: number
  /** Stretches of `SLOT_MS` in which it happened at least once. */
  slots: Set<number>
  perSecond: Int32Array
}

/** "Throttled for a second in all" is counted in stretches this long. */
const SLOT_MS = 100

export interface Measures {
  readonly series: Readonly<Record<SeriesName, Float64Array>>
  readonly throttles: Readonly<Record<Component, Throttle>>
  readonly functions: Readonly<Record<FunctionName, { invocations: number; billedMs: number }>>
  readonly totals: {
    writeUnits: number
    readUnits: number
    queueRequests: number
    coldStarts: number
    egressBytes: number
    cdnFunctionRuns: number
    pageRequests: number
  }
  count(name: SeriesName, nowMs: number, count?: number): void
  throttled(component: Component, nowMs: number): void
  accessed(kind: 'read' | 'write', units: number, nowMs: number): void
  /** Lease writes by cohort. */
  readonly leases: Map<number, number>
}

export function createMeasures(seconds: number): Measures {
  const length = seconds + 2
  const series = record(SERIES, () => new Float64Array(length))
  const throttles = record(COMPONENTS, () => ({
    count: 0,
    firstMs: 0,
    lastMs: 0,
    slots: new Set<number>(),
    perSecond: new Int32Array(length),
  }))
  const totals = {
    writeUnits: 0,
    readUnits: 0,
    queueRequests: 0,
    coldStarts: 0,
    egressBytes: 0,
    cdnFunctionRuns: 0,
    pageRequests: 0,
  }
  const leases = new Map<number, number>()
  return {
    series,
    throttles,
    leases,
    functions: record(FUNCTION_NAMES, () => ({ invocations: 0, billedMs: 0 })),
    totals,
    count(name, nowMs, count = 1) {
      const second = Math.floor(nowMs / 1000)
      const list = series[name]
      list[second] = (list[second] ?? 0) + count
    },
    throttled(component, nowMs) {
      const throttle = throttles[component]
      if (throttle.count === 0) throttle.firstMs = nowMs
      throttle.count++
      throttle.lastMs = nowMs
      throttle.slots.add(Math.floor(nowMs / SLOT_MS))
      const second = Math.floor(nowMs / 1000)
      throttle.perSecond[second] = (throttle.perSecond[second] ?? 0) + 1
    },
    accessed(kind, units, nowMs) {
      if (kind === 'read') {
        totals.readUnits += units
        return
      }
      totals.writeUnits += units
      this.count('writeUnits', nowMs, units)
    },
  }
}

/** In how many seconds, counted by tenths, any of these throttled. */
export function throttledSeconds(measures: Measures, components: readonly Component[]): number {
  const slots = new Set<number>()
  for (const component of components) {
    for (const slot of measures.throttles[component].slots) slots.add(slot)
  }
  return (slots.size * SLOT_MS) / 1000
}

export function record<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map(name => [name, make(name)])) as Record<Name, Value>
}
