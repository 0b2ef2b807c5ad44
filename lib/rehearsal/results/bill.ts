/** What a rehearsed sale costs, and what the stack costs while nobody waits. */
import { FUNCTION_NAMES, type FunctionName, type Measures } from '../measures/measures.ts'
import { rounded, sum } from '../measures/statistics.ts'

/** When the price lists were read: us-east-1, US dollars, without any free tier. */
const PRICES_READ = '2026-11-22'
const PRICES_OF = 'us-east-1, USD, no free tier'

const PRICES = {
  cdnRequest: 1 / 1e6,
  egressGigabyte: 0.085,
  edgeFunctionRun: 0.1 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  queueRequest: 0.4 / 1e6,
  logGigabyte: 0.5,
  secretMonth: 0.4,
} as const

/** As lib/constructs/functions/room-functions.ts gives it. */
const MEMORY_GIGABYTES: Record<FunctionName, number> = {
  visitor: 0.5,
  admit: 0.5,
  clock: 0.25,
  departures: 0.5,
  operator: 0.25,
}
/** Lambda's own lines for an invocation. */
const LOG_BYTES = 400

export interface BillLine {
  readonly what: string
  readonly count: number
  readonly unit: string
  readonly usd: number
}

export interface Bill {
  readonly lines: readonly BillLine[]
  readonly totalUsd: number
  readonly pricesRead: string
  readonly pricesOf: string
}

export function billOf(measures: Measures): Bill {
  const { totals, functions, series } = measures
  const cdnRequests = sum(series.cdnRequests)
  const invocations = FUNCTION_NAMES.reduce((all, name) => all + functions[name].invocations, 0)
  const gigabyteSeconds = FUNCTION_NAMES.reduce(
    (all, name) => all + (functions[name].billedMs / 1000) * MEMORY_GIGABYTES[name],
    0,
  )
  return summed([
    line('CloudFront requests', cdnRequests, 'requests', PRICES.cdnRequest),
    line('CloudFront data out', totals.egressBytes / 1e9, 'GB', PRICES.egressGigabyte),
    line('CloudFront Functions', totals.cdnFunctionRuns, 'runs', PRICES.edgeFunctionRun),
    line('Lambda requests', invocations, 'requests', PRICES.lambdaRequest),
    line('Lambda time', gigabyteSeconds, 'GB-s', PRICES.lambdaGigabyteSecond),
    line('DynamoDB writes', totals.writeUnits, 'units', PRICES.writeUnit),
    line('DynamoDB reads', totals.readUnits, 'units', PRICES.readUnit),
    line('SQS', totals.queueRequests, 'requests', PRICES.queueRequest),
    line('CloudWatch logs', (invocations * LOG_BYTES) / 1e9, 'GB', PRICES.logGigabyte),
  ])
}

const MONTH_MINUTES = 43_800
/** Pollers that Lambda keeps for a queue, each asking for 20 seconds at a time. */
const POLLERS = 5
const POLLS_PER_MINUTE = 3
const QUEUES = 2
const CLOCK_MS = 15

/** A month in which nobody comes. */
export function idleBill(): Bill {
  const polls = QUEUES * POLLERS * POLLS_PER_MINUTE * MONTH_MINUTES
  const clockSeconds = (MONTH_MINUTES * CLOCK_MS * MEMORY_GIGABYTES.clock) / 1000
  return summed([
    line('Secrets Manager', 1, 'secret', PRICES.secretMonth),
    line('SQS, asked by Lambda for messages', polls, 'requests', PRICES.queueRequest),
    line('Lambda requests (clock)', MONTH_MINUTES, 'requests', PRICES.lambdaRequest),
    line('Lambda time (clock)', clockSeconds, 'GB-s', PRICES.lambdaGigabyteSecond),
    line('DynamoDB reads (clock)', MONTH_MINUTES, 'units', PRICES.readUnit),
    line('CloudWatch logs', (MONTH_MINUTES * LOG_BYTES) / 1e9, 'GB', PRICES.logGigabyte),
  ])
}

function line(what: string, count: number, unit: string, price: number): BillLine {
  return { what, count: rounded(count, 3), unit, usd: rounded(count * price, 4) }
}

function summed(lines: BillLine[]): Bill {
  const totalUsd = rounded(
    lines.reduce((total, { usd }) => total + usd, 0),
    2,
  )
  return { lines, totalUsd, pricesRead: PRICES_READ, pricesOf: PRICES_OF }
}
