/**
 * The gate of a site that can change nothing but its pages: one script in their heads. It protects
 * nothing: a visitor can switch it off, fetch the files without a browser, or write into the browser
 * what the gate looks for there. It only makes people wait who are willing to. Prices, stock and
 * checkout need a gate at a server.
 *
 * A session is a time in the session storage, until which this tab is let in. It is put there for a pass
 * that was checked (`pass.ts`). The nonce lies in the local storage, so that all tabs share it: a second
 * tab goes to the room and comes back at once.
 */
import { PASS_PARAMETER, withoutParameter } from '../../queue/address/query.ts'
import { RETURN_ADDRESS_CHARS_MAX } from '../../queue/limits.ts'
import { oneMoreRefusal } from '../decision/loop-breaker.ts'
import { hide, show, tell } from './curtain.ts'
import { base64url, checkedPass, nonceHash, type ScriptPass } from './pass.ts'

export interface ScriptGateOptions {
  readonly room: string
  /** The address in front of `/r/:room`. */
  readonly roomUrl: string
  readonly way: 'page' | 'through'
}

/** How long the room may take to say its keys and its time. */
const ASK_MS_MAX = 10_000

/** Lets this tab in, sends it to the room, or says why it does neither. */
export async function stand(options: ScriptGateOptions): Promise<void> {
  hide()
  try {
    await decide(options)
  } catch {
    // no storage, or no cryptography: without either nobody could ever come back with a pass
    tell('cannot', undefined)
  }
}

async function decide(options: ScriptGateOptions): Promise<void> {
  const store = storeOf(options.room)
  const pass = new URLSearchParams(location.search).get(PASS_PARAMETER)
  if (pass === null) return store.isInside() ? show() : toRoom(options, store)
  const outcome = await askedPass(options, store, pass)
  switch (outcome.status) {
    case 'valid':
      store.enter(outcome.endsAtMs)
      return letIn()
    case 'unreachable':
      return store.isInside() ? letIn() : tell('unreachable', location.href)
    case 'refused':
      if (store.isInside()) return letIn()
      if (store.refuse()) return tell(outcome.refusal, await urlToRoom(options, store))
      return toRoom(options, store)
  }
}

function letIn(): void {
  history.replaceState(history.state, '', cleanAddress())
  show()
}

async function toRoom(options: ScriptGateOptions, store: Store): Promise<void> {
  location.replace(await urlToRoom(options, store))
}

async function urlToRoom(options: ScriptGateOptions, store: Store): Promise<string> {
  const { room, roomUrl, way } = options
  const whole = cleanAddress()
  const isShort = whole.length <= RETURN_ADDRESS_CHARS_MAX
  const to = encodeURIComponent(isShort ? whole : location.origin + location.pathname)
  const path = way === 'through' ? `${room}/through` : room
  return `${roomUrl}/r/${path}?to=${to}&nonce=${await nonceHash(store.nonce())}`
}

function cleanAddress(): string {
  const { origin, pathname, search, hash } = location
  return origin + pathname + withoutParameter(search, PASS_PARAMETER) + hash
}

type AskedPass =
  | Exclude<ScriptPass, { status: 'valid' }>
  /** By the clock of this browser. */
  | { status: 'valid'; endsAtMs: number }
  | { status: 'unreachable' }

/** Asks the room for its keys and its time, and checks the pass with both. */
async function askedPass(
  { room, roomUrl }: ScriptGateOptions,
  store: Store,
  pass: string,
): Promise<AskedPass> {
  const ask = (what: string) => jsonAt(`${roomUrl}/r/${room}/${what}`)
  const [jwks, status] = await Promise.all([ask('jwks.json'), ask('status')])
  const keys = jwks?.keys
  const nowMs = status?.nowMs
  if (!Array.isArray(keys) || typeof nowMs !== 'number') return { status: 'unreachable' }
  const aheadMs = Date.now() - nowMs
  const hash = await nonceHash(store.nonce())
  const outcome = await checkedPass(pass, keys, { room, hash, nowMs })
  if (outcome.status === 'refused') return outcome
  return { status: 'valid', endsAtMs: outcome.sessionEndsAtMs + aheadMs }
}

/** Never rejects: a room that does not answer is an outcome. */
async function jsonAt(url: string): Promise<Partial<Record<string, unknown>> | undefined> {
  const tooLong = new AbortController()
  const timer = setTimeout(() => tooLong.abort(), ASK_MS_MAX)
  try {
    // keys in the browser's cache could be those before a rotation
    const init = { cache: 'no-cache', credentials: 'omit', signal: tooLong.signal } as const
    const answer = await fetch(url, init)
    return answer.ok ? Object(await answer.json()) : undefined
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

type Store = ReturnType<typeof storeOf>

/** What this browser knows of one room. @throws where it keeps nothing. */
function storeOf(room: string) {
  const name = `antichambre-${room}`
  const [tab, all] = [sessionStorage, localStorage]
  return {
    isInside: () => Date.now() < Number(tab.getItem(name)),
    enter(endsAtMs: number) {
      tab.setItem(name, String(endsAtMs))
      tab.removeItem(`${name}.refusals`)
    },
    /** Counts a refusal. Are they so many that the visitor goes round for ever? */
    refuse() {
      const refusals = oneMoreRefusal([tab.getItem(`${name}.refusals`) ?? ''], Date.now())
      tab.setItem(`${name}.refusals`, refusals.text)
      return refusals.isLoop
    },
    nonce() {
      const known = all.getItem(`${name}.nonce`)
      if (known !== null) return known
      const made = base64url(crypto.getRandomValues(new Uint8Array(16)))
      all.setItem(`${name}.nonce`, made)
      return made
    },
  }
}
