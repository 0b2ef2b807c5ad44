/** What is known of a request at the edge before anything of it is proved. */
import { type EdgeAddress, passesIn } from './address.ts'
import type { EdgeConfig } from './config.ts'
import { headerOf } from './fields.ts'
import { isNavigation } from './navigation.ts'
import { isProtected } from './paths.ts'
import type { EdgeEvent, EdgeRequest } from './runtime.ts'

export interface EdgeVisit {
  readonly event: EdgeEvent
  readonly asked: EdgeRequest
  readonly config: EdgeConfig
  readonly nowMs: number
  readonly address: EdgeAddress
  /** Headers Accept and Sec-Fetch-Mode; empty where there are none. */
  readonly accept: string
  readonly fetchMode: string
  /** Whether it is somebody's browser going to a page. */
  readonly navigates: boolean
  /** Whether the path needs a session. */
  readonly isNeeded: boolean
  /** Passes to look at: those of a navigation. */
  readonly passes: readonly string[]
}

export function visitOf(event: EdgeEvent, config: EdgeConfig, nowMs: number): EdgeVisit {
  const request = event.request
  const query = request.rawQueryString()
  const address: EdgeAddress = {
    // CloudFront answers to the names of its distribution alone, and a gate belongs on https
    origin: config.publicOrigin || `https://${headerOf(request.headers, 'host')}`,
    path: request.uri,
    search: query === undefined ? '' : `?${query}`,
  }
  const accept = headerOf(request.headers, 'accept')
  const fetchMode = headerOf(request.headers, 'sec-fetch-mode')
  const navigates = isNavigation(request.method, accept, fetchMode)
  return {
    event: event,
    asked: request,
    config: config,
    nowMs: nowMs,
    address: address,
    accept: accept,
    fetchMode: fetchMode,
    navigates: navigates,
    isNeeded: isProtected(address.path, config.protect, config.bypass),
    passes: navigates ? passesIn(address.search) : [],
  }
}
