/**
 * What a log keeps of a failure: names and codes, never a message, which may hold addresses, tokens or
 * whatever somebody sent (failure mode 42). An object: Lambda writes it as JSON, with level, time and
 * request, and CloudWatch finds its fields (docs/runbook.md).
 */

/** @param what failed, in a word or two. @param facts ids of our own alone. */
export function logFailure(
  what: string,
  error: unknown,
  facts: Readonly<Record<string, string>> = {},
): void {
  console.error({ what, ...signsOf(error), ...facts })
}

function signsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: 'unknown' }
  const { name, code, message, stack = '' } = error as Error & { readonly code?: unknown }
  // Places come after the message, which may have lines of its own that look like one.
  const places = stack.slice(Math.max(0, stack.indexOf(message)) + message.length)
  const at = places.split('\n').find(line => /^\s+at /.test(line))
  return {
    error: name,
    ...(typeof code === 'string' && { code }),
    ...(at !== undefined && { at: at.trim() }),
  }
}
