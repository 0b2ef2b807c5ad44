/**
 * The keys of a running process. The secret is read again every five minutes: the process may outlive a
 * rotation (failure mode 30), and a read at each request would be too many (failure mode 47).
 */
import { logFailure } from '../runtime/log.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'

/** A key that was added to the secret is known everywhere after this long: see `keys rotate`. */
export const KEYS_FRESH_MS = 300_000
/** After a reading that failed the next one waits this long; the known keys are good meanwhile. */
export const KEYS_RETRY_MS = 30_000
/** No request waits longer than this for keys that are only to be refreshed. */
const READ_MS_MAX = 2_000

export interface FreshKeys {
  /** Always has the latest keys, so it may be kept. */
  readonly ring: KeyRing
  /** Called at each request: reads the secret again when that is due. Never throws. */
  refresh(): Promise<void>
}

/** @throws what `read` throws, or Error for a secret of another form: without keys nothing can start. */
export async function createFreshKeys(
  read: () => Promise<string>,
  now: () => number,
): Promise<FreshKeys> {
  let text = await read()
  let latest = createKeyRing(text)
  let dueAtMs = now() + KEYS_FRESH_MS
  let reading: Promise<void> | undefined

  const readAgain = async () => {
    try {
      const newest = await inTime(read())
      // An unchanged secret keeps its ring, with the keys that were derived already.
      if (newest !== text) latest = createKeyRing(newest)
      text = newest
      dueAtMs = now() + KEYS_FRESH_MS
    } catch (error) {
      dueAtMs = now() + KEYS_RETRY_MS
      logFailure('keys', error)
    }
  }
  return {
    ring: follow(() => latest),
    async refresh() {
      if (now() < dueAtMs) return
      reading ??= readAgain().finally(() => {
        reading = undefined
      })
      await reading
    },
  }
}

function follow(latest: () => KeyRing): KeyRing {
  return {
    get currentId() {
      return latest().currentId
    },
    get ticketKeys() {
      return latest().ticketKeys
    },
    get invitationKeys() {
      return latest().invitationKeys
    },
    gateKeys: room => latest().gateKeys(room),
    drawKey: id => latest().drawKey(id),
    passSigner: room => latest().passSigner(room),
    publicKeys: room => latest().publicKeys(room),
    get operatorToken() {
      return latest().operatorToken
    },
    isOperatorToken: token => latest().isOperatorToken(token),
  }
}

function inTime<Value>(value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('reading the keys took too long')), READ_MS_MAX)
  })
  return Promise.race([value, late]).finally(() => clearTimeout(timer))
}
