/** What is written into the key value store: the gate keys, beside the mode that an operator set. */
import type { SigningKey } from '../../queue/tokens/token.ts'
import { type EdgeStored, fieldsOf, keysIn, modeIn } from './request/edge-config.ts'

/** AWS: "Maximum size of an individual value" of a key value store. */
export const EDGE_VALUE_BYTES_MAX = 1_024
/**
 * Keys that the edge is given. Master keys are stored for ever, for draws; a gate needs the one that
 * signs, the one that signs next, and those whose sessions may still run.
 */
export const EDGE_KEYS_MAX = 4

export type EdgeMode = NonNullable<EdgeStored['mode']>

/** What a text from the store says, as the gate at the edge reads it (`test/gate/edge/stored.test.ts`). */
export interface EdgeReading {
  readonly keyIds: readonly string[]
  readonly mode: EdgeMode
}

/** @param text as it lies in the store. */
export function readEdgeValue(text: string, nowMs: number): EdgeReading {
  const stored = parsed(text)
  return { keyIds: keysIn(stored).map(key => key.id), mode: modeOf(stored, nowMs) }
}

/**
 * The value with these keys. The mode in it stays as the operator set it.
 * @param text as it lies in the store; undefined where there is none.
 * @param keys of the room, the current one first, then from the oldest on.
 * @param initialMode of a gate that had no value.
 * @throws Error for keys that do not fit; the message holds nothing of them.
 */
export function withKeys(
  text: string | undefined,
  keys: readonly SigningKey[],
  initialMode: 'on' | 'off',
  nowMs: number,
): string {
  const [current, ...others] = keys
  if (current === undefined) throw new Error('a gate needs a key')
  const given = [current, ...others.slice(-(EDGE_KEYS_MAX - 1))].map(({ id, secret }) => ({
    id,
    secret: Buffer.from(secret).toString('base64url'),
  }))
  const mode = text === undefined ? initialMode : modeOf(parsed(text), nowMs)
  return textOf({ keys: given, mode })
}

/** The value with another mode and the same keys. */
export function withMode(text: string, mode: EdgeMode): string {
  return textOf({ keys: keysIn(parsed(text)), mode })
}

function textOf(stored: Required<EdgeStored>): string {
  const value = JSON.stringify(stored)
  const bytes = Buffer.byteLength(value)
  if (bytes <= EDGE_VALUE_BYTES_MAX) return value
  throw new Error(
    `the keys of the gate take ${bytes} bytes, and the store takes ${EDGE_VALUE_BYTES_MAX}: their ids are too long`,
  )
}

/** A time that has gone by, and anything else that does not open a gate, is `on`. */
function modeOf(stored: unknown, nowMs: number): EdgeMode {
  const mode = modeIn(stored, nowMs)
  if (mode !== 'open') return mode
  return { openUntilMs: Number(fieldsOf(fieldsOf(stored).mode).openUntilMs) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
