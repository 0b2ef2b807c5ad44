/** The function of a viewer request; `function-source.ts` makes one file of it. The decision is in `decide.ts`. */

import { decided } from './decide.ts'
import { through } from './let-through.ts'
import { type EdgeConfig, edgeStoreKey } from './request/edge-config.ts'
import type { CloudFrontModule, EdgeAnswer, EdgeEvent, EdgeRequest } from './request/runtime.ts'
import { visitOf } from './request/visit.ts'

/** Both stand before the bundle in the built file. */
declare const cf: CloudFrontModule
declare const GATE: EdgeConfig

/**
 * Async is this alone, for the runtime knows no async closures. Where no session is needed and no
 * pass is brought, the store is not even read.
 */
export async function handler(event: EdgeEvent): Promise<EdgeRequest | EdgeAnswer> {
  const visit = visitOf(event, GATE, Date.now())
  if (!visit.isNeeded && visit.passes.length === 0) return through(visit)
  let stored: unknown
  try {
    stored = await cf.kvs().get(edgeStoreKey(GATE.room), { format: 'json' })
  } catch {
    // A store that is empty or cannot be read is a gate that is on and has no key.
  }
  return decided(visit, stored)
}
