/** The page's requests. Answers are checked here, once, and become events. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { CohortRecord } from '../../queue/cohort/place.ts'
import type { Status } from '../../queue/visitor/room-status.ts'
import type { PageEvent, RequestName, TicketFacts } from '../machine/facts.ts'
import { ANSWER_MS_MAX } from '../machine/limits.ts'

/** An event but for when it came and with what chance. */
export type News = PageEvent extends infer Each
  ? Each extends PageEvent
    ? Omit<Each, 'atMs' | 'chance'>
    : never
  : never

export interface Invited {
  readonly invitation: string
  readonly holder: string
}

export interface Api {
  status(): Promise<News>
  /**
   * @param attempt 1 for the first try.
   * @param invited where an invitation is to be shown.
   */
  join(attempt: number, invited?: Invited): Promise<News>
  record(cohort: number): Promise<News>
  pass(nonce: string | undefined, to: string | undefined): Promise<News>
}

/** @param base the room's path, `/r/<room>`. */
export function createApi(base: string): Api {
  return {
    status: async () => {
      const answer = await ask('status', `${base}/status`)
      if (answer.type !== 'ok') return answer
      const body = isObject(answer.body) ? { ...OLDER_ROOM, ...answer.body } : undefined
      return isStatus(body) ? { type: 'status', status: body } : unreadable('status')
    },
    join: async (attempt, invited) => {
      const answer = await ask('join', `${base}/tickets`, { attempt, ...invited })
      if (answer.type !== 'ok') return answer
      if (!isTicket(answer.body)) return unreadable('join')
      const { id, cohort, shard, index, commitment } = answer.body
      return { type: 'joined', ticket: { id, cohort, shard, index, commitment } }
    },
    record: async cohort => {
      const answer = await ask('record', `${base}/cohorts/${cohort}`)
      if (answer.type !== 'ok') return answer
      return isRecord(answer.body) ? { type: 'record', record: answer.body } : unreadable('record')
    },
    pass: async (nonce, to) => {
      const answer = await ask('pass', `${base}/passes`, { nonce, to })
      if (answer.type !== 'ok') return answer
      if (!isPass(answer.body)) return unreadable('pass')
      const { location, expiresAtMs } = answer.body
      return { type: 'pass', location, expiresAtMs }
    },
  }
}

type Answer =
  | { type: 'ok'; body: unknown }
  | { type: 'refused'; request: RequestName; code: string }
  | { type: 'failed'; request: RequestName; retryAfterMs: number | null }

async function ask(request: RequestName, path: string, body?: object): Promise<Answer> {
  const aborter = new AbortController()
  const timer = setTimeout(() => aborter.abort(), ANSWER_MS_MAX)
  try {
    const answer = await fetch(path, { ...post(body), signal: aborter.signal })
    const retryAfterMs = retryAfter(answer.headers.get('retry-after'))
    // Busy or broken, the room or something before it: the page asks again.
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      return { type: 'failed', request, retryAfterMs }
    }
    const parsed: unknown = await answer.json()
    if (answer.ok) return { type: 'ok', body: parsed }
    const code = codeOf(parsed)
    return code === undefined ? unreadable(request) : { type: 'refused', request, code }
  } catch {
    return unreadable(request)
  } finally {
    clearTimeout(timer)
  }
}

/** Behind CloudFront a body is only taken with its hash; see docs/architecture.md. */
function post(body: object | undefined): RequestInit {
  if (body === undefined) return {}
  const text = JSON.stringify(body)
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-amz-content-sha256': hex(sha256(new TextEncoder().encode(text))),
    },
    body: text,
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Not the room's answer, but a proxy's or a captive portal's, or half of one. */
function unreadable(request: RequestName) {
  return { type: 'failed', request, retryAfterMs: null } as const
}

function retryAfter(seconds: string | null): number | null {
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : null
}

function codeOf(body: unknown): string | undefined {
  const error = isObject(body) ? body.error : undefined
  const code = isObject(error) ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function hasNumbers(body: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every(name => Number.isFinite(body[name]))
}

function hasTexts(body: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every(name => typeof body[name] === 'string')
}

/** Fields that a status of an older room lacks: during a deployment the page may be newer than the room. */
const OLDER_ROOM = {
  mode: 'line',
  binding: null,
  soldOutAtMs: null,
  odds: null,
  lateSeats: 0,
} as const

const STATUS_NUMBERS = [
  'nowMs',
  'openCohort',
  'front',
  'tail',
  'waiting',
  'ratePerMinute',
  'pollSecondsMin',
  'pollSecondsMax',
]

function isStatus(body: unknown): body is Status {
  return isObject(body) && hasTexts(body, ['phase']) && hasNumbers(body, STATUS_NUMBERS)
}

function isTicket(body: unknown): body is TicketFacts {
  if (!isObject(body)) return false
  return hasTexts(body, ['id', 'commitment']) && hasNumbers(body, ['cohort', 'shard', 'index'])
}

function isRecord(body: unknown): body is CohortRecord {
  if (!isObject(body) || !hasNumbers(body, ['cohort', 'base'])) return false
  return hasTexts(body, ['seed']) && Array.isArray(body.sizes)
}

function isPass(body: unknown): body is { location: string; expiresAtMs: number } {
  if (!isObject(body) || !hasNumbers(body, ['expiresAtMs'])) return false
  return typeof body.location === 'string' && /^https?:\/\//.test(body.location)
}
