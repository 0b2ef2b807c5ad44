/** What is known of a request at the edge before anything of it is proved. */
import { isNavigation } from '../../decision/navigation.ts'
import { addressOf, type EdgeAddress, pageOf, passesIn } from './address.ts'
import type { EdgeConfig } from './edge-config.ts'
import { isProtected } from './paths.ts'
import { type EdgeEvent, type EdgeRequest, headerOf } from './runtime.ts'

export interface EdgeVisit {
  readonly event: EdgeEvent
  readonly asked: EdgeRequest
  readonly config: EdgeConfig
  readonly nowMs: number
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
  const asked = event.request
  const accept = headerOf(asked.headers, 'accept')
  const fetchMode = headerOf(asked.headers, 'sec-fetch-mode')
  const navigates = isNavigation({ method: asked.method, accept: accept, fetchMode: fetchMode })
  return {
    event: event,
    asked: asked,
    config: config,
    nowMs: nowMs,
    accept: accept,
    fetchMode: fetchMode,
    navigates: navigates,
    isNeeded: isProtected(asked.uri, config.protect, config.bypass),
    passes: navigates ? passesIn(asked.rawQueryString() || '') : [],
  }
}

/** The address that was asked for. */
export function askedAddress(visit: EdgeVisit): EdgeAddress {
  return addressOf(originOf(visit), visit.asked.uri, visit.asked.rawQueryString())
}

/** The page where somebody is who did not ask for one, when it is one of this showroom. */
export function askingPage(visit: EdgeVisit): EdgeAddress | undefined {
  return pageOf(headerOf(visit.asked.headers, 'referer'), originOf(visit))
}

/** CloudFront answers to the names of its distribution alone, and a gate belongs on https. */
function originOf(visit: EdgeVisit): string {
  return visit.config.publicOrigin || `https://${headerOf(visit.asked.headers, 'host')}`
}
