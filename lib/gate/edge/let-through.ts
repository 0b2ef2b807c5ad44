/** Lets a request through to the showroom, with headers that say why and whose it is. */
import type { EdgeSession } from './proof.ts'
import { type EdgeRequest, valuesOf } from './request/runtime.ts'
import type { EdgeVisit } from './request/visit.ts'

/** Why a path that needs a session is open to a visitor. */
export type EdgeVia = 'session' | 'grace' | 'open' | 'off'

/**
 * The request as the showroom gets it: `antichambre-gate` says why it came through, and
 * `antichambre-ticket` whose it is. What a viewer sends under these names is taken away: all of it,
 * where a header came twice, of which CloudFront would keep the second unless `multiValue` says otherwise
 * (AWS: "Duplicate query strings, headers, and cookies").
 */
export function through(visit: EdgeVisit, via?: EdgeVia, session?: EdgeSession): EdgeRequest {
  const headers = visit.asked.headers
  const tell = (name: string, value: string | undefined) => {
    const isTwice = valuesOf(headers, name).length > 1
    delete headers[name]
    // servers of CGI, WSGI and Rack take it for the same header
    delete headers[name.replace('-', '_')]
    if (value === undefined) return
    const own = { value: value }
    headers[name] = isTwice ? { value: value, multiValue: [own] } : own
  }
  tell('antichambre-gate', visit.isNeeded ? via : undefined)
  tell('antichambre-ticket', session?.ticketId)
  return visit.asked
}
