/** What lies in the edge's function itself, and what in its key value store. */

/** Written into the function when it is built: a change of it is a deployment. */
export interface EdgeConfig {
  readonly room: string
  /** `<roomUrl>/r/<room>` */
  readonly waitingUrl: string
  /** Where browsers without a session are sent: the waiting page, or the open way. */
  readonly wayUrl: string
  /** The showroom's origin; empty where it is that of each request. */
  readonly publicOrigin: string
  /** Patterns that `../edge-options.ts` makes. */
  readonly protect: RegExp
  readonly bypass: RegExp
  /** Where an ended session is honoured for `graceSeconds`. */
  readonly gracePaths: RegExp
  readonly graceSeconds: number
}

/** Under which key the store has what can change at any time (`EdgeStored`). */
export function edgeStoreKey(room: string): string {
  return `gate.${room}`
}

/** One value of the store, JSON, at most 1 KB: read once for each request that needs it. */
export interface EdgeStored {
  /** The room's gate keys, the current one first: it signs sessions, all of them are accepted. */
  readonly keys: readonly EdgeKey[]
  /** `GateMode` of every gate. Absent it is `on`. */
  readonly mode?: 'on' | 'off' | { readonly openUntilMs: number }
}

/** The keys in a value of the store, whatever else lies in it. */
export function keysIn(stored: unknown): readonly EdgeKey[] {
  const keys = fieldsOf(stored).keys
  return Array.isArray(keys) ? keys.filter(isKey) : []
}

/** A gate is on unless the store says clearly that it is not. */
export function modeIn(stored: unknown, nowMs: number): 'on' | 'off' | 'open' {
  const mode = fieldsOf(stored).mode
  if (mode === 'off') return mode
  const openUntilMs = fieldsOf(mode).openUntilMs
  return Number.isFinite(openUntilMs) && nowMs < Number(openUntilMs) ? 'open' : 'on'
}

/** 32 bytes are 43 characters. */
function isKey(key: unknown): boolean {
  const secret = fieldsOf(key).secret
  return typeof secret === 'string' && /^[A-Za-z0-9_-]{43}/.test(secret)
}

/** The fields of anything at all; what is no object has none. */
export function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return Object(value)
}

/** A key as the store has it. */
export interface EdgeKey {
  readonly id: string
  /** 32 bytes and more, base64url. */
  readonly secret: string
}
