/**
 * The function of a viewer response: it does to the showroom's answer what `throughHeaders` of
 * `../answer/answer.ts` does (`test/gate/edge/response-handler.test.ts`). `function-source.ts`
 * makes one file of it. It checks no session: the function of the request has done that.
 */
import { type EdgeConfig, edgeStoreKey, modeIn } from './request/edge-config.ts'
import { isProtected } from './request/paths.ts'
import {
  type CloudFrontModule,
  type EdgeAnswer,
  type EdgeEvent,
  headerOf,
} from './request/runtime.ts'

/** Both stand before the bundle in the built file. */
declare const cf: CloudFrontModule
declare const GATE: EdgeConfig

export async function handler(event: EdgeEvent & { response: EdgeAnswer }): Promise<EdgeAnswer> {
  if (!isProtected(event.request.uri, GATE.protect, GATE.bypass)) return event.response
  let stored: unknown
  try {
    stored = await cf.kvs().get(edgeStoreKey(GATE.room), { format: 'json' })
  } catch {
    // Without a mode in the store a gate is on.
  }
  return marked(event.response, modeIn(stored, Date.now()))
}

/**
 * A gate that is open or off says so. An answer that says nothing of caches is stored by none but the
 * distribution's own, which lies behind the gate.
 */
function marked(answer: EdgeAnswer, mode: 'on' | 'off' | 'open'): EdgeAnswer {
  const headers = answer.headers
  if (mode !== 'on') headers['antichambre-gate'] = { value: mode }
  if (!headers['cache-control']) headers['cache-control'] = { value: 'private, no-store' }
  const vary = headerOf(headers, 'vary')
  const varies = vary.split(',').some(name => /^[ \t]*(?:\*|cookie)[ \t]*$(?!\n)/i.test(name))
  if (!varies) headers.vary = { value: vary === '' ? 'Cookie' : `${vary}, Cookie` }
  return answer
}
