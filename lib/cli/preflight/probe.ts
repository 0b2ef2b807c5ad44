/**
 * One request like that of a browser into which somebody typed the address. No redirect is followed, no
 * token is sent.
 */
import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { readAtMost } from '../shared/bounded.ts'
import { ANSWER_BYTES_MAX } from '../shared/command.ts'
import { printable } from '../shared/text.ts'

/** An answer, and by how much the clock behind it is ahead of ours. */
export interface Probe {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the answer says no time. Whole seconds, give or take one. */
  readonly aheadMs: number | undefined
}

/** Node's `fetch` always sends `sec-fetch-mode: cors`, and gates answer scripts otherwise than browsers. */
const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'user-agent': 'antichambre-preflight',
}

/** @returns a sentence where there is no answer. */
export async function probe(
  url: string,
  timeoutMs: number,
  now: () => number,
): Promise<Probe | string> {
  const sentAtMs = now()
  try {
    const answer = await begun(url, timeoutMs)
    const headers = new Headers()
    for (const [name, value = ''] of Object.entries(answer.headers)) {
      headers.set(name, [value].flat().join(', '))
    }
    const tooLong = () => new Error(`more than ${ANSWER_BYTES_MAX} bytes`)
    const text = (await readAtMost(ANSWER_BYTES_MAX, answer, tooLong)).toString('utf8')
    const aheadMs = aheadOf(headers, (sentAtMs + now()) / 2)
    return { status: answer.statusCode ?? 0, headers, text, aheadMs }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ABORT_ERR') return `no answer within ${timeoutMs / 1000} s`
    const why = code || (error instanceof Error ? error.message : 'unknown reason')
    return `cannot be reached (${printable(why)})`
  }
}

function begun(url: string, timeoutMs: number): Promise<IncomingMessage> {
  const get = new URL(url).protocol === 'https:' ? httpsGet : httpGet
  const options = { headers: NAVIGATION, signal: AbortSignal.timeout(timeoutMs) }
  return new Promise((resolve, reject) => {
    get(url, options, resolve).on('error', reject)
  })
}

/** The header `Age` says how long ago a cached answer was made. */
function aheadOf(headers: Headers, oursMs: number): number | undefined {
  const atMs = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(atMs)) return undefined
  const ageSeconds = Number(headers.get('age') ?? 0)
  return atMs + (Number.isFinite(ageSeconds) ? ageSeconds * 1000 : 0) - oursMs
}
