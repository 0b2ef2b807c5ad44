/** Answers as the Fetch standard has them. */
import { type GateAnswer, type Through, throughHeaders } from './answer.ts'

/** @param method of the request: an answer to HEAD has no body. */
export function responseOf({ status, headers, body }: GateAnswer, method: string): Response {
  const lines = new Headers()
  for (const [name, value] of headers) lines.append(name, value)
  return new Response(body === '' || method === 'HEAD' ? null : body, { status, headers: lines })
}

/**
 * The showroom's answer with the gate's headers on it. The answer to a WebSocket and an error of the
 * network have none that anybody could set.
 */
export function markedResponse(through: Through, response: Response): Response {
  const { status, headers, body } = response
  const lines = throughHeaders(through, headers)
  if (status < 200 || lines.length === 0) return response
  try {
    for (const [name, value] of lines) headers.set(name, value)
    return response
  } catch {
    // what came by fetch cannot be changed, but copied
    const copy = new Response(body, response)
    for (const [name, value] of lines) copy.headers.set(name, value)
    return copy
  }
}
