/**
 * The departure beacon. When a visitor closes the last page of the showroom, the browser says so to the
 * showroom's own host, because `sendBeacon` can set no header and a post to the room needs one. Whose
 * session it is comes from the signed cookie alone, so nobody can report somebody else's departure
 * (failure mode 24).
 */
import { AntichambreError } from '../../queue/errors.ts'
import type { NamesOf } from '../../queue/names.ts'
import type { GateAnswer } from '../answer/answer.ts'
import { ownAddress } from '../decision/address.ts'
import { readCookies } from '../decision/cookies.ts'
import type { GateRequest } from '../decision/decide.ts'
import { sessionIn } from '../decision/proof.ts'
import { rangeComplaints } from '../options/complaints.ts'
import type { GateConfig } from '../options/config.ts'
import { GOODBYE_SECONDS, LEFT_SCRIPT_SECONDS } from '../options/limits.ts'
import { refuseUnknown } from '../options/options.ts'
import { pathRuleComplaint } from '../options/path-rules.ts'
import { createLeaving, type LeftDeparture } from './leaving.ts'
import { LEFT_SCRIPT } from './left-script.ts'
import { isFromElsewhere } from './origin.ts'

export interface BeaconOptions {
  /**
   * Called for each session whose browser left. It should report to the room, for example
   * `({ ticket }) => departures.left(ticket)`; a departure counts once there however often it is
   * reported. An error that it throws is logged by its name and passed over.
   */
  readonly onDeparture: (departure: LeftDeparture) => unknown
  /**
   * Where the beacon's three addresses lie on the showroom's host: `<prefix>/left.js`,
   * `<prefix>/left` and `<prefix>/back`. Two gates of one host need two.
   * @default '/antichambre'
   */
  readonly prefix?: string | undefined
  /**
   * How long a goodbye waits until it is reported, 0 .. 600, whole. A request of the same session to
   * this process of the showroom takes it back.
   * @default 20
   */
  readonly graceSeconds?: number | undefined
}

const BEACON_OPTIONS: NamesOf<BeaconOptions> = {
  onDeparture: true,
  prefix: true,
  graceSeconds: true,
}

export interface BeaconRequest extends GateRequest {
  /** The headers Sec-Fetch-Site and Origin, if they came. */
  readonly site?: string | undefined
  readonly origin?: string | undefined
}

export interface Beacon {
  /** What the beacon's own addresses answer; undefined for a request to any other. */
  answer(request: BeaconRequest, config: GateConfig, nowMs: number): GateAnswer | undefined
  /** A request came with this ticket's session. */
  seen(ticketId: string): void
}

/** @throws AntichambreError `bad-request`, naming every option that is wrong. */
export function createBeacon(options: BeaconOptions): Beacon {
  refuseUnknown(options, BEACON_OPTIONS, 'beacon.')
  const { onDeparture, prefix = '/antichambre', graceSeconds = GOODBYE_SECONDS.default } = options
  const complaints = [
    ...prefixComplaints(prefix),
    ...rangeComplaints('beacon.graceSeconds', graceSeconds, GOODBYE_SECONDS),
  ]
  if (complaints.length > 0) throw new AntichambreError('bad-request', complaints.join('; '))
  const leaving = createLeaving(graceSeconds, onDeparture)
  return {
    seen: leaving.stay,
    answer(request, config, nowMs) {
      const { origin, path } = ownAddress(request.url, config.publicOrigin)
      switch (path) {
        case `${prefix}/left.js`:
          return READS.includes(request.method) ? SCRIPT : refused('method-not-allowed', READS)
        case `${prefix}/left`:
        case `${prefix}/back`:
          break
        default:
          return undefined
      }
      if (request.method !== 'POST') return refused('method-not-allowed', ['POST'])
      const headers = { site: request.site, origin: request.origin }
      if (isFromElsewhere(headers, originOf(origin))) return refused('forbidden')
      const session = sessionIn(readCookies(request.cookie, config.room), config, nowMs)
      if (session === undefined) return refused('no-session')
      if (path === `${prefix}/back`) leaving.stay(session.ticketId)
      else if (!leaving.leave(session.ticketId)) return refused('try-again')
      return { status: 204, headers: [NO_STORE], body: '' }
    },
  }
}

const READS: readonly string[] = ['GET', 'HEAD']
const NO_STORE = ['cache-control', 'no-store'] as const

const SCRIPT: GateAnswer = {
  status: 200,
  headers: [
    ['content-type', 'text/javascript; charset=utf-8'],
    ['cache-control', `public, max-age=${LEFT_SCRIPT_SECONDS}`],
    ['x-content-type-options', 'nosniff'],
  ],
  body: LEFT_SCRIPT,
}

const REFUSALS = {
  'method-not-allowed': [405, 'this address is for another method'],
  forbidden: [403, 'this was not sent by a page of this showroom'],
  'no-session': [401, 'this browser has no session in this showroom'],
  'try-again': [503, 'too many are leaving at once'],
} as const

/** No script reads it; it is for people who look what is wrong. */
function refused(code: keyof typeof REFUSALS, allow: readonly string[] = []): GateAnswer {
  const [status, message] = REFUSALS[code]
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      NO_STORE,
      ...(allow.length === 0 ? [] : [['allow', allow.join(', ')] as const]),
    ],
    body: JSON.stringify({ error: { code, message } }),
  }
}

/** As browsers write it in an Origin header. */
function originOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).origin : origin
}

function prefixComplaints(prefix: string): string[] {
  const isPath = !prefix.endsWith('/') && !prefix.includes('*')
  const complaint = isPath
    ? pathRuleComplaint(prefix)
    : 'a path without / or * at its end is allowed'
  return complaint === undefined ? [] : [`beacon.prefix: ${complaint}`]
}
