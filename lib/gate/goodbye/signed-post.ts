/** Sends a signed report to the room, again while the room is away or busy, a bounded number of times. */
import { createHash } from 'node:crypto'
import {
  SIGNATURE_HEADER,
  type Signed,
  signMessage,
} from '../../queue/tokens/showroom-signature.ts'
import type { SigningKey } from '../../queue/tokens/token.ts'
import { addressOfRoom } from '../options/config.ts'
import { WORD_PAUSE_MS, WORD_TIMEOUT_MS, WORD_TRIES_MAX } from '../options/limits.ts'

export interface SignedPostOptions {
  /** The address in front of `/r/:room`, as the gate has it. */
  readonly roomUrl: string
  /** The room's id. */
  readonly room: string
  /** The room's current gate key. A function is asked at each sending, so that keys can rotate. */
  readonly key: SigningKey | (() => SigningKey)
  /** @default the one of the platform */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * 0 .. 1, for pauses that differ between processes.
   * @default Math.random
   */
  readonly chance?: (() => number) | undefined
}

export type WordOutcome =
  /** The room has it, and will count it. */
  | { status: 'accepted' }
  /**
   * Sent again it would be refused again: 401 is a wrong key, 404 an unknown room, 400 a word that
   * cannot be, which is not even sent.
   */
  | { status: 'refused'; httpStatus: number }
  /** Not taken within `WORD_TRIES_MAX` tries, or too many are waiting; the room may have it all the same. */
  | { status: 'given-up' }

/** Never rejects: a showroom that does not wait for the outcome must not fail by it. */
export type SignedPost = (what: Signed, word: unknown) => Promise<WordOutcome>

export function createSignedPost(options: SignedPostOptions): SignedPost {
  const { chance = Math.random } = options
  return async (what, word) => {
    const body = JSON.stringify(word)
    for (let tries = 1; tries <= WORD_TRIES_MAX; tries++) {
      if (tries > 1) await pause(pauseMs(tries - 1, chance()))
      const answer = await send(options, what, body)
      if (answer.status !== 'unanswered') return answer
    }
    return { status: 'given-up' }
  }
}

async function send(
  options: SignedPostOptions,
  what: Signed,
  body: string,
): Promise<Exclude<WordOutcome, { status: 'given-up' }> | { status: 'unanswered' }> {
  const { roomUrl, room, key, fetch = globalThis.fetch } = options
  try {
    const current = typeof key === 'function' ? key() : key
    const response = await fetch(`${addressOfRoom(roomUrl, room)}/${what}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signMessage(what, room, body, current),
        // CloudFront signs what it sends to the function, but not the body: its hash must come along.
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(WORD_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (response.ok) return { status: 'accepted' }
    const mayPass = response.status === 429 || response.status >= 500
    return mayPass ? { status: 'unanswered' } : { status: 'refused', httpStatus: response.status }
  } catch {
    // No connection, no answer in time, or a key that cannot be had now.
    return { status: 'unanswered' }
  }
}

/** Half of the pause is chance: showrooms that lost the room together do not come back together. */
function pauseMs(pauses: number, chance: number): number {
  const fullMs = Math.min(WORD_PAUSE_MS.max, WORD_PAUSE_MS.first * 2 ** (pauses - 1))
  return Math.round(fullMs * (0.5 + chance / 2))
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
