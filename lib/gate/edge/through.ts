/** Who walks through the edge, and what the showroom behind it is told of them. */
import type { EdgeSession } from './proof.ts'
import type { EdgeRequest } from './runtime.ts'
import type { EdgeVisit } from './visit.ts'

/** Why a path that needs a session is open to a visitor. */
export type EdgeVia = 'session' | 'grace' | 'open' | 'off'

/**
 * The request as the showroom gets it: `antichambre-gate` says why it came through, and
 * `antichambre-ticket` whose it is. What a viewer sends under these names is taken away.
 */
export function through(visit: EdgeVisit, via?: EdgeVia, session?: EdgeSession): EdgeRequest {
  const request = visit.asked
  const tell = (name: string, value: string | undefined) => {
    if (value === undefined) delete request.headers[name]
    else request.headers[name] = { value: value }
  }
  tell('antichambre-gate', visit.isNeeded ? via : undefined)
  tell('antichambre-ticket', session?.ticketId)
  return request
}
