/** What a decision becomes on the wire: the same for every adapter. */
import type { GateDecision, GateRefusal } from '../decision/decide.ts'
import type { PassRefusal } from '../decision/proof.ts'
import { REFUSALS_SECONDS } from '../options/limits.ts'
import { refusalPage } from './refusal-page.ts'

export interface GateAnswer {
  readonly status: number
  /** Several `set-cookie` lines may be among them. */
  readonly headers: readonly Header[]
  readonly body: string
}

type Header = readonly [name: string, value: string]

export type Through = Extract<GateDecision, { status: 'through' }>

/** Redirects and refusals are one visitor's own: no cache may keep them. */
export function answerOf(decision: Exclude<GateDecision, Through>): GateAnswer {
  const noStore = ['cache-control', 'no-store'] as const
  switch (decision.status) {
    case 'clean':
      return redirect(decision.location, [], noStore)
    case 'enter':
    case 'to-room':
      return redirect(decision.location, decision.cookies, noStore)
    case 'refused':
      return refusal(decision, noStore)
  }
}

/**
 * What to set on the showroom's own answer. One that needed a session and says nothing of caches
 * could be stored by a shared cache (RFC 9111 section 4.2.2) and given to people who have none: it
 * becomes private. One that does say something keeps it and varies by cookie. `antichambre-gate` says
 * why a request came through without a session.
 * @param headers of the showroom's answer.
 */
export function throughHeaders({ via }: Through, headers: Headers): Header[] {
  if (via === 'unprotected') return []
  const vary = headers.get('vary') ?? ''
  const varies = vary.split(',').some(name => /^\s*(?:\*|cookie)\s*$/i.test(name))
  return [
    ...(via === 'session' ? [] : [['antichambre-gate', via] as const]),
    ...(headers.has('cache-control') ? [] : [['cache-control', 'private, no-store'] as const]),
    ...(varies ? [] : [['vary', vary === '' ? 'Cookie' : `${vary}, Cookie`] as const]),
  ]
}

function redirect(location: string, cookies: readonly string[], noStore: Header): GateAnswer {
  return {
    status: 302,
    headers: [['location', location], noStore, ...cookieLines(cookies)],
    body: '',
  }
}

function refusal(decision: GateRefusal, noStore: Header): GateAnswer {
  const { code, httpStatus, location, cookies, json } = decision
  const text = code === 'no-session' ? NO_SESSION : PASS_REFUSED[decision.refusal]
  const reason = code === 'no-session' ? {} : { reason: decision.refusal }
  const retry: Header[] = httpStatus === 503 ? [['retry-after', String(REFUSALS_SECONDS)]] : []
  const error = { code, message: `${text.title}. ${text.message}`, ...reason }
  return {
    status: httpStatus,
    headers: [
      ['content-type', json ? 'application/json' : 'text/html; charset=utf-8'],
      noStore,
      ...(json ? [] : [PAGE_POLICY]),
      ...retry,
      ...cookieLines(cookies),
    ],
    body: json
      ? JSON.stringify({ error, location })
      : refusalPage({ ...text, location, detail: code === 'no-session' ? code : decision.refusal }),
  }
}

/** The page has no script, loads nothing and stands in no frame. */
const PAGE_POLICY: Header = [
  'content-security-policy',
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
]

const NO_SESSION = {
  title: 'You have no session in this showroom',
  message:
    'Nothing was done. Your stay has ended or has not begun: the way in leads through the waiting room.',
}

const SITE_FAULT =
  'This is a fault of this site, not yours, and your place is not lost. Please try again in a minute.'

const PASS_REFUSED: Record<PassRefusal, { title: string; message: string }> = {
  forged: { title: 'The showroom does not know the key of your pass', message: SITE_FAULT },
  'foreign-room': { title: 'Your pass is for another room', message: SITE_FAULT },
  expired: { title: 'Your pass came too late', message: SITE_FAULT },
  early: { title: 'The clocks of room and showroom differ', message: SITE_FAULT },
  'foreign-browser': {
    title: 'This pass belongs to another browser',
    message:
      'A pass works only in the browser that was sent to the waiting room. Allow cookies for this site, and go there with this browser.',
  },
  departed: {
    title: 'Your stay has ended',
    message: 'You have left the showroom, and a turn cannot be used twice.',
  },
}

function cookieLines(cookies: readonly string[]): Header[] {
  return cookies.map(line => ['set-cookie', line])
}
