/** Requests to DynamoDB, and what their errors say of what was written. */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { StoreBusyError } from '../port.ts'
import { asBusy } from './busy.ts'
import { StoreRefusedError } from './items.ts'

type Middleware = <Args, Answer>(
  next: (args: Args) => Promise<Answer>,
) => (args: Args) => Promise<Answer>

/** A command that writes. */
interface Write {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: 'finalizeRequest'; name: string }): void
  }
}

export interface Failed {
  readonly status: 'condition-failed'
  /** Was the request sent more than once? */
  readonly isRetry: boolean
}

export async function answerOf<Answer>(request: Promise<Answer>): Promise<Answer> {
  return request.catch((error: unknown) => {
    throw asBusy(error)
  })
}

/**
 * Sends a write. The SDK sends it again after an error that it knows to be temporary.
 * @param options `atMostOnce`: it is not sent again where the database may have taken it.
 * @throws StoreRefusedError when the database took none of the attempts.
 */
export async function writeOf<Answer>(
  write: Write,
  send: () => Promise<Answer>,
  options: { readonly atMostOnce?: boolean } = {},
): Promise<{ status: 'written'; answer: Answer } | Failed> {
  const attempts = watch(write, options)
  try {
    return { status: 'written', answer: await send() }
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { status: 'condition-failed', isRetry: (error.$metadata.attempts ?? 1) > 1 }
    }
    const busy = asBusy(error)
    const mayBeWritten = busy instanceof StoreRefusedError && attempts.mayBeWritten
    throw mayBeWritten ? new StoreBusyError('the database is away') : busy
  }
}

/** Notes what the SDK forgets: that an earlier attempt than the last may have been carried out. */
function watch(
  write: Write,
  { atMostOnce = false }: { readonly atMostOnce?: boolean },
): { readonly mayBeWritten: boolean } {
  const attempts = { mayBeWritten: false }
  write.middlewareStack.add(
    next => args =>
      next(args).catch((error: unknown) => {
        const busy = asBusy(error)
        if (busy instanceof StoreRefusedError) throw error
        attempts.mayBeWritten = true
        // The SDK sends a request again after an error of its own, but not after one of ours.
        throw atMostOnce ? busy : error
      }),
    { step: 'finalizeRequest', name: 'watchAttempts' },
  )
  return attempts
}
