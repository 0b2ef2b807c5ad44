/** What the tests of the gate share: a configuration, a browser with cookies, a room that gives passes. */

import { decide, type GateDecision, type GateRequest } from '../../lib/gate/decision/decide.ts'
import { parseGateConfig } from '../../lib/gate/options/config.ts'
import type { GateOptions } from '../../lib/gate/options/options.ts'
import { withPass } from '../../lib/queue/address/return-address.ts'
import { passClaims, signPass } from '../../lib/queue/tokens/pass.ts'
import type { SigningKey } from '../../lib/queue/tokens/token.ts'

export const NOW_MS = Date.UTC(2026, 11, 1, 6, 0, 0)
export const SHOP = 'https://shop.example'
export const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  fetchMode: 'navigate',
}

export const key = (id: string, byte: number): SigningKey => ({
  id,
  secret: new Uint8Array(32).fill(byte),
})

export const options = {
  room: 'demo',
  roomUrl: 'https://wait.example',
  publicUrl: SHOP,
  keys: [key('k1', 1)],
} satisfies GateOptions

export const config = (changes: Partial<GateOptions> = {}) =>
  parseGateConfig({ ...options, ...changes })

/** Chance without chance: `nonce(1)`, `nonce(2)`, ... */
export const nonce = (number: number) => `${String(number).padStart(4, '0')}abcdefghijklmnopqr`

/** No two browsers are given the same nonce. */
let nonces = 1_000

/** A browser that keeps cookies and tells the gate of them. Its clock is the caller's. */
export function browser(gateConfig = config()) {
  const jar = new Map<string, { value: string; endsAtMs: number }>()
  const keep = (lines: readonly string[], nowMs: number) => {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ')
      const equals = pair.indexOf('=')
      const maxAge = attributes.find(attribute => attribute.startsWith('Max-Age='))
      const seconds = Number(maxAge?.slice('Max-Age='.length))
      jar.set(pair.slice(0, equals), {
        value: pair.slice(equals + 1),
        endsAtMs: nowMs + seconds * 1000,
      })
    }
  }
  const cookieHeader = (nowMs: number) =>
    [...jar]
      .filter(([, { endsAtMs }]) => nowMs < endsAtMs)
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
  return {
    jar,
    cookieHeader,
    keep,
    /** One request; what it sets is kept. */
    go(url: string, nowMs = NOW_MS, changes: Partial<GateRequest> = {}): GateDecision {
      nonces += 1
      const request = { method: 'GET', url, cookie: cookieHeader(nowMs), ...NAVIGATION, ...changes }
      const decision = decide(request, gateConfig, nowMs, nonce(nonces))
      if ('cookies' in decision) keep(decision.cookies, nowMs)
      return decision
    },
  }
}

export interface RoomFacts {
  readonly nowMs?: number
  readonly room?: string
  readonly ticketId?: string
  readonly keys?: readonly SigningKey[]
  readonly sessionEndsAtMs?: number
}

/** The room at a visitor's turn: where it sends them who was sent to `location`. */
export function roomAnswers(location: string, facts: RoomFacts = {}): string {
  const { nowMs = NOW_MS, room = 'demo', ticketId = '0.3.41', keys = options.keys } = facts
  const { sessionEndsAtMs = nowMs + 900_000 } = facts
  const query = new URL(location).searchParams
  const claims = passClaims({
    room,
    ticketId,
    jti: 'j1',
    nonce: query.get('nonce') ?? undefined,
    nowMs,
    sessionEndsAtMs,
  })
  const [current = key('none', 0)] = keys
  return withPass(query.get('to') ?? SHOP, signPass(claims, current))
}

/** The decision of an expected kind; anything else fails the test with what came. */
export function expectStatus<Status extends GateDecision['status']>(
  decision: GateDecision,
  status: Status,
): Extract<GateDecision, { status: Status }> {
  if (decision.status !== status)
    throw new Error(`${status} expected, ${JSON.stringify(decision)} came`)
  return decision as Extract<GateDecision, { status: Status }>
}

/** Showroom, room, pass, showroom: a browser that is in. */
export function walkIn(
  visitor: ReturnType<typeof browser>,
  url = `${SHOP}/sale`,
  facts: RoomFacts = {},
) {
  const { location } = expectStatus(visitor.go(url, facts.nowMs), 'to-room')
  const passUrl = roomAnswers(location, facts)
  return { passUrl, location, entered: expectStatus(visitor.go(passUrl, facts.nowMs), 'enter') }
}
