/** Headers that depend on those of the showroom's own answer: set when Node is about to send them. */
import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http'

type Given = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * Every answer of Node's passes `writeHead` once: `end`, `write` and `flushHeaders` call it by themselves.
 * @param more gets the answer's cache-control and vary, and gives the headers to set besides.
 */
export function beforeHead(
  response: ServerResponse,
  more: (headers: Headers) => Iterable<readonly [name: string, value: string]>,
): void {
  const writeHead = response.writeHead.bind(response)
  response.writeHead = (status: number, reason?: string | Given, given?: Given) => {
    if (response.headersSent) return writeHead(status)
    response.writeHead = writeHead
    const headers = typeof reason === 'string' ? given : reason
    if (headers !== undefined) setAll(response, headers)
    for (const [name, value] of more(cachingOf(response))) response.setHeader(name, value)
    return typeof reason === 'string' ? writeHead(status, reason) : writeHead(status)
  }
}

/** What comes with the head replaces what was set before, as Node does it (`test/gate/node.test.ts`). */
function setAll(response: ServerResponse, given: Given): void {
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) {
      if (value !== undefined) response.setHeader(name, value)
    }
    return
  }
  const pairs = pairsOf(given)
  for (const [name] of pairs) response.removeHeader(name)
  for (const [name, value] of pairs) response.appendHeader(name, value)
}

/** Names and values by turns. */
function pairsOf(list: readonly OutgoingHttpHeader[]): [string, string | readonly string[]][] {
  const values = list.map(value => (typeof value === 'number' ? String(value) : value))
  return values.flatMap((name, at) => {
    const value = values[at + 1]
    return at % 2 === 0 && value !== undefined ? [[String(name), value]] : []
  })
}

function cachingOf(response: ServerResponse): Headers {
  const headers = new Headers()
  for (const name of ['cache-control', 'vary']) {
    const value = response.getHeader(name)
    if (value !== undefined) headers.set(name, String(value))
  }
  return headers
}
