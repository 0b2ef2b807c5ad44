/** From the words of the command line to what is rehearsed. */
import {
  ARRIVAL_WINDOW_SECONDS,
  CAPACITY,
  RATE_PER_MINUTE,
  SESSION_SECONDS,
  STOCK,
  TURN_SECONDS,
} from '../../queue/limits.ts'
import { parseArrivals, type Stretch } from './arrivals.ts'
import {
  BadOption,
  type Bounds,
  choice,
  decimalNumber,
  duration,
  durations,
  wholeNumber,
} from './option-values.ts'
import { parseQuotas, type Quotas } from './quotas.ts'

/** What is rehearsed. */
export interface Plan {
  readonly visitors: number
  /** Visitors in each stretch of arrivals, from the first arrival on. */
  readonly arrivals: readonly Stretch[]
  /** The sale opens this long after the first arrival; null: it was open before. */
  readonly opensMs: number | null
  /** The rehearsal goes on for this long after the first arrival. */
  readonly waitMs: number
  readonly stock: number | null
  /**
   * All is to be sold this long after the opening (or the first arrival). With a stock it shapes the
   * sale, see `shaped`; without one the operator says then that nothing is left.
   */
  readonly soldInMs: number | null
  readonly ratePerMinute: number
  readonly capacity: number | null
  readonly windowSeconds: number
  readonly turnSeconds: number
  /** The share of those let in who never walk in, besides those whom phone or network keeps away. */
  readonly noShow: number
  /** The share of those who walk in that buys while there is something. */
  readonly buyers: number
  /** From walking in to paying, or to leaving: evenly between these. */
  readonly stayMs: Bounds
  /** The share of those who leave without buying of whom the showroom tells. */
  readonly told: number
  /** Which of these `--sold-in` chose. */
  readonly chosen: readonly ('opens' | 'rate' | 'session')[]
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
  stayMs: { min: 100, max: SESSION_SECONDS.max * 1_000 },
} as const

const VISITORS = 10_000
/** Of those who walk in. Assumed. */
const BUYERS = 0.4
/** In a sale of goods people decide quickly; where seats are counted they use them. Assumed. */
const STAY_MS = { min: 4_000, max: 40_000 }
const SEATED_MS = { min: 300_000, max: 900_000 }
const SEATED_TURN_SECONDS = 300
const WAIT_MS = { default: 30 * 60_000, seated: 40 * 60_000 }

/** @param arriveText the content of the file, where `arrive` names one. */
export function parsePlan(
  options: Readonly<Record<string, string | undefined>>,
  arriveText: string | undefined,
): Plan {
  const given = (name: string) => options[name]
  const nullable = (name: string, range: Bounds) => {
    const text = given(name)
    return text === undefined ? null : wholeNumber(name, text, range)
  }
  const whole = (name: string, fallback: number, range: Bounds) => nullable(name, range) ?? fallback
  const share = (name: string, fallback: number, max = 1) => {
    const text = given(name)
    return text === undefined ? fallback : decimalNumber(name, text, { min: 0, max })
  }
  const span = (name: string, min: number, more = '') => {
    const text = given(name)
    return text === undefined ? null : duration(name, text, { ...BOUNDS.waitMs, min }, more)
  }

  const arrivals = arrivalsOf(options, arriveText)
  const quotas = parseQuotas(given('quotas') ?? 'default')
  if (typeof quotas === 'string') throw new BadOption('quotas', `: ${quotas}`)
  const capacity = nullable('capacity', CAPACITY)
  const stock = nullable('stock', { min: 1, max: STOCK.max })
  const soldInMs = span('sold-in', 0)
  const noShow = share('no-show', 0)
  const buyers = share('buyers', BUYERS)
  const shape =
    stock === null || soldInMs === null
      ? null
      : shaped(stock, soldInMs, buyers * (1 - noShow), arrivals.at(-1)?.toMs ?? 0)

  const isOpen = given('opens') === 'before'
  const opensMs = isOpen ? null : span('opens', 0, ', or "before"')
  const session = given('session')
  const stayMs = session === undefined ? null : durations('session', session, BOUNDS.stayMs)
  const isSeated = capacity !== null
  return {
    visitors: arrivals.reduce((sum, { visitors }) => sum + visitors, 0),
    arrivals,
    opensMs: opensMs ?? (isOpen ? null : (shape?.opensMs ?? null)),
    waitMs: span('wait', BOUNDS.waitMs.min) ?? (isSeated ? WAIT_MS.seated : WAIT_MS.default),
    stock,
    soldInMs,
    ratePerMinute: whole('rate', shape?.ratePerMinute ?? RATE_PER_MINUTE.default, RATE_PER_MINUTE),
    capacity,
    windowSeconds: whole('window', ARRIVAL_WINDOW_SECONDS.default, ARRIVAL_WINDOW_SECONDS),
    turnSeconds: whole('turn', isSeated ? SEATED_TURN_SECONDS : TURN_SECONDS.default, TURN_SECONDS),
    noShow,
    buyers,
    stayMs: stayMs ?? shape?.stayMs ?? (isSeated ? SEATED_MS : STAY_MS),
    told: share('told', 1),
    chosen:
      shape === null
        ? []
        : (['opens', 'rate', 'session'] as const).filter(name => given(name) === undefined),
    botShare: share('bots', 0.0005, 0.5),
    isMixed: choice('crowd', given('crowd') ?? 'mixed', ['mixed', 'plain']) === 'mixed',
    quotas,
    faults: choice('faults', given('faults') ?? 'none', ['none', 'all']),
    seed: whole('seed', 1, BOUNDS.seed),
  }
}

/** People stand in line before a sale that is over in seconds: it opens so long after the last came. */
const GATHER_MS = 60_000
/** Shares of the time in which all is sold: until somebody inside decides, and of letting people in. */
const DECIDE_SHARE = { min: 0.05, max: 0.25 }
const LET_IN_SHARE = 0.65
const DECIDE_MS_MIN = 500

/**
 * A sale that sells out after a time: as many buyers as there are goods are let in over most of it,
 * and decide within the rest.
 * @param buyShare of the places let in.
 */
function shaped(stock: number, soldInMs: number, buyShare: number, lastArrivalMs: number) {
  const perMinute = (stock / Math.max(buyShare, 0.001) / (LET_IN_SHARE * soldInMs)) * 60_000
  const decide = (share: number) => Math.max(DECIDE_MS_MIN, Math.round(share * soldInMs))
  return {
    opensMs: lastArrivalMs + GATHER_MS,
    ratePerMinute: Math.min(RATE_PER_MINUTE.max, Math.max(1, Math.ceil(perMinute))),
    stayMs: { min: decide(DECIDE_SHARE.min), max: decide(DECIDE_SHARE.max) },
  }
}

function arrivalsOf(
  options: Readonly<Record<string, string | undefined>>,
  arriveText: string | undefined,
): readonly Stretch[] {
  const { arrive, visitors: text } = options
  if (arriveText === undefined) {
    const visitors = text === undefined ? VISITORS : wholeNumber('visitors', text, BOUNDS.visitors)
    const more = ', or a file.csv'
    const toMs = duration('arrive', arrive ?? '5s', { ...BOUNDS.waitMs, min: 1 }, more)
    return [{ fromMs: 0, toMs, visitors }]
  }
  const arrivals = parseArrivals(arriveText, arrive ?? '', BOUNDS)
  const visitors = arrivals.reduce((sum, { visitors }) => sum + visitors, 0)
  if (text === undefined) return arrivals
  throw new BadOption('visitors', `came beside a file of arrivals, which has ${visitors} itself`)
}
