/** Is the database busy, or the program broken? Told by the error that the AWS SDK threw. */

import { StoreBusyError } from '../port.ts'
import { StoreRefusedError } from './items.ts'

/** DynamoDB throttled, or was never reached: nothing was written. */
const REFUSALS = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])
/** The request was on its way: it may have been carried out. */
const OUTAGES = new Set([
  'InternalServerError',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * The error to throw in place of this one. Where the database is busy that is a `StoreBusyError`
 * without the text of the original, which may hold addresses; otherwise it is the original.
 */
export function asBusy(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, code, status } = signsOf(error)
  if (REFUSALS.has(name) || REFUSALS.has(code) || status === 429) {
    return new StoreRefusedError('the database throttles, or cannot be reached')
  }
  if (OUTAGES.has(name) || OUTAGES.has(code) || status >= 500) {
    return new StoreBusyError('the database is away')
  }
  return error
}

/** By what the AWS SDK and Node mark their errors. */
function signsOf(error: Error & { code?: unknown; $metadata?: { httpStatusCode?: number } }) {
  const { name, code, $metadata } = error
  return {
    name,
    code: typeof code === 'string' ? code : '',
    status: $metadata?.httpStatusCode ?? 0,
  }
}
