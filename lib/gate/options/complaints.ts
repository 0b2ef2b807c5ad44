/** What is wrong with the options of a gate, each in a sentence that names the option. */
import { type Bounds, wholeNumberComplaint } from '../../queue/complaint.ts'
import { ROOM_ID, ROOM_ID_RULE } from '../../queue/limits.ts'
import type { SigningKey } from '../../queue/tokens/token.ts'
import { ENDED_GRACE_SECONDS, KEY_BYTES_MIN } from './limits.ts'
import type { GateMode } from './options.ts'
import { pathRuleComplaint } from './path-rules.ts'

/** What is wrong with the room that a showroom names. */
export function roomComplaints(room: string, roomUrl: string): string[] {
  return [
    ...(typeof room === 'string' && ROOM_ID.test(room) ? [] : [`room: an id has ${ROOM_ID_RULE}`]),
    ...(isPlainAddress(roomUrl) ? [] : ['roomUrl: an http(s) address without a query is allowed']),
    ...(/[^/]\/r(?:\/|$)/.test(roomUrl) ? ['roomUrl: what stands before /r/ is allowed'] : []),
  ]
}

export function listComplaints([option, rules]: [string, readonly string[]]): string[] {
  const isList = Array.isArray(rules) && rules.every(rule => typeof rule === 'string')
  return isList ? [] : [`${option}: a list of paths is allowed`]
}

export function keyComplaints(keys: readonly SigningKey[]): string[] {
  const ids = new Set(keys.map(key => key.id))
  return [
    ...(keys.length > 0 ? [] : ['keys: at least one key is needed, none came']),
    ...(ids.size === keys.length && !ids.has('') ? [] : ['keys: each key has an id of its own']),
    ...(keys.every(key => key.secret.length >= KEY_BYTES_MIN)
      ? []
      : [`keys: a secret has at least ${KEY_BYTES_MIN} bytes`]),
  ]
}

export function modeComplaints(mode: GateMode): string[] {
  if (mode === 'on' || mode === 'off') return []
  const stated = typeof mode === 'object' && Number.isFinite(mode.openUntilMs)
  return stated ? [] : ["mode: 'on', 'off' or open until a stated time is allowed"]
}

export function graceComplaints(seconds: number | undefined, paths: readonly string[]): string[] {
  if (seconds === undefined) return []
  if (paths.length === 0)
    return [`graceSeconds: ${seconds} came, which does nothing without gracePaths`]
  return rangeComplaints('graceSeconds', seconds, ENDED_GRACE_SECONDS)
}

export function rangeComplaints(option: string, value: number, bounds: Bounds): string[] {
  return complaint(option, wholeNumberComplaint(value, bounds))
}

export function bypassComplaint(rule: string): string | undefined {
  return rule === '/*'
    ? "/* would bypass everything; mode 'off' says that"
    : pathRuleComplaint(rule)
}

export function complaint(option: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`${option}: ${text}`]
}

export function isPlainAddress(text: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(text) || /[?#\s\\]/.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
