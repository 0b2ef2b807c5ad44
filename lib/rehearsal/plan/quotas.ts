/** AWS's limits. `--quotas` changes each of them for a rehearsal. */

/** Name, default and where it comes from. Sources: AWS documentation, read on 2026-11-22. */
export const QUOTAS = {
  cdnRequestsPerSecond: { value: 250_000, says: 'CloudFront: requests a second, a distribution' },
  cdnCaches: { value: 13, says: 'CloudFront: regional edge caches, each of which asks by itself' },
  lambdaConcurrency: { value: 1_000, says: 'Lambda: executions at once, an account and region' },
  lambdaEnvironmentsPer10s: {
    value: 1_000,
    says: 'Lambda: new environments of a function in ten seconds',
  },
  lambdaColdStartMs: { value: 375, says: 'Lambda: median of a cold start, Node' },
  lambdaIdleSeconds: { value: 360, says: 'Lambda: an idle environment is thrown away after this' },
  lambdaAdmitReserved: { value: 0, says: 'Lambda: executions kept for the admit function alone' },
  keyWritesPerSecond: { value: 1_000, says: 'DynamoDB: write units a second, a partition key' },
  keyReadsPerSecond: { value: 3_000, says: 'DynamoDB: read units a second, a partition key' },
  tableWritesPerSecond: {
    value: 4_000,
    says: 'DynamoDB: write units a second, a new table',
  },
  tableReadsPerSecond: { value: 12_000, says: 'DynamoDB: read units a second, a new table' },
  tableWritesPerSecondMax: { value: 40_000, says: 'DynamoDB: write units a second, a table' },
  tableReadsPerSecondMax: { value: 40_000, says: 'DynamoDB: read units a second, a table' },
  queueDuplicatesPercent: { value: 0.5, says: 'SQS: messages that come twice' },
} as const

export type QuotaName = keyof typeof QUOTAS
export type Quotas = Readonly<Record<QuotaName, number>>

const names = Object.keys(QUOTAS) as QuotaName[]

const defaultQuotas: Quotas = Object.freeze(
  Object.fromEntries(names.map(name => [name, QUOTAS[name].value])),
) as Quotas

/**
 * Parses `default`, or `name=value,name=value`: those named are changed.
 * @returns the mistake as a text, or the quotas.
 */
export function parseQuotas(text: string): Quotas | string {
  if (text === 'default') return defaultQuotas
  const quotas: Record<QuotaName, number> = { ...defaultQuotas }
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=')
    if (!isQuota(name)) return `no quota "${name}"; ${names.join(', ')} are allowed`
    const number = Number(value.replaceAll('_', ''))
    if (value === '' || rest.length > 0 || !Number.isFinite(number) || number < 0) {
      return `quota ${name} is "${part.slice(name.length + 1)}"; a number of 0 and more is allowed`
    }
    if (number === 0 && !MAY_BE_ZERO.has(name)) return `quota ${name} is 0; more is needed`
    if (number > 1e9) return `quota ${name} is ${value}; at most 1000000000 is allowed`
    if (name === 'cdnCaches' && (!Number.isInteger(number) || number > 1000)) {
      return `quota cdnCaches is ${value}; a whole number from 1 to 1000 is allowed`
    }
    quotas[name] = number
  }
  return quotas
}

const MAY_BE_ZERO = new Set<QuotaName>([
  'lambdaAdmitReserved',
  'queueDuplicatesPercent',
  'lambdaColdStartMs',
])

function isQuota(name: string): name is QuotaName {
  return Object.hasOwn(QUOTAS, name)
}
