/** The built function as a gate under test. */

import { edgeConfig } from '../../../lib/gate/edge/edge-options.ts'
import { edgeRequestSource } from '../../../lib/gate/edge/function-source.ts'
import { type EdgeStored, edgeStoreKey } from '../../../lib/gate/edge/request/edge-config.ts'
import type { EdgeAnswer, EdgeRequest } from '../../../lib/gate/edge/request/runtime.ts'
import type { GateMode, GateOptions } from '../../../lib/gate/options/options.ts'
import type { SigningKey } from '../../../lib/queue/tokens/token.ts'
import { answered, type Gate, type GateCall, type Wire } from '../wire.ts'
import { type EdgeFunction, edgeFunction, viewerRequest } from './runtime.ts'

/** What a deployment puts into the store. */
export function stored(keys: readonly SigningKey[], mode: GateMode = 'on'): EdgeStored {
  return {
    keys: keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret).toString('base64url') })),
    mode,
  }
}

export function edgeSource(options: GateOptions): string {
  const { keys: _, mode: __, hasDeparted: ___, secureCookies: ____, ...edge } = options
  return edgeRequestSource(edgeConfig(edge))
}

const functions = new Map<string, EdgeFunction>()

/** The same source is the same function. */
export function functionOf(options: GateOptions): EdgeFunction {
  const source = edgeSource(options)
  const known = functions.get(source) ?? edgeFunction(source)
  functions.set(source, known)
  return known
}

export const edgeGate: Gate = async call => {
  const event = viewerRequest(call.request)
  const answer = await functionOf(call.options).handler(event, worldOf(call))
  return wireOf(call, answer)
}

export function worldOf({ options, nowMs }: GateCall) {
  const { keys, mode = 'on' } = options
  const value = stored(
    typeof keys === 'function' ? keys() : keys,
    typeof mode === 'function' ? mode() : mode,
  )
  return { nowMs, store: { [edgeStoreKey(options.room)]: JSON.stringify(value) } }
}

export function wireOf({ request }: GateCall, answer: EdgeRequest | EdgeAnswer): Wire {
  if (!('statusCode' in answer)) {
    const via = answer.headers['antichambre-gate']?.value ?? 'unprotected'
    const ticketId = via === 'unprotected' ? undefined : answer.headers['antichambre-ticket']?.value
    return { status: 'through', via, ...(ticketId === undefined ? {} : { ticketId }) }
  }
  return answered(request, {
    status: answer.statusCode,
    header: name => answer.headers[name]?.value,
    cookies: Object.entries(answer.cookies ?? {}).map(
      ([name, { value, attributes }]) => `${name}=${value}; ${attributes}`,
    ),
    body: answer.body?.data ?? '',
  })
}
