/**
 * The function of a viewer response: what `throughHeaders` of `../answer/answer.ts` does, on the showroom's
 * answer behind the edge. `build.ts` makes one file of it. It proves nothing and holds nobody up: that
 * was the other function's work.
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
    // A gate that has no word of its mode is on.
  }
  return told(event.response, modeIn(stored, Date.now()))
}

/**
 * An open gate says so. An answer behind a session that says nothing of caches is kept by none but the
 * distribution's own, which stands behind the gate.
 */
function told(answer: EdgeAnswer, mode: 'on' | 'off' | 'open'): EdgeAnswer {
  const headers = answer.headers
  if (mode !== 'on') headers['antichambre-gate'] = { value: mode }
  if (!headers['cache-control']) headers['cache-control'] = { value: 'private, no-store' }
  const vary = headerOf(headers, 'vary')
  const varies = vary.split(',').some(name => /^[ \t]*(?:\*|cookie)[ \t]*$(?!\n)/i.test(name))
  if (!varies) headers.vary = { value: vary === '' ? 'Cookie' : `${vary}, Cookie` }
  return answer
}
