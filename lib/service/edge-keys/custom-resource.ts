/**
 * CloudFormation's protocol with a custom resource: an event comes, and the answer is put to an address
 * in it. Without an answer the deployment waits until CloudFormation's own time limit.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
import * as z from 'zod/mini'

export const resourceEventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  ResourceProperties: z.record(z.string(), z.unknown()),
})
export type ResourceEvent = z.infer<typeof resourceEventSchema>

export type ResourceOutcome =
  | { readonly status: 'done'; readonly id: string }
  /** @param why is shown to everybody who may look at the stack. */
  | { readonly status: 'failed'; readonly id: string; readonly why: string }

/** How often, and how long each time, CloudFormation is told. */
export const ANSWER_TRIES_MAX = 3
const ANSWER_TIMEOUT_MS = 5_000

/**
 * Tells CloudFormation what came of it.
 * @throws Error when it could not be told: Lambda then sends the event again.
 */
export async function answerResource(
  event: ResourceEvent,
  outcome: ResourceOutcome,
  sleep: (ms: number) => Promise<unknown>,
): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event
  const told = outcome.status === 'done' ? { Status: 'SUCCESS' } : failure(outcome.why)
  const answer = { ...told, PhysicalResourceId: outcome.id, StackId, RequestId, LogicalResourceId }
  // Bytes, because `fetch` adds a content type to a text, and the address was signed without one.
  const body = new TextEncoder().encode(JSON.stringify(answer))
  for (let tries = 1; tries <= ANSWER_TRIES_MAX; tries++) {
    if (await isPut(ResponseURL, body)) return
    await sleep(1_000 * tries)
  }
  throw new Error('CloudFormation could not be told')
}

function failure(Reason: string) {
  return { Status: 'FAILED', Reason }
}

async function isPut(url: string, body: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
    return (await fetch(url, { method: 'PUT', body, signal })).ok
  } catch {
    return false
  }
}
