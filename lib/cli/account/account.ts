/** Calls to the AWS account of a deployment. Without credentials the error says what to do. */
import { type Account, type CliError, refused, unusable } from '../shared/command.ts'
import { printable } from '../shared/text.ts'

export const awsAccount: Account = {
  async secret(secretId) {
    const { secretVersions } = await import('../../keys/secret-versions.ts')
    return secretVersions(secretId)
  },
  async warmWrites(table) {
    const { warmWrites } = await import('../../store/dynamodb/warmth.ts')
    return warmWrites(table)
  },
  async edgeStore(arn) {
    const { keyValueStore } = await import('../../keys/key-value-store.ts')
    return keyValueStore(arn)
  },
}

/** Runs a call to AWS. @throws CliError `no-account`, or another one with what AWS answered. */
export async function askAws<Value>(what: string, call: () => Promise<Value>): Promise<Value> {
  try {
    return await call()
  } catch (error) {
    throw awsError(error, what)
  }
}

/** An error that has nothing to do with AWS stays as it is. */
function awsError(error: unknown, what: string): CliError | unknown {
  if (!(error instanceof Error)) return error
  const { name, message } = error
  if (name === 'CredentialsProviderError') return noAccount('there are no AWS credentials', SIGN_IN)
  if (/region (?:is missing|not accepted)/i.test(message)) {
    return noAccount('no region is set: give the ARN, or AWS_REGION')
  }
  if (['ExpiredTokenException', 'UnrecognizedClientException'].includes(name)) {
    return noAccount('these AWS credentials are not, or no longer, good', SIGN_IN)
  }
  if (name === 'ResourceNotFoundException') {
    return refused('not-found', `${what}: there is none in this account and region`)
  }
  if (name === 'AccessDeniedException') {
    return refused('access-denied', `${what}: these AWS credentials may not use it`)
  }
  if (!('$metadata' in error)) return error
  // Without an answer the error has a code of Node's, such as ECONNREFUSED.
  if ('$response' in error) return refused('aws-error', `${what}: AWS answered ${printable(name)}`)
  const why = 'code' in error ? String(error.code) : name
  return refused('unreachable', `${what}: AWS cannot be reached from here (${printable(why)})`)
}

const SIGN_IN = ': sign in (aws sso login), or set AWS_PROFILE'

function noAccount(why: string, todo = ''): CliError {
  return unusable('no-account', `${why}; this needs the AWS account of the deployment${todo}`)
}
